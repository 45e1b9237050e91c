"""An update that lost its place cannot commit."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import all_tables
from fitness_assets.errors import ConcurrentWriteError, LockUnavailableError
from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse
from fitness_assets.lakehouse.rows import limits
from fitness_assets.lakehouse.rows.rowset import RowSet, local_dataframe
from fitness_assets.lakehouse.spark.session_notes import SessionNotes
from fitness_assets.live.engine.server import EngineServer
from fitness_assets.pipeline.strategies.ingestion.file_appends import FileAppender
from fitness_assets.sample.history import sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets.settings import Settings
from fitness_assets.storage.lease import file_lease
from fitness_assets_tests.end_to_end.test_against_reference import UNTIDY, assert_equals_reference, in_batches
from fitness_assets_tests.lakehouse.readings import HEART_RATE, append, changes, lake_without_spark, readings
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS
from fitness_assets_tests.waiting import wait_until

LOGIN = "bronz_db.gym_logins_bz"


@contextmanager
def _no_lock(*_: object) -> Iterator[None]:
    yield


@pytest.mark.slow
def test_what_a_second_writer_appended_meanwhile_is_not_appended_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever became of the lock: the one that planned before the other committed plans anew."""
    monkeypatch.setattr("fitness_assets.pipeline.update.table_lock", _no_lock)
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    platform.update("bronz_db.date_lookup")
    other, is_first = Platform(platform.settings.base_dir, platform.spark), [True]
    real = FileAppender.append

    def overtaken(self: FileAppender, loads: Any) -> Any:
        if is_first:
            is_first.clear()
            other.update(LOGIN)
        return real(self, loads)

    monkeypatch.setattr(FileAppender, "append", overtaken)
    platform.update(LOGIN)
    assert not is_first
    assert platform.rows(LOGIN, "mac_address") == [("aa",)]


def test_each_commit_of_an_update_follows_the_one_before_it_or_fails(tmp_path: Path) -> None:
    lake = lake_without_spark(tmp_path)
    lake.ensure(HEART_RATE)
    with lake.fenced(HEART_RATE):
        append(lake, readings([1]))
        lake.apply_changes(HEART_RATE, changes(readings([1], 61.0), ["update"]))
        lake.compact(HEART_RATE)
        append(lake_without_spark(tmp_path), readings([2]))
        for write in _writes(lake):
            with pytest.raises(ConcurrentWriteError):
                write()
    append(lake, readings([3]))
    assert sorted(lake.rows(HEART_RATE)["device_id"].to_pylist()) == [1, 2, 3]


def _writes(lake: LocalLakehouse) -> list[Callable[[], object]]:
    return [
        lambda: append(lake, readings([4])),
        lambda: lake.append_batches(HEART_RATE, iter([readings([4])]), "{}"),
        lambda: lake.replace_batches(HEART_RATE, iter([readings([4])]), "{}"),
        lambda: lake.overwrite(HEART_RATE, RowSet.in_process(lake.spark, readings([4])), 1),
        lambda: lake.apply_changes(HEART_RATE, changes(readings([1], 62.0), ["update"])),
        lambda: lake.delete_not_null(HEART_RATE, "heartrate"),
        lambda: lake.compact(HEART_RATE),
    ]


@pytest.mark.slow
def test_spark_computes_and_commits_nothing(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """So a job that goes on after its client was killed changes no table. With few rows counted as many."""
    for name in ("LOCAL_ROWS", "SMALL_TABLE_ROWS", "SMALL_CHANGE_ROWS", "PRUNING_MIN_ROWS"):
        monkeypatch.setattr(limits, name, 3)
    monkeypatch.setattr(limits, "ROWS_PER_FILE", 40)
    monkeypatch.setattr(limits, "ROWS_PER_STRETCH", 100)
    write_calendar(platform.settings.landing_zone)
    for number, batch in enumerate(in_batches(sample_arrivals(UNTIDY), 3)):
        write_events(platform.settings.landing_zone, batch, f"batch_{number}")
        platform.update()
    assert_equals_reference(platform)
    for name in all_tables():
        history = DeltaTable(str(platform.path(name))).history()
        engines = {commit.get("engineInfo") for commit in history if commit["operation"] != "CREATE TABLE"}
        assert engines <= {"fitness_assets"}, (name, engines)
        assert not (platform.path(name) / "_staging").exists() or not any((platform.path(name) / "_staging").iterdir())


def test_many_changes_are_told_as_few_are(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lakes = [LocalLakehouse(Settings(base_dir=tmp_path / name), lambda: spark) for name in ("few", "many")]
    told = []
    for lake in lakes:
        lake.ensure(HEART_RATE)
        append(lake, readings(range(50)))
        rows = changes(readings([3, 4, 5, 90, 91], 99.0), ["update", "delete", "update", "insert", "insert"])
        if lake is lakes[1]:
            rows = RowSet.planned(lake.spark, local_dataframe(spark, rows.local))
        lake.apply_changes(HEART_RATE, rows)
        path = str(lake.path(HEART_RATE))
        feed = spark.read.format("delta").option("readChangeFeed", "true").option("startingVersion", 2).load(path)
        told.append(sorted(map(tuple, feed.drop("_commit_timestamp").collect())))
        assert lake.log(HEART_RATE).row_count() == 51
    assert told[0] == told[1]
    gone = changes(readings([4], 1.0), ["update"]).local
    stale = RowSet.planned(lakes[1].spark, local_dataframe(spark, gone))
    with pytest.raises(ConcurrentWriteError):
        lakes[1].apply_changes(HEART_RATE, stale)


def test_a_folder_that_cannot_lock_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", no_locks)
    refused = pytest.raises(LockUnavailableError, match=r"cannot lock files.*FITNESS_BASE_DIR")
    with refused, file_lease(tmp_path / "writer.lock", "silver_db.users", 1):
        pass


def test_a_lock_whose_file_was_removed_by_its_holder_is_taken_anew(tmp_path: Path) -> None:
    path = tmp_path / "writer.lock"
    with file_lease(path, "silver_db.users", 1):
        path.unlink()
        with file_lease(path, "silver_db.users", 1):
            assert f"{os.getpid()} on " in path.read_text()


@pytest.mark.programs
def test_jobs_that_a_killed_process_left_on_the_engine_are_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, notes = EngineServer(Settings(base_dir=tmp_path)), tmp_path / "sessions"
    code = f"""
import sys
from pathlib import Path
from fitness_assets.engine.spark_session import get_spark_session
from fitness_assets.lakehouse.spark.session_notes import SessionNotes
spark = get_spark_session()
SessionNotes(Path({str(notes)!r})).note(spark)
print("noted", flush=True)
spark.range(0, 10**13, 1, 2).selectExpr("sum(hash(id) % 7)").collect()
"""
    try:
        monkeypatch.setenv("SPARK_REMOTE", server.start("1g").address)
        killed = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert killed.stdout is not None and "noted" in killed.stdout.readline()
        wait_until(lambda: _cpu_seconds(server) > 15, 60, 0.2)
        killed.kill()
        killed.wait()
        (note,) = notes.glob("*.json")
        assert json.loads(note.read_text())["pid"] == killed.pid and uuid.UUID(note.stem)
        assert not _is_idle(server), "the job goes on without its client"
        SessionNotes(notes).end_orphans()
        assert not list(notes.glob("*.json"))
        wait_until(lambda: _is_idle(server), 30, 0.2)
    finally:
        server.stop()


def _cpu_seconds(server: EngineServer) -> float:
    running = server.last_started()
    assert running is not None
    fields = Path(f"/proc/{running.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _is_idle(server: EngineServer) -> bool:
    """A job that goes on takes a core, or two."""
    before = _cpu_seconds(server)
    time.sleep(2)
    return _cpu_seconds(server) - before < 0.5
