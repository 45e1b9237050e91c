"""Logs of child processes: bounded while they write, and those of a process that ended are kept."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fitness_assets.live.processes.logs import KEPT_LOGS, bound_log
from fitness_assets.live.processes.managed_process import ManagedProcess
from fitness_assets_tests.waiting import wait_until

pytestmark = pytest.mark.programs

WRITER = """
import itertools, time
for number in itertools.count():
    print(f"line {number:09d} " + "x" * 80, flush=True)
    time.sleep(0.0002)
"""


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[ManagedProcess]:
    process = ManagedProcess("writer", [sys.executable, "-c", WRITER], tmp_path / "writer.log", {})
    yield process
    process.kill()


def logs(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.log*"))


def numbers(log: Path) -> list[int]:
    return [int(line.split()[1]) for line in log.read_text().splitlines() if line.startswith("line")]


def test_a_log_stays_small_while_the_process_writes(writer: ManagedProcess, tmp_path: Path) -> None:
    for _ in range(KEPT_LOGS + 3):
        wait_until(lambda: writer.log.stat().st_size > 20_000, 30)
        bound_log(writer.log, 10_000)
    wait_until(lambda: writer.log.stat().st_size > 1_000, 30)
    assert [log.name for log in logs(tmp_path)] == ["writer.log", "writer.log.1", "writer.log.2"]
    assert b"\0" not in writer.log.read_bytes(), "it goes on at the new end, not where it was"
    order = [numbers(log) for log in reversed(logs(tmp_path))]
    written = [number for part in order for number in part]
    assert written == sorted(written), "the oldest lines are in the oldest log"


def test_a_small_log_and_none_are_left_alone(tmp_path: Path) -> None:
    bound_log(tmp_path / "none.log")
    (tmp_path / "small.log").write_text("a line\n")
    bound_log(tmp_path / "small.log")
    assert [log.name for log in logs(tmp_path)] == ["small.log"]


def test_what_crashed_processes_said_last_is_kept_of_the_latest(tmp_path: Path) -> None:
    for number in range(KEPT_LOGS + 2):
        process = ManagedProcess("crash", ["sh", "-c", f"echo crash {number}; exit 1"], tmp_path / "crash.log", {})
        wait_until(lambda process=process: not process.is_running, 30)  # type: ignore[misc]  # bound in the loop
    assert [log.read_text() for log in logs(tmp_path)] == ["crash 3\n", "crash 2\n", "crash 1\n"]


def test_a_disk_without_room_ends_nothing(
    writer: ManagedProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", no_room)
    wait_until(lambda: writer.log.stat().st_size > 20_000, 30)
    bound_log(writer.log, 10_000)
    assert [log.name for log in logs(tmp_path)] == ["writer.log"]
    time.sleep(0.1)
    assert writer.is_running
