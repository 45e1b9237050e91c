"""Delta: tables are made without Spark, read the same with and without it, and written in one commit."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import SchemaMismatchError
from fitness_assets.lakehouse import tables
from fitness_assets.lakehouse.staging import Staging, local_rows
from fitness_assets.lakehouse.table_log import TableLog
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.writes import ConcurrentWriteError, append, apply_changes, conflicts_as_errors, diff
from fitness_assets.settings import Settings
from fitness_assets_tests.rows import at

WORKOUTS = get_table("silver_db.workouts")
COMPLETED = get_table("silver_db.completed_workouts")


@pytest.fixture
def lake(tmp_path: Any) -> Lakehouse:
    return Lakehouse(Settings(tmp_path / "a base with spaces"))


def rows(*sessions: tuple[int, str]) -> pa.Table:
    values = [(1, 1, session, at("2026-01-01 10:00:00"), at(f"2026-01-01 {end}")) for session, end in sessions]
    columns = zip(*values, strict=True) if values else [[]] * 5
    return pa.table([list(column) for column in columns], schema=tables.arrow_schema(COMPLETED))


def make_equal(spark: SparkSession, lake: Lakehouse, truth: pa.Table) -> tuple[int, int, int]:
    staging = Staging(spark, lake.settings.checkpoint_zone / "staging")
    changes = diff(spark.createDataFrame(truth), lake.read(spark, COMPLETED), COMPLETED)
    done = apply_changes(spark, lake, COMPLETED, staging.stage(changes, truth.num_rows))
    return done.inserted, done.updated, done.deleted


def test_a_table_is_made_as_its_contract_says_without_spark(lake: Lakehouse) -> None:
    lake.ensure(WORKOUTS)
    there = DeltaTable(str(lake.path(WORKOUTS)))
    assert [field.name for field in there.schema().fields] == WORKOUTS.column_names
    action = there.schema().fields[3]
    assert (action.metadata["comment"], action.metadata["pii"], action.nullable) == ("Start or stop.", "health", False)
    assert there.metadata().configuration["delta.enableChangeDataFeed"] == "true"
    assert lake.ensure(WORKOUTS).row_count() == 0


def test_a_table_with_other_columns_is_not_touched(lake: Lakehouse) -> None:
    path = lake.path(WORKOUTS)
    path.mkdir(parents=True)
    DeltaTable.create(str(path), pa.schema([("user_id", pa.int64())]))
    with pytest.raises(SchemaMismatchError, match=r"fitness-assets clean --table silver_db\.workouts"):
        lake.ensure(WORKOUTS)


def test_what_is_different_is_written_in_one_commit_and_no_difference_in_none(
    spark: SparkSession, lake: Lakehouse
) -> None:
    lake.ensure(COMPLETED)
    assert make_equal(spark, lake, rows((1, "11:00:00"), (2, "11:00:00"), (3, "11:00:00"))) == (3, 0, 0)
    assert make_equal(spark, lake, rows((1, "11:00:00"), (2, "11:30:00"), (4, "11:00:00"))) == (1, 1, 1)
    assert make_equal(spark, lake, rows((1, "11:00:00"), (2, "11:30:00"), (4, "11:00:00"))) == (0, 0, 0)
    assert make_equal(spark, lake, rows()) == (0, 0, 3)
    assert DeltaTable(str(lake.path(COMPLETED))).version() == 3


def test_rows_and_changes_are_the_same_with_spark_and_without(
    spark: SparkSession, lake: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.ensure(COMPLETED)
    make_equal(spark, lake, rows((1, "11:00:00"), (2, "11:00:00")))
    make_equal(spark, lake, rows((1, "11:30:00"), (3, "11:00:00")))

    def seen() -> tuple[list[Any], list[Any]]:
        changes = lake.changes(spark, COMPLETED, 0, 2, rows=5).df.toArrow().to_pylist()
        return sorted(lake.read(spark, COMPLETED).toArrow().to_pylist(), key=repr), sorted(changes, key=repr)

    without = seen()
    monkeypatch.setattr(tables, "SMALL_TABLE", -1)
    monkeypatch.setattr(tables, "SMALL_CHANGE", -1)
    assert without == seen()
    assert len(without[1]) == 6


def test_a_second_writer_from_the_same_version_loses(
    spark: SparkSession, lake: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = lake.ensure(COMPLETED).version()
    frame = spark.createDataFrame(rows((1, "11:00:00")))
    assert append(lake, COMPLETED, frame, 1) == 1
    seen = iter([start])
    now = TableLog.version
    monkeypatch.setattr(TableLog, "version", lambda log: next(seen, None) or now(log))
    with pytest.raises(ConcurrentWriteError):
        append(lake, COMPLETED, frame, 1)
    assert lake.log(COMPLETED).row_count() == 1


def test_only_deltas_concurrency_failures_count_as_a_lost_race() -> None:
    with pytest.raises(ConcurrentWriteError), conflicts_as_errors(COMPLETED):
        raise PySparkException("[DELTA_CONCURRENT_APPEND] Files were added")
    with pytest.raises(PySparkException, match="DIVIDE_BY_ZERO"), conflicts_as_errors(COMPLETED):
        raise PySparkException("[DIVIDE_BY_ZERO] Division by zero")


def test_rows_of_many_pieces_some_empty_cross_whole(spark: SparkSession) -> None:
    pieces = [pa.table({"key": pa.array(keys, pa.int64())}) for keys in ([], [1, 2], [], [3], [])]
    filtered = pa.concat_tables([pa.table({"key": [8, 9]}), *pieces]).filter(pc.field("key") < 8)
    for rows in (pa.concat_tables(pieces), filtered):
        assert sorted(row["key"] for row in local_rows(spark, rows).collect()) == [1, 2, 3]
