"""Dagster as `make ui` and the live stack serve it: to its own pages and its own user, and to nobody else."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from fitness_assets.live.processes.ports import free_port, is_listening
from fitness_assets.process import is_alive
from fitness_assets_tests.child_secrets import SECRETS, secrets_of, with_secrets
from fitness_assets_tests.other_user import OTHER_USER, get_as_other_user
from fitness_assets_tests.waiting import wait_until

pytestmark = pytest.mark.programs

VERSION_QUERY = json.dumps({"query": "{ version }"}).encode()
JSON = {"Content-Type": "application/json"}


class Ui:
    """`fitness-assets ui` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-u", "-m", "fitness_assets.cli.main", "ui", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--home", str(folder / "dagster")],
            env=with_secrets(FITNESS_BASE_DIR=str(folder / "base")),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "Ctrl-C ends it" in line:
                return
        raise AssertionError("it did not start")

    def status(self, path: str, body: bytes | None = None, **headers: str) -> int:
        """The status of an answer; names of headers are written with `_`."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        try:
            with urlopen(Request(self.url + path, body, named), timeout=60) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code

    def children(self) -> dict[str, int]:
        """What it started, by the word of the command line that tells one from another."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        lines = {int(pid): Path(f"/proc/{pid}/cmdline").read_text() for pid in pids}
        words = ("code-server", "_daemon", "web_server")
        return {word: pid for pid, line in lines.items() for word in words if word in line}

    def wait_for_the_end(self) -> str:
        return self.process.communicate(timeout=60)[0]


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    ui = Ui(tmp_path_factory.mktemp("ui"))
    yield ui
    if ui.process.poll() is None:
        ui.process.terminate()
        ui.wait_for_the_end()


def test_its_own_names_are_answered_and_another_hosts_is_not(ui: Ui) -> None:
    for host in (f"127.0.0.1:{ui.port}", f"localhost:{ui.port}", "localhost", "[::1]:3000"):
        assert ui.status("/", Host=host) == 200, host
    for host in ("evil.example", f"evil.example:{ui.port}", "127.0.0.1.evil.example", "[", "localhost@evil.example"):
        assert ui.status("/", Host=host) == 403, host
        assert ui.status("/graphql", VERSION_QUERY, Host=host, **JSON) == 403, host


def test_another_web_page_can_neither_ask_nor_do_anything(ui: Ui) -> None:
    assert ui.status("/graphql", VERSION_QUERY, **JSON) == 200
    assert ui.status("/graphql", VERSION_QUERY, Origin=ui.url, **JSON) == 200
    for origin in ("http://evil.example", "null", f"http://127.0.0.1:{ui.port + 1}", "http://127.0.0.1"):
        assert ui.status("/graphql", VERSION_QUERY, Origin=origin, **JSON) == 403, origin
    # What a browser sends without asking the server first, and says no origin of.
    for content_type in ("text/plain", "text/plain; application/json", "application/x-www-form-urlencoded"):
        assert ui.status("/graphql?query=%7Bversion%7D", VERSION_QUERY, Content_Type=content_type) == 403, content_type
        assert ui.status("/report_asset_materialization/a", b"", Content_Type=content_type) == 403, content_type
    for query in ("/graphql?query=%7Bversion%7D", "/graphql?%71uery=%7Bversion%7D", "/%67raphql?query=%7Bversion%7D"):
        assert ui.status(query) == 403, query
    assert ui.status("/graphql", Accept="text/html") == 200
    assert ui.status("/server_info", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors") == 403
    followed = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert ui.status("/runs", None, **followed, Sec_Fetch_Dest="document") == 200
    assert ui.status("/runs", None, **followed, Sec_Fetch_Dest="iframe") == 403
    with urlopen(ui.url, timeout=60) as answer:
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_websocket_is_opened_by_its_own_pages_alone(ui: Ui) -> None:
    address, protocols = f"ws://127.0.0.1:{ui.port}/graphql", [Subprotocol("graphql-ws")]
    with connect(address, origin=Origin(ui.url), subprotocols=protocols) as socket:
        socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(socket.recv(30)) == {"type": "connection_ack"}
    with pytest.raises(InvalidStatus, match="403"), connect(address, origin=Origin("http://evil.example")):
        pass


@pytest.mark.skipif(OTHER_USER is None, reason="only root can ask as somebody else")
def test_another_user_of_the_machine_is_not_answered(ui: Ui) -> None:
    assert ui.status("/server_info", X_Forwarded_For="10.0.0.1") == 200
    assert get_as_other_user(f"{ui.url}/server_info") == 403


def test_passwords_are_with_our_code_and_not_with_what_answers_the_web(ui: Ui) -> None:
    children = ui.children()
    assert secrets_of(children["code-server"]) == set(SECRETS)
    of_storages = {"SOMEBODYS_API_KEY", "AZURE_CLIENT_SECRET", "AWS_SECRET_ACCESS_KEY"}
    assert secrets_of(children["web_server"]) == secrets_of(children["_daemon"]) == of_storages


def test_it_ends_with_what_it_started_and_with_each_part_of_it(ui: Ui, tmp_path: Path) -> None:
    children = ui.children()
    assert set(children) == {"code-server", "_daemon", "web_server"}
    os.kill(children["_daemon"], signal.SIGKILL)
    assert "Dagster's daemon ended with code -9" in ui.wait_for_the_end()
    assert ui.process.returncode == 1
    assert not is_listening(ui.port)
    wait_until(lambda: not any(is_alive(pid) for pid in children.values()), 30)
    again = Ui(tmp_path)
    children = again.children()
    again.process.send_signal(signal.SIGTERM)
    assert "Traceback" not in again.wait_for_the_end() and again.process.returncode == 0
    wait_until(lambda: not any(is_alive(pid) for pid in children.values()), 30)
