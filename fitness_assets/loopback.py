"""Who asks a server on loopback: by which name, and as which user of this machine.

Every user of a machine reaches its loopback, and every web page that the browser shows can send requests there.
"""

import os
import socket
import struct
from pathlib import Path
from urllib.parse import urlsplit

_NAMES = {"127.0.0.1", "localhost", "::1"}
_ESTABLISHED = "01"


def _kernels_words(address: bytes) -> str:
    """An address as the kernel writes it: its bytes as whole numbers of this machine."""
    return "".join(f"{word:08X}" for (word,) in struct.iter_unpack("=I", address))


# Some programs, those in Java among them, reach 127.0.0.1 with a socket of IPv6.
_TABLES = {
    "/proc/net/tcp": _kernels_words(socket.inet_pton(socket.AF_INET, "127.0.0.1")),
    "/proc/net/tcp6": _kernels_words(socket.inet_pton(socket.AF_INET6, "::ffff:127.0.0.1")),
}
"""Where the kernel lists connections, and how it writes 127.0.0.1 there."""


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
    tables = {Path(table): address for table, address in _TABLES.items() if Path(table).exists()}
    for table, address in tables.items():
        ends = [f"{address}:{client_port:04X}", f"{address}:{server_port:04X}"]
        for line in table.read_text(encoding="ascii").splitlines()[1:]:
            local, remote, state, *rest = line.split()[1:]
            if [local, remote] == ends:
                return state == _ESTABLISHED and int(rest[3]) in (os.getuid(), 0)
    return not tables
