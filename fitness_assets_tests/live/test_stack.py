"""`make live` as a person uses it: it starts, what lands and what is produced reaches silver, what dies comes back."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.live.engine import EngineServer
from fitness_assets.live.ports import answers, free_port
from fitness_assets.settings import Settings

PATIENCE_SECONDS = 240.0


class Live:
    """The command in a process of its own, in a base folder of its own."""

    def __init__(self, base: Path) -> None:
        self.settings = Settings(base)
        self.ui, self.kafka, self.dashboard = free_port(), free_port(), free_port()
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> "subprocess.Popen[str]":
        ports = ["--port", str(self.ui), "--kafka-port", str(self.kafka), "--dashboard-port", str(self.dashboard)]
        options = [*ports, "--memory", "2g", "--produce", "--people 5"]
        command = [sys.executable, "-u", "-m", "fitness_assets.cli.main", "live", *options]
        environment = os.environ | {"FITNESS_BASE_DIR": str(self.settings.base_dir)}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return self.process

    def read_until(self, seen: str) -> str:
        assert self.process is not None and self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if seen in line:
                return said
        raise AssertionError(f"{seen!r} was not said, but:\n{said}")

    def rows(self, name: str) -> int:
        return Lakehouse(self.settings).log(get_table(name)).row_count()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    live = Live(tmp_path / "base")
    yield live
    if live.process is not None and live.process.poll() is None:
        live.process.send_signal(signal.SIGINT)
        live.process.communicate(timeout=120)


def wait_for(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.5)


def test_a_port_that_is_taken_is_found_before_anything_starts(live: Live) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", live.kafka))
        other.listen()
        said, _ = live.start().communicate(timeout=60)
    assert live.process is not None and live.process.returncode == 1
    assert f"Port {live.kafka} is taken" in said and "Traceback" not in said
    assert not (live.settings.base_dir / "live" / "broker").exists()


def test_it_runs_by_itself_brings_back_what_dies_and_leaves_nothing_running(live: Live) -> None:
    live.start()
    said = live.read_until("Ctrl-C ends all of it")
    assert "Dagster" in said and f"Dashboard     http://127.0.0.1:{live.dashboard}" in said
    assert answers(live.dashboard)
    wait_for(lambda: live.rows("silver_db.heart_rate") > 0 and live.rows("silver_db.users") > 0)
    engine = EngineServer(live.settings).found()
    assert engine is not None
    os.kill(engine.pid, signal.SIGKILL)
    live.read_until("engine ended; it is started again")
    live.read_until("engine       ready")
    before = live.rows("silver_db.heart_rate")
    wait_for(lambda: live.rows("silver_db.heart_rate") > before)
    assert live.process is not None
    live.process.send_signal(signal.SIGINT)
    said, _ = live.process.communicate(timeout=120)
    assert live.process.returncode == 0 and "All of it is stopped" in said
    again = EngineServer(live.settings).found()
    assert again is not None and not again.running
    assert not any(answers(port) for port in (live.ui, live.kafka, live.dashboard, again.port))
