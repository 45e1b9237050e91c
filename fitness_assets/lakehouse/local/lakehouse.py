"""The Delta tables of one data zone, each a folder.

Few rows are found, read and committed in this process, without a Spark job; many by Spark.
"""

import shutil
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa
from pyspark.sql import SparkSession

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.change_feed_lookup import change_feed_of
from fitness_assets.lakehouse.local.change_reader import read_change_feed
from fitness_assets.lakehouse.local.commits.schema_changes import create_table
from fitness_assets.lakehouse.local.lookup import lookup, read_batches, read_rows
from fitness_assets.lakehouse.local.paths import table_folder
from fitness_assets.lakehouse.local.preview import preview
from fitness_assets.lakehouse.local.query_engine import LocalQueryEngine
from fitness_assets.lakehouse.local.transaction_log import LocalTransactionLog
from fitness_assets.lakehouse.local.writer import LocalWriter
from fitness_assets.lakehouse.rows import limits
from fitness_assets.lakehouse.rows.cache import RowCache
from fitness_assets.lakehouse.rows.change_feed import ChangeFeed
from fitness_assets.lakehouse.rows.diff import RowCounts
from fitness_assets.lakehouse.rows.rowset import RowSet, SparkProvider, StagingArea, staging_area
from fitness_assets.lakehouse.schemas import delta_columns, schema_change, tell_change
from fitness_assets.lakehouse.spark.reader import pruned, semi_joined
from fitness_assets.lakehouse.spark.session import LazySession
from fitness_assets.lakehouse.spark.session_notes import SessionNotes
from fitness_assets.lakehouse.sql.predicates import InRanges, Predicate, Where
from fitness_assets.lakehouse.sql.query_engine import QueryEngine
from fitness_assets.settings import Settings


class LocalLakehouse:
    """Tables in folders below `<base>/data_zone`."""

    def __init__(self, settings: Settings, spark: SparkProvider) -> None:
        self.settings = settings
        self.session = LazySession(spark, SessionNotes(settings.checkpoint_zone / "sessions"))
        self._cache = RowCache()

    @cached_property
    def _db(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect()

    @cached_property
    def _writer(self) -> LocalWriter:
        return LocalWriter(self._db, self.spark, self.log, self.staging)

    def spark(self) -> SparkSession:
        return self.session()

    def path(self, table: Table) -> Path:
        """The table's folder."""
        return table_folder(self.settings, table)

    def address(self, table: Table) -> str:
        return str(self.path(table))

    def sql_name(self, table: Table) -> str:
        return self._writer.sql_name(table)

    def log(self, table: Table) -> LocalTransactionLog:
        return LocalTransactionLog(self.path(table))

    def latest_version_hint(self, table: Table) -> int | None:
        return self.log(table).latest_number()

    def ensure(self, table: Table) -> LocalTransactionLog:
        log, path = self.log(table), self.path(table)
        if log.exists():
            change = schema_change(table, log, self.address(table))
            if change.is_needed:
                tell_change(table, change)
                self._writer.change_columns(table, change)
            return log
        create_table(path, table)
        return log

    def columns(self, table: Table) -> tuple[dict[str, str], dict[str, str]]:
        return self.log(table).columns(), delta_columns(table)

    def remove(self, table: Table) -> None:
        shutil.rmtree(self.path(table), ignore_errors=True)

    @contextmanager
    def query_engine(self) -> Iterator[QueryEngine]:
        with self._db.cursor() as cursor:
            yield LocalQueryEngine(cursor, self.log)

    def staging(self, table: Table) -> AbstractContextManager[StagingArea]:
        return staging_area(self.settings.checkpoint_zone / "staging" / table.layer.value / table.name)

    def read(self, table: Table, version: int | None = None) -> RowSet:
        if self.log(table).row_count(version) <= limits.SMALL_TABLE_ROWS:
            return RowSet.in_process(self.spark, self.rows(table, version))
        reader = self.spark().read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return RowSet.planned(self.spark, reader.load(str(self.path(table))))

    def rows(self, table: Table, version: int | None = None) -> pa.Table:
        snapshot = self.log(table).snapshot(version)
        key = (str(snapshot.path), snapshot.version)
        return self._cache.get(key, lambda: read_rows(self._db, snapshot, arrow_schema(table)))

    def changes(self, table: Table, after: int, until: int, expected_rows: int) -> ChangeFeed:
        return change_feed_of(self, table, until, self._feed(table, after, until, expected_rows), expected_rows)

    def _feed(self, table: Table, after: int, until: int, expected_rows: int) -> RowSet:
        path = str(self.path(table))
        if expected_rows <= limits.SMALL_CHANGE_ROWS:
            snapshot = self.log(table).snapshot()
            key = (path, snapshot.version.table_id, after, until, self.log(table).commit_identity(until))
            rows = self._cache.get(key, lambda: read_change_feed(snapshot, table, after, until))
            return RowSet.in_process(self.spark, rows)
        feed = self.spark().read.format("delta").option("readChangeFeed", "true").option("startingVersion", after + 1)
        return RowSet.planned(self.spark, feed.option("endingVersion", until).load(path).drop("_commit_timestamp"))

    def lookup(
        self,
        table: Table,
        version: int | None,
        predicates: Sequence[Predicate],
        among: Sequence[RowSet],
        is_intermediate: bool,
    ) -> RowSet:
        values = [rows.local for rows in among if rows.local is not None]
        matches = self._lookup_in_process(table, version, predicates, values)
        if matches is not None:
            return matches
        return pruned(self.read(table, version), self.log(table).row_count(), predicates, is_intermediate)

    def semi_join(self, table: Table, values: RowSet, columns: Sequence[str], version: int | None = None) -> RowSet:
        if values.local is not None:
            inside = [Where(name, InRanges(values.ranges(name))) for name in columns]
            matches = self._lookup_in_process(table, version, inside, [values.local.select(list(columns))])
            if matches is not None:
                return matches
        return semi_joined(self.read(table, version), self.log(table).row_count(), values, columns)

    def pays_to_prune(self, tables: Sequence[Table]) -> bool:
        return True

    def cached(self, key: Hashable, make: Callable[[], pa.Table]) -> pa.Table:
        return self._cache.get(key, make)

    def preview(self, table: Table) -> list[dict[str, str]]:
        return preview(self.log(table), table)

    def fenced(self, table: Table) -> AbstractContextManager[None]:
        return self._writer.fenced(table)

    def check_fence(self, table: Table) -> None:
        self._writer.check_fence(table)

    def append(self, table: Table, rows: RowSet, expected_rows: int, user_metadata: str | None = None) -> int:
        return self._writer.append(table, rows, expected_rows, user_metadata)

    def append_batches(self, table: Table, batches: Iterator[pa.Table], user_metadata: str) -> int:
        return self._writer.append_batches(table, batches, user_metadata)

    def replace_batches(self, table: Table, batches: Iterator[pa.Table], user_metadata: str) -> int:
        return self._writer.replace_batches(table, batches, user_metadata)

    def read_batches(self, table: Table) -> Iterator[pa.Table]:
        return read_batches(self.log(table).snapshot(), arrow_schema(table))

    def apply_changes(self, table: Table, changes: RowSet) -> RowCounts:
        return self._writer.apply_changes(table, changes)

    def overwrite(self, table: Table, rows: RowSet, expected_rows: int, user_metadata: str | None = None) -> RowCounts:
        return self._writer.overwrite(table, rows, expected_rows, user_metadata)

    def delete_not_null(self, table: Table, column: str) -> None:
        self._writer.delete_not_null(table, column)

    def delete_rows(self, table: Table, is_deleted: Callable[[pa.Table], pa.Array], predicate: str) -> int:
        return self._writer.delete_rows(table, is_deleted, predicate)

    def forget_history(self, table: Table) -> str:
        self._writer.forget_history(table)
        return ""

    def compact(self, table: Table) -> None:
        self._writer.compact(table, 1)

    def compact_fragments(self, table: Table) -> None:
        self._writer.compact(table, limits.MAX_SMALL_FILES)

    def is_optimized_elsewhere(self, table: Table) -> bool:
        return False

    def _lookup_in_process(
        self, table: Table, version: int | None, predicates: Sequence[Predicate], among: Sequence[pa.Table]
    ) -> RowSet | None:
        """The rows for which all predicates hold and whose values are among given ones; None where they are many."""
        snapshot, rows = self.log(table).snapshot(version), None
        if snapshot.row_count() <= limits.SMALL_TABLE_ROWS:
            rows = self.rows(table, snapshot.version.number)
        schema = arrow_schema(table)
        matches = lookup(self._db, snapshot, schema, predicates, among, limits.LOCAL_ROWS, rows)
        return None if matches is None else RowSet.in_process(self.spark, matches)
