"""Many rows written by Spark, each time in one commit, whichever form the lakehouse has."""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pyspark.sql import DataFrame, DataFrameWriter, SparkSession
from pyspark.sql import functions as F

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.conflicts import conflicts_as_errors, lost_write
from fitness_assets.lakehouse.rows import limits
from fitness_assets.lakehouse.rows.diff import CHANGE_TYPE, RowCounts
from fitness_assets.lakehouse.rows.rowset import RowSet
from fitness_assets.lakehouse.rows.stretches import in_stretches
from fitness_assets.lakehouse.schemas import SchemaChange
from fitness_assets.lakehouse.sql.dialect import SPARK
from fitness_assets.lakehouse.sql.predicates import InRanges, Range
from fitness_assets.lakehouse.transaction_log import TransactionLog


def new_user_metadata(**more: Any) -> str:
    """What a commit carries: an id of its own, and what the next update is to know of this one."""
    return json.dumps({"update": uuid.uuid4().hex, **more})


@dataclass(frozen=True)
class SparkTableWriter:
    """Writes of one table.

    Attributes:
        sql_name: the table's name in SQL.
        save: runs a batch write into the table.
        execute: runs a SQL statement that writes to the table.
    """

    table: Table
    sql_name: str
    log: TransactionLog
    save: Callable[[DataFrameWriter], None]
    execute: Callable[[SparkSession, str], None]

    def write(self, rows: RowSet, mode: Literal["append", "overwrite"], base: int, user_metadata: str) -> int:
        """Append rows, of which it is known how many there are, or put them in the place of all; how many they were."""
        return self._save(mode, rows, base, rows.max_rows or 0, user_metadata)

    def append(self, rows: RowSet, base: int, expected_rows: int, user_metadata: str) -> int:
        """Append rows and return how many they were.

        Args:
            base: the version after which nobody else may have committed; -1 where there is none.

        Raises:
            ConcurrentWriteError: another writer was faster.
        """
        return self._save("append", rows, base, expected_rows, user_metadata)

    def overwrite(self, rows: RowSet, base: int, expected_rows: int, user_metadata: str) -> RowCounts:
        """Put rows in the place of all that are there.

        Raises:
            ConcurrentWriteError: another writer was faster.
        """
        before = self.log.row_count()
        return RowCounts(inserted=self._save("overwrite", rows, base, expected_rows, user_metadata), deleted=before)

    def change_columns(self, spark: SparkSession, change: SchemaChange, base: int) -> None:
        """Write all rows anew with the columns of the contract, in one commit; what is new in them has no value yet.

        Raises:
            ConcurrentWriteError: another writer was faster.
        """
        rows = spark.table(self.sql_name)
        columns = []
        for column in self.table.all_columns:
            before = change.names.get(column.name)
            values = F.col(SPARK.name(before)) if before else F.lit(None)
            columns.append(values.cast(column.type).alias(column.name, metadata={"comment": column.description}))
        writer = (
            rows.select(*columns)
            .write.mode("overwrite")
            .option("overwriteSchema", "true")
            .option("txnAppId", f"fitness_assets/{self.table.full_name}")
            .option("txnVersion", base + 1)
            .option("userMetadata", new_user_metadata(columns=str(change)))
            .option("maxRecordsPerFile", rows_per_file(self.table))
        )
        with conflicts_as_errors(self.table):
            self.save(writer.partitionBy(*self.table.partition_by) if self.table.partition_by else writer)

    def _save(
        self,
        mode: Literal["append", "overwrite"],
        rows: RowSet,
        base: int,
        expected_rows: int,
        user_metadata: str,
    ) -> int:
        """Write rows in one commit; how many they were.

        The transaction id makes a second writer that started from the same version lose, and the metadata of the
        commit shows which of the two won.
        """
        writer = (
            in_table_order(self.table, rows, expected_rows)
            .write.mode(mode)
            .option("txnAppId", f"fitness_assets/{self.table.full_name}")
            .option("txnVersion", base + 1)
            .option("userMetadata", user_metadata)
            .option("maxRecordsPerFile", rows_per_file(self.table))
        )
        with conflicts_as_errors(self.table):
            self.save(writer)
        latest = self.log.version()
        for commit in self.log.commits(base, latest.number if latest else base):
            if commit.metrics.get("numOutputRows") is not None and commit.user_metadata == json.loads(user_metadata):
                return int(commit.metrics["numOutputRows"])
        raise lost_write(self.table)

    def merge(self, changes: RowSet, bounds: Mapping[str, Sequence[Range]]) -> None:
        """Insert, update and delete rows by their key.

        Args:
            bounds: closed ranges that hold all the changes' values of a column; files outside are skipped.

        Raises:
            ConcurrentWriteError: another writer was faster.
        """
        inside = [InRanges(ranges).sql(f"t.{SPARK.name(name)}", SPARK) for name, ranges in bounds.items()]
        on = " AND ".join(inside + [f"t.{SPARK.name(name)} = s.{SPARK.name(name)}" for name in self.table.key])
        names = self.table.column_names
        assignments = ", ".join(f"t.{SPARK.name(name)} = s.{SPARK.name(name)}" for name in names)
        view = f"changes_of_{self.table.layer.value}_{self.table.name}"
        spark = changes.spark()
        changes.df.createOrReplaceTempView(view)
        try:
            with conflicts_as_errors(self.table):
                self.execute(
                    spark,
                    f"MERGE INTO {self.sql_name} t USING {view} s ON {on} "
                    f"WHEN MATCHED AND s.{CHANGE_TYPE} = 'delete' THEN DELETE "
                    f"WHEN MATCHED AND s.{CHANGE_TYPE} = 'update' THEN UPDATE SET {assignments} "
                    f"WHEN NOT MATCHED AND s.{CHANGE_TYPE} = 'insert' "
                    f"THEN INSERT ({SPARK.names(names)}) VALUES ({SPARK.names(names, 's.')})",
                )
        finally:
            spark.catalog.dropTempView(view)


def rows_per_file(table: Table) -> int:
    """How many rows Spark puts into a file; 0 is any number: only files in the table's order gain from being many."""
    return limits.ROWS_PER_FILE if table.cluster_by else 0


def in_table_order(table: Table, rows: RowSet, expected_rows: int) -> DataFrame:
    """Few rows in one file; many in files that each hold a stretch of the table's order."""
    if expected_rows <= limits.ROWS_PER_FILE:
        return rows.df.coalesce(1)
    ordered = in_stretches(table, rows, expected_rows)
    return ordered.df.sortWithinPartitions(*table.cluster_by) if ordered.is_in_stretches else rows.df


def merge_bounds(table: Table, changes: RowSet, row_count: int) -> dict[str, list[Range]]:
    """Ranges of the key within which all changes lie, where the table is large enough for them to pay."""
    if row_count <= limits.PRUNING_MIN_ROWS:
        return {}
    ranges = {name: changes.ranges(name) for name in table.key}
    return {name: covering for name, covering in ranges.items() if covering}
