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
from fitness_assets.live.engine import EngineServer, engine_of
from fitness_assets.live.left_over import LeftOver
from fitness_assets.live.ports import answers
from fitness_assets.settings import Settings


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EngineServer]:
    server = EngineServer(Settings(tmp_path))
    yield server
    server.stop()


def test_an_engine_is_shared_comes_back_at_its_address_and_leaves_nothing(server: EngineServer, tmp_path: Path) -> None:
    with pytest.raises(StackError, match="fitness-assets engine start"):
        engine_of(Settings(tmp_path))
    first = server.start("1g")
    assert server.start() == first == engine_of(Settings(tmp_path))
    assert stat.S_IMODE((server.folder / "engine.json").stat().st_mode) == 0o600
    assert first.token not in Path(f"/proc/{first.pid}/cmdline").read_text()
    assert refuses_without_its_token(first.port)
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    assert not first.running
    again = server.start("1g")
    assert (again.port, again.token) == (first.port, first.token)
    assert server.stop()
    assert not again.running and not answers(again.port)
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
    left_over = LeftOver(tmp_path / "processes.json")
    assert left_over.end() == []
    pid = os.spawnlp(os.P_NOWAIT, "setsid", "setsid", "sleep", "60")
    while b"sleep\0" not in Path(f"/proc/{pid}/cmdline").read_bytes()[:6]:
        time.sleep(0.01)
    left_over.note({"sleeper": pid})
    noted = (tmp_path / "processes.json").read_text()
    (tmp_path / "processes.json").write_text(noted.replace('", ', '", ').replace(f"[{pid}, ", f"[{os.getpid()}, "))
    assert left_over.end() == []
    left_over.note({"sleeper": pid})
    assert left_over.end() == ["sleeper"]
    assert os.waitpid(pid, 0)[0] == pid
