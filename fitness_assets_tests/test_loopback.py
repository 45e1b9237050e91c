"""Who is connected to a server on loopback, as the kernel tells it."""

import socket
import subprocess
from collections.abc import Iterator

import pytest

from fitness_assets import loopback
from fitness_assets.loopback import is_loopback_host, is_own_user
from fitness_assets_tests.other_user import OTHER_USER, other_users_python
from fitness_assets_tests.waiting import wait_until

CONNECT = """
import socket, sys
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sys.stdin.read()
"""


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::ffff:127.0.0.1")])
def test_we_are_our_own_user_however_we_connect(
    server: socket.socket, family: socket.AddressFamily, address: str
) -> None:
    with socket.socket(family) as client:
        client.connect((address, port_of(server)))
        connection, (_, client_port) = server.accept()
        with connection:
            assert is_own_user(client_port, port_of(server))
            assert not is_own_user(port_of(server), port_of(server)), "nobody is connected from there"


@pytest.mark.skipif(OTHER_USER is None, reason="only root can connect as somebody else")
def test_somebody_else_is_not_also_once_he_hung_up(server: socket.socket) -> None:
    command = [other_users_python(), "-c", CONNECT, str(port_of(server))]
    with subprocess.Popen(command, user=OTHER_USER, group=OTHER_USER, stdin=subprocess.PIPE) as client:
        connection, (_, client_port) = server.accept()
        with connection:
            assert not is_own_user(client_port, port_of(server))
            client.communicate()
            wait_until(lambda: connection.recv(1) == b"", 10)
            assert not is_own_user(client_port, port_of(server)), "his end is nobody's now, which the kernel calls root"


def test_where_the_kernel_tells_nothing_everybody_is_answered_and_only_there(
    server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = dict(loopback._TABLES)
    monkeypatch.setattr(loopback, "_TABLES", {"/nowhere/tcp": ""})
    assert is_own_user(1, port_of(server))
    monkeypatch.setattr(loopback, "_TABLES", {**tables, "/nowhere/tcp6": ""})
    assert not is_own_user(1, port_of(server)), "a machine without IPv6 tells of IPv4"


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1:3000", True),
        ("localhost", True),
        ("LOCALHOST:3000", True),
        ("[::1]:3000", True),
        ("", False),
        ("[", False),
        ("127.0.0.1.evil.example", False),
        ("evil.example:127.0.0.1", False),
        ("localhost.evil.example:3000", False),
        ("0.0.0.0:3000", False),
    ],
)
def test_the_names_of_loopback(host: str, is_ours: bool) -> None:
    assert is_loopback_host(host) is is_ours
