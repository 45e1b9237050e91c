"""The producer: events at a pace, until they are enough or it is stopped, and everything delivered."""

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest

from fitness_assets.cli.produce import add_parser, produce
from fitness_assets.errors import FitnessError, SinkError
from fitness_assets.sample.people import Event
from fitness_assets.sample.player import Pace, Stop, play
from fitness_assets.sample.sinks import Split

START = 1_780_000_000

PRODUCE = """
import argparse, sys
from fitness_assets.cli.produce import add_parser, produce
parser = argparse.ArgumentParser()
add_parser(parser.add_subparsers())
sys.exit(produce(parser.parse_args(["produce", *sys.argv[1:]])))
"""


class Remembering:
    """A sink that keeps what it is sent."""

    def __init__(self, fails: bool = False) -> None:
        self.events: list[Event] = []
        self.sent: list[int] = []
        self.closed = False
        self._fails = fails

    def send(self, events: Sequence[Event]) -> None:
        if self._fails:
            raise SinkError("The other end is gone.")
        self.events += events
        self.sent.append(len(events))

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
    clock, sink = Clock(), Remembering()
    played = play(
        readings(per_second=1), START, sink, Pace(rate=200, seconds=10), Stop(), clock=clock, sleep=clock.sleep
    )
    assert played.records == 2000 and played.seconds == pytest.approx(10)
    assert max(sink.sent) <= 21


def test_a_speed_of_60_plays_a_minute_in_each_second() -> None:
    clock, sink = Clock(), Remembering()
    play(readings(per_second=1), START, sink, Pace(speed=60, seconds=10), Stop(), clock=clock, sleep=clock.sleep)
    assert len(sink.events) == 601
    assert max(sink.sent) <= 7


def test_playing_ends_with_the_last_record_asked_for_and_closes_the_sink() -> None:
    clock, sink = Clock(), Remembering()
    lines: list[str] = []
    pace = Pace(rate=1000, records=12_345)
    played = play(readings(1), START, sink, pace, Stop(), lines.append, clock, clock.sleep)
    assert played.records == 12_345 == played.delivered["memory"] and sink.closed
    assert len(lines) == 2 and "1,000/s" in lines[1] and "memory 10," in lines[1]


def test_when_a_sink_fails_the_others_still_deliver() -> None:
    clock, files = Clock(), Remembering()
    sink = Split(Remembering(fails=True), files)
    with pytest.raises(FitnessError, match="gone"):
        play(readings(1), START, sink, Pace(rate=10), Stop(), clock=clock, sleep=clock.sleep)
    assert files.closed


def test_topics_go_to_files_when_the_tables_go_to_sql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "FITNESS_ENV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FITNESS_BASE_DIR", str(tmp_path))
    monkeypatch.setenv("FITNESS_SQL_URL", f"sqlite:///{tmp_path}/app.db")
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    options = "--to sql --people 4 --rate 1e6 --records 1000 --start 2026-01-31T12:00:00Z"
    assert produce(parser.parse_args(["produce", *options.split()])) == 0
    with sqlite3.connect(tmp_path / "app.db") as db:
        ((first,),) = db.execute("SELECT min(registration_timestamp) FROM registered_users").fetchall()
    assert 1_769_860_800 <= first < 1_769_860_805
    landed = {folder.name for folder in (tmp_path / "data_zone/raw").iterdir()}
    assert landed == {"date_lookup", "kafka_multiplex_bz"}
    said = capsys.readouterr().out
    assert "The topics go to files in" in said and "Stopped. 1,000 records" in said


@pytest.mark.parametrize("ask", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_well_with_all_files_complete(tmp_path: Path, ask: signal.Signals) -> None:
    environment = {**os.environ, "FITNESS_BASE_DIR": str(tmp_path)}
    options = ["--to", "files", "--people", "3", "--rate", "500", "--file-seconds", "0.3"]
    child = subprocess.Popen(
        [sys.executable, "-c", PRODUCE, *options], env=environment, stdout=subprocess.PIPE, text=True
    )
    folder = tmp_path / "data_zone/raw/kafka_multiplex_bz"
    deadline = time.monotonic() + 60
    while not list(folder.glob("[!_]*.json")) and time.monotonic() < deadline:
        time.sleep(0.1)
    child.send_signal(ask)
    said, _ = child.communicate(timeout=60)
    assert child.returncode == 0, said
    landed = [file for file in (tmp_path / "data_zone/raw").rglob("*.*") if "date_lookup" not in file.name]
    assert not [file.name for file in landed if file.name.startswith("_") or file.name.endswith(".tmp")]
    records = sum(len(file.read_text().splitlines()) - (file.suffix == ".csv") for file in landed)
    assert f"Stopped. {records:,} records" in said and f"delivered: files {records:,}." in said
