"""Writes to the tables of one data zone: each one commit of this process, whoever computed the rows.

Only tables that ask more of a writer than columns and the change data feed, such as a constraint that somebody added,
are left to Spark.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import chain

import duckdb
import pyarrow as pa

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.model import Table
from fitness_assets.errors import UnsupportedTableError
from fitness_assets.lakehouse.conflicts import conflicts_as_errors, lost_write
from fitness_assets.lakehouse.fences import Fences
from fitness_assets.lakehouse.local.commits.compaction import compact_small_files, small_files
from fitness_assets.lakehouse.local.commits.data_files import in_files
from fitness_assets.lakehouse.local.commits.deletion import (
    RowMask,
    delete_files_without_nulls,
    delete_rows,
    delete_rows_with_value,
)
from fitness_assets.lakehouse.local.commits.forgetting import forget_history
from fitness_assets.lakehouse.local.commits.merge import merge
from fitness_assets.lakehouse.local.commits.schema_changes import change_columns
from fitness_assets.lakehouse.local.commits.spark_writes import merge_rows, write_rows
from fitness_assets.lakehouse.local.commits.writes import WriteMode, write
from fitness_assets.lakehouse.local.paths import scratch_folder
from fitness_assets.lakehouse.local.snapshot import Snapshot
from fitness_assets.lakehouse.local.transaction_log import LocalTransactionLog
from fitness_assets.lakehouse.rows.diff import RowCounts, count_changes
from fitness_assets.lakehouse.rows.rowset import RowSet, SparkProvider, StagingArea
from fitness_assets.lakehouse.schemas import SchemaChange
from fitness_assets.lakehouse.spark.writer import SparkTableWriter, merge_bounds, new_user_metadata
from fitness_assets.lakehouse.sql.dialect import SPARK
from fitness_assets.lakehouse.transaction_log import Version


class LocalWriter:
    """Writes to tables in folders.

    Args:
        log: gives the log of a table.
        staging: gives the staging folder of a table.
    """

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        spark: SparkProvider,
        log: Callable[[Table], LocalTransactionLog],
        staging: Callable[[Table], AbstractContextManager[StagingArea]],
    ) -> None:
        self._db = db
        self._spark = spark
        self._log = log
        self._staging = staging
        self._fences = Fences()

    @contextmanager
    def fenced(self, table: Table) -> Iterator[None]:
        snapshot = self._log(table).snapshot()
        # What a killed update left there: nobody else writes beside this table now.
        shutil.rmtree(scratch_folder(snapshot.path), ignore_errors=True)
        with self._fences.bind(table, snapshot.version):
            yield

    def check_fence(self, table: Table) -> None:
        self._fences.check(table, self._log(table).snapshot().version)

    def change_columns(self, table: Table, change: SchemaChange) -> None:
        with self._writing(table) as snapshot:
            if snapshot.is_plain:
                change_columns(snapshot, table, change)
            else:
                self._spark_writer(table).change_columns(self._spark(), change, snapshot.version.number)

    def append(self, table: Table, rows: RowSet, expected_rows: int, user_metadata: str | None) -> int:
        user_metadata = user_metadata or new_user_metadata()
        rows = rows.collect_if_few(expected_rows)
        if rows.is_empty:
            return 0
        with self._writing(table) as snapshot:
            if not snapshot.is_plain:
                number = snapshot.version.number
                return self._spark_writer(table).append(rows, number, expected_rows, user_metadata)
            if rows.local is None:
                return write_rows(snapshot, table, rows, expected_rows, "append", user_metadata)
            return write(snapshot, table, _ordered(table, rows.local), "append", user_metadata)

    def append_batches(self, table: Table, batches: Iterator[pa.Table], user_metadata: str) -> int:
        first = next(batches, None)
        return 0 if first is None else self._write_batches(table, "append", chain([first], batches), user_metadata)

    def replace_batches(self, table: Table, batches: Iterator[pa.Table], user_metadata: str) -> int:
        return self._write_batches(table, "overwrite", batches, user_metadata)

    def overwrite(self, table: Table, rows: RowSet, expected_rows: int, user_metadata: str | None) -> RowCounts:
        user_metadata = user_metadata or new_user_metadata()
        with self._writing(table) as snapshot:
            if not snapshot.is_plain:
                return self._spark_writer(table).overwrite(rows, snapshot.version.number, expected_rows, user_metadata)
            if rows.local is None:
                inserted = write_rows(snapshot, table, rows, expected_rows, "overwrite", user_metadata)
            else:
                inserted = write(snapshot, table, _ordered(table, rows.local), "overwrite", user_metadata)
            return RowCounts(inserted=inserted, deleted=snapshot.row_count())

    def apply_changes(self, table: Table, changes: RowSet) -> RowCounts:
        counts = count_changes(changes)
        if counts.rows == 0:
            return counts
        if counts.rows == counts.inserted:
            self.append(table, changes.select(*table.column_names), counts.rows, None)
            return counts
        with self._writing(table) as snapshot:
            bounds = merge_bounds(table, changes, snapshot.row_count())
            if not snapshot.is_plain or table.partition_by:
                self._spark_writer(table).merge(changes, bounds)
            elif changes.local is None:
                merge_rows(snapshot, table, changes, counts, bounds, new_user_metadata())
            else:
                all_bounds = {name: changes.ranges(name) for name in table.key}
                if merge(self._db, snapshot, table, changes.local, all_bounds, new_user_metadata()) != counts:
                    raise lost_write(table)
        return counts

    def delete_not_null(self, table: Table, column: str) -> None:
        with self._writing(table) as snapshot:
            if not snapshot.is_plain:
                self._execute(f"DELETE FROM {self.sql_name(table)} WHERE {SPARK.name(column)} IS NOT NULL")
                return
            delete_files_without_nulls(snapshot, column)
        with self._writing(table) as snapshot:
            delete_rows_with_value(snapshot, table, column)

    def delete_rows(self, table: Table, is_deleted: RowMask, predicate: str) -> int:
        with self._writing(table) as snapshot:
            if not snapshot.is_plain:
                raise UnsupportedTableError(
                    f"{table.full_name} in {snapshot.path} has a constraint or a feature that is not known here; rows "
                    f"that only a function knows cannot be taken out of it. Remove the constraint, or build the table "
                    f"anew (fitness-assets clean --table {table.full_name})."
                )
            return delete_rows(snapshot, table, is_deleted, predicate)

    def forget_history(self, table: Table) -> None:
        with self._writing(table) as snapshot:
            forget_history(snapshot)

    def compact(self, table: Table, max_small_files: int) -> None:
        with self._writing(table) as snapshot:
            if snapshot.is_plain:
                compact_small_files(snapshot, table, max_small_files)
            elif len(small_files(snapshot)) > max_small_files:
                self._execute(f"OPTIMIZE {self.sql_name(table)}")

    def sql_name(self, table: Table) -> str:
        return f"delta.{SPARK.name(str(self._log(table).path))}"

    @contextmanager
    def _writing(self, table: Table) -> Iterator[Snapshot]:
        """The snapshot that one commit follows.

        Raises:
            ConcurrentWriteError: somebody else has committed.
        """
        snapshot = self._log(table).snapshot()
        before = snapshot.version
        self._fences.check(table, before)
        with conflicts_as_errors(table):
            yield snapshot
        if self._log(table).latest_number() > before.number:
            self._fences.follow(table, Version(before.table_id, before.number + 1))

    def _write_batches(self, table: Table, mode: WriteMode, batches: Iterator[pa.Table], user_metadata: str) -> int:
        with self._writing(table) as snapshot:
            if snapshot.is_plain:
                return write(snapshot, table, batches, mode, user_metadata)
            with self._staging(table) as area:
                rows = area.write_batches(arrow_schema(table), batches, self._spark)
                return self._spark_writer(table).write(rows, mode, snapshot.version.number, user_metadata)

    def _spark_writer(self, table: Table) -> SparkTableWriter:
        return SparkTableWriter(
            table=table,
            sql_name=self.sql_name(table),
            log=self._log(table),
            save=lambda writer: writer.format("delta").save(str(self._log(table).path)),
            execute=lambda _, statement: self._execute(statement),
        )

    def _execute(self, statement: str) -> None:
        self._spark().sql(statement).collect()


def _ordered(table: Table, rows: pa.Table) -> Iterator[pa.Table]:
    columns: Sequence[str] = table.column_names
    return in_files(rows.select(columns).cast(arrow_schema(table)), table.cluster_by)
