"""Delta: tables are made without Spark, read the same with and without it, and written in one commit."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import ConcurrentWriteError, SchemaMismatchError
from fitness_assets.lakehouse import RowSet, conflicts_as_errors, diff_rows
from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse
from fitness_assets.lakehouse.local.transaction_log import LocalTransactionLog
from fitness_assets.lakehouse.rows import limits
from fitness_assets.settings import Settings
from fitness_assets_tests.lakehouse.readings import lake_without_spark
from fitness_assets_tests.rows import at

WORKOUTS = get_table("silver_db.workouts")
COMPLETED = get_table("silver_db.completed_workouts")


@pytest.fixture
def lake(tmp_path: Path, spark: SparkSession) -> LocalLakehouse:
    return LocalLakehouse(Settings(base_dir=tmp_path / "a base with spaces"), lambda: spark)


def rows(*sessions: tuple[int, str]) -> pa.Table:
    values = [(1, 1, session, at("2026-01-01 10:00:00"), at(f"2026-01-01 {end}")) for session, end in sessions]
    columns = zip(*values, strict=True) if values else [[]] * 5
    return pa.table([list(column) for column in columns], schema=arrow_schema(COMPLETED))


def make_equal(lake: LocalLakehouse, truth: pa.Table) -> tuple[int, int, int]:
    changes = diff_rows(RowSet.in_process(lake.spark, truth), lake.read(COMPLETED), COMPLETED)
    with lake.staging(COMPLETED) as area:
        counts = lake.apply_changes(COMPLETED, changes.stage(area, truth.num_rows))
    return counts.inserted, counts.updated, counts.deleted


def test_a_table_is_made_as_its_contract_says_without_spark(tmp_path: Path) -> None:
    lake = lake_without_spark(tmp_path)
    lake.ensure(WORKOUTS)
    delta_table = DeltaTable(str(lake.path(WORKOUTS)))
    assert [field.name for field in delta_table.schema().fields] == WORKOUTS.column_names
    action = delta_table.schema().fields[3]
    assert (action.metadata["comment"], action.metadata["pii"], action.nullable) == ("Start or stop.", "health", False)
    assert delta_table.metadata().configuration["delta.enableChangeDataFeed"] == "true"
    assert lake.ensure(WORKOUTS).row_count() == 0


def test_a_table_with_other_columns_is_not_touched(tmp_path: Path) -> None:
    lake = lake_without_spark(tmp_path)
    path = lake.path(WORKOUTS)
    path.mkdir(parents=True)
    DeltaTable.create(str(path), pa.schema([("user_id", pa.int64())]))
    with pytest.raises(SchemaMismatchError, match=r"fitness-assets clean --table silver_db\.workouts"):
        lake.ensure(WORKOUTS)


def test_what_is_different_is_written_in_one_commit_and_no_difference_in_none(lake: LocalLakehouse) -> None:
    lake.ensure(COMPLETED)
    assert make_equal(lake, rows((1, "11:00:00"), (2, "11:00:00"), (3, "11:00:00"))) == (3, 0, 0)
    assert make_equal(lake, rows((1, "11:00:00"), (2, "11:30:00"), (4, "11:00:00"))) == (1, 1, 1)
    assert make_equal(lake, rows((1, "11:00:00"), (2, "11:30:00"), (4, "11:00:00"))) == (0, 0, 0)
    assert make_equal(lake, rows()) == (0, 0, 3)
    assert DeltaTable(str(lake.path(COMPLETED))).version() == 3


def test_rows_and_changes_are_the_same_with_spark_and_without(
    lake: LocalLakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.ensure(COMPLETED)
    make_equal(lake, rows((1, "11:00:00"), (2, "11:00:00")))
    make_equal(lake, rows((1, "11:30:00"), (3, "11:00:00")))

    def scanned_rows() -> tuple[list[Any], list[Any]]:
        changes = lake.changes(COMPLETED, 0, 2, expected_rows=5).rows.df.toArrow().to_pylist()
        return sorted(lake.read(COMPLETED).df.toArrow().to_pylist(), key=repr), sorted(changes, key=repr)

    written_here = scanned_rows()
    monkeypatch.setattr(limits, "SMALL_TABLE_ROWS", -1)
    monkeypatch.setattr(limits, "SMALL_CHANGE_ROWS", -1)
    assert written_here == scanned_rows()
    assert len(written_here[1]) == 6


@pytest.mark.parametrize("expected_rows", [1, limits.LOCAL_ROWS + 1])
def test_a_second_writer_from_the_same_version_loses(
    spark: SparkSession, lake: LocalLakehouse, monkeypatch: pytest.MonkeyPatch, expected_rows: int
) -> None:
    start = lake.ensure(COMPLETED).snapshot()
    new = RowSet.planned(lake.spark, spark.createDataFrame(rows((1, "11:00:00"))))
    assert lake.append(COMPLETED, new, expected_rows) == 1
    outdated = iter([start])
    latest = LocalTransactionLog.snapshot
    monkeypatch.setattr(
        LocalTransactionLog, "snapshot", lambda log, *version: next(outdated, None) or latest(log, *version)
    )
    with pytest.raises(ConcurrentWriteError):
        lake.append(COMPLETED, new, expected_rows)
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
        df = RowSet.in_process(lambda: spark, rows).df
        assert sorted(row["key"] for row in df.collect()) == [1, 2, 3]
