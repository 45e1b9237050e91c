"""Commits to tables of a catalog, all made by Spark, each bound to the version that its update began with."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import DataFrameWriter, SparkSession

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.conflicts import conflicts_as_errors
from fitness_assets.lakehouse.fences import Fences
from fitness_assets.lakehouse.rows.diff import RowCounts, count_changes
from fitness_assets.lakehouse.rows.rowset import RowSet, SparkProvider, StagingArea, local_dataframe
from fitness_assets.lakehouse.schemas import SchemaChange
from fitness_assets.lakehouse.spark.writer import SparkTableWriter, merge_bounds, new_user_metadata
from fitness_assets.lakehouse.sql.dialect import SPARK
from fitness_assets.lakehouse.transaction_log import Version
from fitness_assets.lakehouse.unity.table_creation import column_definition
from fitness_assets.lakehouse.unity.transaction_log import UnityTransactionLog

_PLACE = ("source_file", "file_load", "line_number", "partition", "offset")
"""Where a record of bronze came in, which tells it from every other."""


class UnityTables(Protocol):
    """Where the tables are that are written to."""

    def address(self, table: Table) -> str:
        """The table's name, for people."""

    def sql_name(self, table: Table) -> str:
        """The table's name in SQL."""

    def log(self, table: Table) -> UnityTransactionLog:
        """The table's history."""

    def staging(self, table: Table) -> AbstractContextManager[StagingArea]:
        """The staging folder of one update."""


class UnityWriter:
    """Writes tables of one catalog."""

    def __init__(self, tables: UnityTables, spark: SparkProvider) -> None:
        self._tables = tables
        self._spark = spark
        self._fences = Fences()

    @contextmanager
    def fenced(self, table: Table) -> Iterator[None]:
        with self._fences.bind(table, self._latest(table)):
            yield

    def check_fence(self, table: Table) -> None:
        self._fences.check(table, self._latest(table))

    def change_columns(self, table: Table, change: SchemaChange) -> None:
        with self._writing(table) as base:
            if change.only_adds and not table.sources:
                # Partition columns stay the last ones: Spark's own catalog takes no other order.
                others = [name for name in change.names.values() if name not in table.partition_by]
                after = f" AFTER {SPARK.name(others[-1])}" if table.partition_by else ""
                columns = ", ".join(f"{column_definition(column)}{after}" for column in reversed(change.added))
                self._execute(table, self._spark(), f"ALTER TABLE {self._sql_name(table)} ADD COLUMNS ({columns})")
            else:
                self._spark_writer(table).change_columns(self._spark(), change, base)

    def append(self, table: Table, rows: RowSet, expected_rows: int, user_metadata: str | None) -> int:
        if rows.is_empty:
            return 0
        with self._writing(table) as base:
            return self._spark_writer(table).append(rows, base, expected_rows, user_metadata or new_user_metadata())

    def append_batches(self, table: Table, batches: Iterator[pa.Table], user_metadata: str) -> int:
        with self._tables.staging(table) as area:
            rows = area.write_batches(arrow_schema(table), batches, self._spark)
            return self.append(table, rows, rows.max_rows or 0, user_metadata)

    def replace_batches(self, table: Table, batches: Iterator[pa.Table], user_metadata: str) -> int:
        with self._tables.staging(table) as area:
            rows = area.write_batches(arrow_schema(table), batches, self._spark)
            return self.overwrite(table, rows, rows.max_rows or 0, user_metadata).inserted

    def apply_changes(self, table: Table, changes: RowSet) -> RowCounts:
        counts = count_changes(changes)
        if counts.rows == 0:
            return counts
        if counts.rows == counts.inserted:
            self.append(table, changes.select(*table.column_names), counts.rows, None)
            return counts
        with self._writing(table):
            bounds = merge_bounds(table, changes, self._tables.log(table).row_count())
            self._spark_writer(table).merge(changes, bounds)
        return counts

    def overwrite(self, table: Table, rows: RowSet, expected_rows: int, user_metadata: str | None) -> RowCounts:
        with self._writing(table) as base:
            return self._spark_writer(table).overwrite(rows, base, expected_rows, user_metadata or new_user_metadata())

    def delete_not_null(self, table: Table, column: str) -> None:
        with self._writing(table):
            where = f"{SPARK.name(column)} IS NOT NULL"
            self._execute(table, self._spark(), f"DELETE FROM {self._sql_name(table)} WHERE {where}")

    def delete_rows(self, table: Table, rows: Iterator[pa.Table], is_deleted: Callable[[pa.Table], pa.Array]) -> int:
        """Only this process knows which rows go: they are named by where they came in, in a view of the session, and
        the history does not say which.

        Args:
            rows: all that there are.
        """
        places = [name for name in _PLACE if name in table.column_names]
        gone = pa.concat_tables([batch.select(places).filter(is_deleted(batch)) for batch in rows])
        if not gone.num_rows:
            return 0
        spark, view = self._spark(), f"deleted_from_{table.layer.value}_{table.name}"
        on = " AND ".join(f"t.{SPARK.name(name)} <=> s.{SPARK.name(name)}" for name in places)
        local_dataframe(spark, gone).createOrReplaceTempView(view)
        try:
            with self._writing(table), conflicts_as_errors(table):
                merge = f"MERGE INTO {self._sql_name(table)} t USING {view} s ON {on} WHEN MATCHED THEN DELETE"
                self._execute(table, spark, merge)
        finally:
            spark.catalog.dropTempView(view)
        return int(gone.num_rows)

    def forget_history(self, table: Table) -> str:
        address = self._tables.address(table)
        try:
            self._tables.log(table).vacuum(0)
        except PySparkException as error:
            return (
                f"{address}: the workspace does not let files go at once ({str(error).splitlines()[0]}). They go with "
                f"the vacuum after delta.deletedFileRetentionDuration (7 days)."
            )
        return (
            f"{address}: commits stay in the log for delta.logRetentionDuration (30 days), with the least and greatest "
            f"values of files that are gone."
        )

    def compact(self, table: Table) -> None:
        with conflicts_as_errors(table):
            self._execute(table, self._spark(), f"OPTIMIZE {self._sql_name(table)}")

    @contextmanager
    def _writing(self, table: Table) -> Iterator[int]:
        """The version that one commit follows. A MERGE or a DELETE carries no transaction id, as its only place is a
        setting of the session, which writes other tables at the same time: where more than it was committed meanwhile
        the update is planned anew.

        Raises:
            ConcurrentWriteError: somebody else has committed.
        """
        before = self._latest(table)
        self._fences.check(table, before)
        yield before.number
        after = self._latest(table)
        if after.number > before.number:
            self._fences.follow(table, Version(before.table_id, before.number + 1))
            self._fences.check(table, after)

    def _latest(self, table: Table) -> Version:
        log = self._tables.log(table)
        log.forget_latest()
        version = log.version()
        if version is None:
            raise RuntimeError(f"{self._tables.address(table)} vanished while it was being updated.")
        return version

    def _sql_name(self, table: Table) -> str:
        return self._tables.sql_name(table)

    def _spark_writer(self, table: Table) -> SparkTableWriter:
        return SparkTableWriter(
            table=table,
            sql_name=self._sql_name(table),
            log=self._tables.log(table),
            save=lambda writer: self._save(table, writer),
            execute=lambda spark, statement: self._execute(table, spark, statement),
        )

    def _save(self, table: Table, writer: DataFrameWriter) -> None:
        try:
            writer.format("delta").saveAsTable(self._sql_name(table))
        finally:
            self._tables.log(table).forget_latest()

    def _execute(self, table: Table, spark: SparkSession, statement: str) -> None:
        try:
            spark.sql(statement).collect()
        finally:
            self._tables.log(table).forget_latest()
