"""Commits by this process: what each file holds, who can read them, and what is left where they fail."""

import os
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.errors import ConcurrentWriteError
from fitness_assets.lakehouse import InRanges, RowSet, Where
from fitness_assets.lakehouse.local.commits import transaction
from fitness_assets.lakehouse.local.commits.statistics import FileStatistics
from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse
from fitness_assets.lakehouse.rows import limits
from fitness_assets.settings import Settings
from fitness_assets_tests.lakehouse.readings import HEART_RATE, NOON, append, changes, lake_without_spark, readings


@pytest.fixture
def lake(tmp_path: Path) -> LocalLakehouse:
    lake = lake_without_spark(tmp_path)
    lake.ensure(HEART_RATE)
    return lake


def stretches(lake: LocalLakehouse) -> list[tuple[datetime, datetime, int]]:
    """The first and the last time of each file, and how many rows it has."""
    files = lake.log(HEART_RATE).snapshot().files.values()
    return sorted((file.statistics.minimums["time"], file.statistics.maximums["time"], file.rows) for file in files)


def test_a_file_is_written_anew_only_if_it_holds_a_changed_row(
    lake: LocalLakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ROWS_PER_FILE", 100)
    monkeypatch.setattr(limits, "ROWS_PER_APPENDED_FILE", 100)
    append(lake, readings(range(1000)))
    before = set(lake.log(HEART_RATE).snapshot().files)
    lake.apply_changes(HEART_RATE, changes(readings([150, 151, 420], 99.0), ["update", "delete", "update"]))
    after = set(lake.log(HEART_RATE).snapshot().files)
    assert (len(before), len(before - after), len(after - before)) == (10, 2, 2)


def test_after_many_changes_anywhere_files_are_as_narrow_as_before(
    lake: LocalLakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ROWS_PER_FILE", 100)
    monkeypatch.setattr(limits, "ROWS_PER_APPENDED_FILE", 100)
    monkeypatch.setattr(limits, "MAX_SMALL_FILES", 4)
    append(lake, readings(range(0, 2000, 2)))
    rng = random.Random(5)
    for number in range(40):
        start = rng.randrange(1990)
        devices = range(start, start + 10)
        there = set(lake.rows(HEART_RATE)["device_id"].to_pylist())
        kinds = ["update" if device in there else "insert" for device in devices]
        lake.apply_changes(HEART_RATE, changes(readings(devices, 100.0 + number), kinds))
        lake.compact_fragments(HEART_RATE)
    found = stretches(lake)
    assert len(found) <= 20
    assert max(last - first for first, last, _ in found) <= timedelta(seconds=400)


def test_a_thousand_small_updates_leave_few_files(lake: LocalLakehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROWS_PER_FILE", 400)
    monkeypatch.setattr(limits, "MAX_SMALL_FILES", 8)
    for number in range(300):
        append(lake, readings(range(number * 10, number * 10 + 10)))
        lake.compact_fragments(HEART_RATE)
        assert lake.log(HEART_RATE).file_count() <= 8 + 1 + number * 10 // 80
    assert lake.rows(HEART_RATE).num_rows == 3000


def test_every_reader_sees_the_same(spark: SparkSession, tmp_path: Path) -> None:
    lake = LocalLakehouse(Settings(base_dir=tmp_path), lambda: spark)
    lake.ensure(HEART_RATE)
    for number in range(0, 240, 10):  # beyond a checkpoint
        append(lake, readings(range(number, number + 10)))
    lake.apply_changes(HEART_RATE, changes(readings([3, 4, 900], 99.0), ["update", "delete", "insert"]))
    lake.compact(HEART_RATE)
    lake.apply_changes(HEART_RATE, changes(readings([5], 98.0), ["update"]))
    path, latest = str(lake.path(HEART_RATE)), lake.log(HEART_RATE).base_number()
    ours = lake.rows(HEART_RATE)
    by_spark = spark.read.format("delta").load(path)
    by_delta_rs = DeltaTable(path).to_pyarrow_table()
    assert rows_of(ours) == rows_of(by_spark.toArrow()) == rows_of(by_delta_rs)
    feed = spark.read.format("delta").option("readChangeFeed", "true").option("startingVersion", 1).load(path)
    told = [(row["_commit_version"], row["_change_type"]) for row in feed.collect()]
    assert told.count((latest, "update_preimage")) == told.count((latest, "update_postimage")) == 1
    assert sum(kind == "insert" for _, kind in told) == 241
    assert not [version for version, _ in told if version == latest - 1], "compaction changes no row"
    history = {row["version"]: row for row in spark.sql(f"DESCRIBE HISTORY delta.`{path}`").collect()}
    assert history[latest]["operation"] == "MERGE"
    assert history[latest]["operationMetrics"]["numTargetRowsUpdated"] == "1"
    spark.sql(f"DELETE FROM delta.`{path}` WHERE device_id = 7").collect()
    lake.apply_changes(HEART_RATE, changes(readings([8], 97.0), ["update"]))
    assert {7, 8} & {row["device_id"] for row in by_spark.where("heartrate = 97 OR device_id = 7").collect()} == {8}


def rows_of(table: pa.Table) -> list[tuple[object, ...]]:
    columns = [table[name].to_pylist() for name in ("device_id", "time", "heartrate", "valid")]
    return sorted(zip(*columns, strict=True), key=repr)


def test_a_table_with_rules_of_its_own_is_left_to_spark(spark: SparkSession, tmp_path: Path) -> None:
    lake = LocalLakehouse(Settings(base_dir=tmp_path), lambda: spark)
    lake.ensure(HEART_RATE)
    append(lake, readings([1, 2]))
    name = lake.sql_name(HEART_RATE)
    spark.sql(f"ALTER TABLE {name} ADD CONSTRAINT calm CHECK (heartrate < 150)").collect()
    assert not lake.log(HEART_RATE).snapshot().is_plain
    by_spark = changes(readings([2, 3], 70.0), ["update", "insert"]).local
    lake.apply_changes(HEART_RATE, RowSet(lake.spark, local=by_spark))
    assert sorted(lake.rows(HEART_RATE)["heartrate"].to_pylist()) == [60.0, 70.0, 70.0]
    with pytest.raises(Exception, match=r"(?i)calm"):
        lake.append(HEART_RATE, RowSet.in_process(lake.spark, readings([4], 200.0)), 1)
    with pytest.raises(Exception, match=r"(?i)calm"):
        lake.append_batches(HEART_RATE, iter([readings([4], 200.0)]), "{}")
    assert lake.append_batches(HEART_RATE, iter([readings([4]), readings([5])]), '{"update": "a"}') == 2
    with pytest.raises(Exception, match=r"(?i)calm"):
        lake.replace_batches(HEART_RATE, iter([readings([4], 200.0)]), "{}")
    assert lake.replace_batches(HEART_RATE, iter([readings([6], 71.0)]), "{}") == 1
    assert lake.rows(HEART_RATE)["heartrate"].to_pylist() == [71.0]


def test_a_write_that_dies_before_its_commit_changes_nothing(
    lake: LocalLakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(lake, readings(range(5)))

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(transaction, "put_if_absent", dies)
        lake.apply_changes(HEART_RATE, changes(readings([3], 99.0), ["update"]))
    assert set(lake.rows(HEART_RATE)["heartrate"].to_pylist()) == {60.0}
    lake.apply_changes(HEART_RATE, changes(readings([3], 99.0), ["update"]))
    assert set(lake.rows(HEART_RATE)["heartrate"].to_pylist()) == {60.0, 99.0}


def test_a_write_that_fails_half_way_leaves_no_file_behind(
    lake: LocalLakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(lake, readings(range(5)))
    path = lake.path(HEART_RATE)
    before = set(path.rglob("*.parquet"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileStatistics, "take", full)
    with pytest.raises(OSError, match="No space"):
        lake.apply_changes(HEART_RATE, changes(readings([3], 99.0), ["update"]))
    with pytest.raises(OSError, match="No space"):
        append(lake, readings([9]))
    assert set(path.rglob("*.parquet")) == before


def test_what_is_committed_stays_where_its_checkpoint_cannot_be_written_and_that_is_told(
    lake: LocalLakehouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    append(lake, readings([1]))
    with monkeypatch.context() as patch:
        patch.setattr(transaction, "CHECKPOINT_INTERVAL", 1)
        patch.setattr(transaction, "write_checkpoint", full)
        lake.apply_changes(HEART_RATE, changes(readings([1], 61.0), ["update"]))
    assert "no checkpoint of version 2: [Errno 28] No space left" in caplog.text
    assert lake.rows(HEART_RATE)["heartrate"].to_pylist() == [61.0]
    append(lake, readings([2]))
    assert DeltaTable(str(lake.path(HEART_RATE))).to_pyarrow_table().num_rows == 2


def test_who_loses_leaves_no_file_behind(lake: LocalLakehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    append(lake, readings(range(5)))
    path = lake.path(HEART_RATE)
    real = transaction.put_if_absent

    def overtaken(file: Path, content: str) -> None:
        real(file, "{}\n")
        real(file, content)

    before = set(path.rglob("*.parquet"))
    monkeypatch.setattr(transaction, "put_if_absent", overtaken)
    with pytest.raises(ConcurrentWriteError):
        lake.apply_changes(HEART_RATE, changes(readings([3], 99.0), ["update"]))
    assert set(path.rglob("*.parquet")) == before
    assert not list(path.rglob("*.tmp"))


def test_data_and_folders_are_on_the_disk_before_the_commit_and_the_commit_before_it_counts(
    lake: LocalLakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(lake, readings(range(5)))
    path, done = lake.path(HEART_RATE), list[str]()
    fsync, link = os.fsync, os.link

    def synced(descriptor: int) -> None:
        done.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()).removeprefix(str(path)))
        fsync(descriptor)

    def linked(source: Path, target: Path) -> None:
        done.append("commit")
        link(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", linked)
    lake.apply_changes(HEART_RATE, changes(readings([3, 9], 99.0), ["update", "insert"]))
    before, after = done[: done.index("commit")], done[done.index("commit") + 1 :]
    written = [name for name in before if name.endswith(".parquet")]
    assert len(written) == 3
    assert before[-1].endswith(".tmp")
    assert {"", "/_change_data"} <= set(before[len(written) : -1])
    assert after == ["/_delta_log"]


LAST_INSTANT = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone.utc)


def test_times_are_found_to_the_microsecond_up_to_the_last_one(lake: LocalLakehouse) -> None:
    instants = [NOON + timedelta(microseconds=1), NOON + timedelta(microseconds=999), LAST_INSTANT]
    rows = [{"device_id": 1, "time": instant, "heartrate": 60.0, "valid": True} for instant in instants]
    append(lake, pa.Table.from_pylist(rows, arrow_schema(HEART_RATE)))
    for instant in instants:
        wanted = [Where("time", InRanges([(instant, instant)]))]
        found = lake.lookup(HEART_RATE, None, wanted, [], is_intermediate=False).local
        assert found is not None
        assert found["time"].to_pylist() == [instant]
        by_delta_rs = DeltaTable(str(lake.path(HEART_RATE))).to_pyarrow_table(filters=[("time", "=", instant)])
        assert by_delta_rs.num_rows == 1
    changed = pa.Table.from_pylist([rows[-1] | {"heartrate": 61.0}], arrow_schema(HEART_RATE))
    assert lake.apply_changes(HEART_RATE, changes(changed, ["update"])).updated == 1


def test_what_fails_once_a_commit_is_there_takes_none_of_its_files_away(
    lake: LocalLakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is: an interrupt, or a folder that cannot be synced."""
    append(lake, readings([1, 2]))
    real = transaction.put_if_absent

    def fails_afterwards(file: Path, content: str) -> None:
        real(file, content)
        raise KeyboardInterrupt

    monkeypatch.setattr(transaction, "put_if_absent", fails_afterwards)
    with pytest.raises(KeyboardInterrupt):
        lake.apply_changes(HEART_RATE, changes(readings([1], 99.0), ["update"]))
    with pytest.raises(KeyboardInterrupt):
        lake.delete_rows(HEART_RATE, lambda rows: pc.equal(rows["device_id"], 2), "two")
    monkeypatch.undo()
    found = DeltaTable(str(lake.path(HEART_RATE))).to_pyarrow_table().to_pydict()
    assert (found["device_id"], found["heartrate"]) == ([1], [99.0])
