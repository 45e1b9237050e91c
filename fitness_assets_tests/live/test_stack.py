"""`make live` as a person uses it: it starts, what lands and what is produced reaches silver, what dies comes back."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fitness_assets.contracts.registry import get_table
from fitness_assets.engine.spark_session import get_spark_session
from fitness_assets.lakehouse import open_lakehouse
from fitness_assets.live.engine.server import EngineServer
from fitness_assets.live.processes.ports import free_port, is_listening
from fitness_assets.settings import Settings
from fitness_assets_tests.child_secrets import secrets_of, with_secrets
from fitness_assets_tests.waiting import wait_until

pytestmark = pytest.mark.programs

TIMEOUT_SECONDS = 240.0


class Live:
    """The command in a process of its own, in a base folder of its own."""

    def __init__(self, base: Path) -> None:
        self.settings = Settings(base_dir=base)
        self.ui, self.kafka, self.dashboard = free_port(), free_port(), free_port()
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> "subprocess.Popen[str]":
        ports = ["--port", str(self.ui), "--kafka-port", str(self.kafka), "--dashboard-port", str(self.dashboard)]
        options = [*ports, "--memory", "2g", "--produce", "--people 5"]
        command = [sys.executable, "-u", "-m", "fitness_assets.cli.main", "live", *options]
        environment = with_secrets(FITNESS_BASE_DIR=str(self.settings.base_dir), FITNESS_SQL_URL="")
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return self.process

    def read_until(self, text: str) -> str:
        assert self.process is not None and self.process.stdout is not None
        output = ""
        for line in self.process.stdout:
            output += line
            if text in line:
                return output
        raise AssertionError(f"{text!r} was not said, but:\n{output}")

    def pids(self) -> dict[str, int]:
        noted = json.loads((self.settings.base_dir / "live" / "processes.json").read_text())
        return {name: pid for name, (pid, _) in noted.items()}

    def rows(self, table_name: str) -> int:
        return open_lakehouse(self.settings, get_spark_session).log(get_table(table_name)).row_count()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    live = Live(tmp_path / "base")
    yield live
    if live.process is not None and live.process.poll() is None:
        live.process.send_signal(signal.SIGINT)
        live.process.communicate(timeout=120)


def test_a_port_that_is_taken_is_found_before_anything_starts(live: Live) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", live.kafka))
        listener.listen()
        output, _ = live.start().communicate(timeout=60)
    assert live.process is not None and live.process.returncode == 1
    assert f"Port {live.kafka} is taken" in output and "Traceback" not in output
    assert not (live.settings.base_dir / "live" / "broker").exists()


def test_it_runs_by_itself_brings_back_what_dies_and_leaves_nothing_running(live: Live) -> None:
    live.start()
    output = live.read_until("Ctrl-C ends all of it")
    assert "Dagster" in output and f"Dashboard     http://127.0.0.1:{live.dashboard}" in output
    assert is_listening(live.dashboard)
    wait_until(lambda: live.rows("silver_db.heart_rate") and live.rows("silver_db.users"), TIMEOUT_SECONDS, 0.5)
    theirs = {name: secrets_of(pid) for name, pid in live.pids().items()}
    assert theirs.pop("Dagster") == {
        "DATABRICKS_TOKEN",
        "AZURE_CLIENT_SECRET",
        "AWS_SECRET_ACCESS_KEY",
        "SOMEBODYS_API_KEY",
        "FITNESS_ALERT_WEBHOOKS",
    }
    assert theirs == {"Kafka broker": set(), "engine": set(), "dashboard": set(), "producer": set()}
    engine = EngineServer(live.settings).last_started()
    assert engine is not None
    os.kill(engine.pid, signal.SIGKILL)
    live.read_until("engine ended; it is started again")
    live.read_until("engine       ready")
    before = live.rows("silver_db.heart_rate")
    wait_until(lambda: live.rows("silver_db.heart_rate") > before, TIMEOUT_SECONDS, 0.5)
    assert live.process is not None
    live.process.send_signal(signal.SIGINT)
    output, _ = live.process.communicate(timeout=120)
    assert live.process.returncode == 0 and "All of it is stopped" in output
    again = EngineServer(live.settings).last_started()
    assert again is not None and not again.is_running
    assert not any(is_listening(port) for port in (live.ui, live.kafka, live.dashboard, again.port))
