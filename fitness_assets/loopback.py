"""Who asks a server on loopback: by which name, and as which user of this machine.

Every user of a machine reaches its loopback, and every web page that the browser shows can send requests there.
"""

import os
import socket
import struct
from pathlib import Path
from urllib.parse import urlsplit

_NAMES = {"127.0.0.1", "localhost", "::1"}
_CONNECTIONS = Path("/proc/net/tcp")
_ESTABLISHED = "01"


def is_loopback_host(host: str) -> bool:
    """Whether a `Host` header names loopback, with any port.

    A page elsewhere can point its own name at 127.0.0.1 and then read what a server on this machine answers; only the
    host that it asks for gives it away.
    """
    try:
        return urlsplit(f"//{host}").hostname in _NAMES
    except ValueError:
        return False


def is_own_user(client_port: int, server_port: int) -> bool:
    """Whether who is connected to our port on 127.0.0.1 is our own user, or root, who may read everything anyway.

    The kernel says whose socket the other end is. Where it does not (it is no Linux) everybody counts as ours. An end
    that is closed already belongs to nobody and would count as root's, so only one that is open is believed.
    """
    try:
        lines = _CONNECTIONS.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return True
    ends = [_end(client_port), _end(server_port)]
    for local, remote, state, *rest in (line.split()[1:] for line in lines):
        if [local, remote] == ends:
            return state == _ESTABLISHED and int(rest[3]) in (os.getuid(), 0)
    return False


def _end(port: int) -> str:
    """An end of a connection as the kernel writes it: the address's bytes as one number of this machine."""
    (address,) = struct.unpack("=I", socket.inet_aton("127.0.0.1"))
    return f"{address:08X}:{port:04X}"
