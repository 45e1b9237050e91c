"""The producer: events at a pace, until they are enough or it is stopped, and everything delivered."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest

from fitness_assets.cli.main import main
from fitness_assets.errors import FitnessError, SinkError
from fitness_assets.sample.people import Event
from fitness_assets.sample.replay import Pace, replay
from fitness_assets.sample.sink import SplitSink
from fitness_assets.stop_signal import StopSignal
from fitness_assets_tests.waiting import wait_until

START = 1_780_000_000


class MemorySink:
    """A sink that keeps what it is sent."""

    def __init__(self, fails: bool = False) -> None:
        self.events: list[Event] = []
        self.batch_sizes: list[int] = []
        self.closed = False
        self._fails = fails

    def send(self, events: Sequence[Event]) -> None:
        if self._fails:
            raise SinkError("The other end is gone.")
        self.events += events
        self.batch_sizes.append(len(events))

    def close(self) -> None:
        self.closed = True

    def delivered(self) -> dict[str, int]:
        return {"memory": len(self.events)}


class Clock:
    """Time passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def readings(per_second: int) -> Iterator[Event]:
    return ((START + number / per_second, "bpm", str(number)) for number in count())


def test_a_rate_gives_that_many_records_a_second_whatever_their_times() -> None:
    clock, sink = Clock(), MemorySink()
    result = replay(
        readings(per_second=1),
        START,
        sink,
        Pace(rate=200, max_seconds=10),
        StopSignal(),
        clock=clock,
        sleep=clock.sleep,
    )
    assert result.records == 2000 and result.seconds == pytest.approx(10)
    assert max(sink.batch_sizes) <= 21


def test_a_speed_of_60_plays_a_minute_in_each_second() -> None:
    clock, sink = Clock(), MemorySink()
    replay(
        readings(per_second=1),
        START,
        sink,
        Pace(speed=60, max_seconds=10),
        StopSignal(),
        clock=clock,
        sleep=clock.sleep,
    )
    assert len(sink.events) == 601
    assert max(sink.batch_sizes) <= 7


def test_playing_ends_with_the_last_record_asked_for_and_closes_the_sink() -> None:
    clock, sink = Clock(), MemorySink()
    lines: list[str] = []
    pace = Pace(rate=1000, max_records=12_345)
    result = replay(readings(1), START, sink, pace, StopSignal(), lines.append, clock, clock.sleep)
    assert result.records == 12_345 == result.delivered["memory"] and sink.closed
    assert len(lines) == 2 and "1,000/s" in lines[1] and "memory 10," in lines[1]


def test_when_a_sink_fails_the_others_still_deliver() -> None:
    clock, files = Clock(), MemorySink()
    sink = SplitSink(MemorySink(fails=True), files)
    with pytest.raises(FitnessError, match="gone"):
        replay(readings(1), START, sink, Pace(rate=10), StopSignal(), clock=clock, sleep=clock.sleep)
    assert files.closed


def test_topics_go_to_files_when_the_tables_go_to_sql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "FITNESS_ENV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FITNESS_BASE_DIR", str(tmp_path))
    monkeypatch.setenv("FITNESS_SQL_URL", f"sqlite:///{tmp_path}/app.db")
    options = "--to sql --people 4 --rate 1e6 --records 1000 --start 2026-01-31T12:00:00Z"
    assert main(["produce", *options.split()]) == 0
    with sqlite3.connect(tmp_path / "app.db") as db:
        ((first,),) = db.execute("SELECT min(registration_timestamp) FROM registered_users").fetchall()
    assert 1_769_860_800 <= first < 1_769_860_805
    landed = {folder.name for folder in (tmp_path / "data_zone/raw").iterdir()}
    assert landed == {"date_lookup", "kafka_multiplex_bz"}
    output = capsys.readouterr().out
    assert "The topics go to files in" in output and "Stopped. 1,000 records" in output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_well_with_all_files_complete(tmp_path: Path, number: signal.Signals) -> None:
    environment = {**os.environ, "FITNESS_BASE_DIR": str(tmp_path)}
    options = ["--to", "files", "--people", "3", "--rate", "500", "--file-seconds", "0.3"]
    process = subprocess.Popen(
        [sys.executable, "-m", "fitness_assets.cli.main", "produce", *options],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    folder = tmp_path / "data_zone/raw/kafka_multiplex_bz"
    wait_until(lambda: list(folder.glob("[!_]*.json")), 60)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    landed = [file for file in (tmp_path / "data_zone/raw").rglob("*.*") if "date_lookup" not in file.name]
    assert not [file.name for file in landed if file.name.startswith("_") or file.name.endswith(".tmp")]
    records = sum(len(file.read_text().splitlines()) - (file.suffix == ".csv") for file in landed)
    assert f"Stopped. {records:,} records" in output and f"delivered: files {records:,}." in output
