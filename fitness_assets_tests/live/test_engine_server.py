"""One warm engine: started once, found again, private, and ended by its process id."""

import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from fitness_assets.errors import StackError
from fitness_assets.live.engine.server import EngineServer, running_engine
from fitness_assets.live.processes.orphans import StartedProcesses
from fitness_assets.live.processes.ports import is_listening
from fitness_assets.settings import Settings
from fitness_assets_tests.child_secrets import SECRETS, secrets_of
from fitness_assets_tests.live.spark_ports import answer_to_a_stranger, listening_ports

pytestmark = pytest.mark.programs


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EngineServer]:
    server = EngineServer(Settings(base_dir=tmp_path))
    yield server
    server.stop()


def test_an_engine_is_shared_comes_back_at_its_address_and_leaves_nothing(
    server: EngineServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in SECRETS.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(StackError, match="fitness-assets engine start"):
        running_engine(Settings(base_dir=tmp_path))
    first = server.start("1g")
    assert server.start() == first == running_engine(Settings(base_dir=tmp_path))
    assert stat.S_IMODE((server.folder / "engine.json").stat().st_mode) == 0o600
    assert secrets_of(first.pid) == set()
    assert first.token not in Path(f"/proc/{first.pid}/cmdline").read_text()
    assert refuses_without_its_token(first.port)
    own_ports = set(listening_ports(first.pid)) - {first.port}
    assert own_ports and all(b"Expected SaslMessage" in answer_to_a_stranger(port) for port in own_ports)
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    assert not first.is_running
    shuffled = server.folder / "scratch" / "blockmgr-of-the-killed-one" / "shuffle.data"
    shuffled.parent.mkdir(parents=True)
    shuffled.write_bytes(b"rows")
    with server.log.open("a") as log:
        log.write("OutOfMemoryError\n")
    again = server.start("1g")
    assert (again.port, again.token) == (first.port, first.token)
    assert "OutOfMemoryError" in (server.folder / "engine.log.1").read_text(), "why it died can still be read"
    assert not shuffled.exists()
    assert server.stop()
    assert not again.is_running and not is_listening(again.port)
    assert not server.stop()


def refuses_without_its_token(port: int) -> bool:
    from pyspark.sql.connect.proto import ConfigRequest, SparkConnectServiceStub

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            SparkConnectServiceStub(channel).Config(ConfigRequest(session_id="x"), timeout=20)
        except grpc.RpcError as error:
            return bool(error.code() == grpc.StatusCode.UNAUTHENTICATED)
    return False


def test_what_a_killed_stack_left_running_is_ended_and_nothing_else(tmp_path: Path) -> None:
    started = StartedProcesses(tmp_path / "processes.json")
    assert started.end_orphans() == []
    pid = os.spawnlp(os.P_NOWAIT, "setsid", "setsid", "sleep", "60")
    while b"sleep\0" not in Path(f"/proc/{pid}/cmdline").read_bytes()[:6]:
        time.sleep(0.01)
    started.save({"sleeper": pid})
    recorded = (tmp_path / "processes.json").read_text()
    (tmp_path / "processes.json").write_text(recorded.replace('", ', '", ').replace(f"[{pid}, ", f"[{os.getpid()}, "))
    assert started.end_orphans() == []
    started.save({"sleeper": pid})
    assert started.end_orphans() == ["sleeper"]
    assert os.waitpid(pid, 0)[0] == pid
