"""The ports of an engine as somebody sees them who has nothing but a socket."""

import socket
import struct
from pathlib import Path

_LISTENING = "0A"
_RPC_REQUEST = 3


def listening_ports(pid: int) -> list[int]:
    """The TCP ports on which a process accepts connections."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[len("socket:[") : -1])
    ports = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENING and fields[9] in inodes:
                ports.append(int(fields[1].rpartition(":")[2], 16))
    return ports


def answer_to_a_stranger(port: int) -> bytes:
    """What a port of Spark's answers to a remote call (its own framing) of somebody who shows no secret."""
    body = b"\xac\xed\x00\x05sr\x00\x04evil"
    message = struct.pack(">BqI", _RPC_REQUEST, 7, len(body)) + body
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(struct.pack(">q", 8 + len(message)) + message)
        connection.settimeout(10)
        answer = b""
        try:
            while chunk := connection.recv(65536):
                answer += chunk
                if len(answer) >= 8 and len(answer) >= struct.unpack(">q", answer[:8])[0]:
                    break
        except TimeoutError:
            pass
    return answer
