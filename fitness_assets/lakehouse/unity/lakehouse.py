"""The Delta tables of one catalog. Nothing is assumed about where a table's files lie, and none is opened from here."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from threading import Lock

import pyarrow as pa
from pyspark.sql import SparkSession

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.change_feed_lookup import change_feed_of
from fitness_assets.lakehouse.predictive_optimization import is_optimized
from fitness_assets.lakehouse.preview import PREVIEW_ROWS, masked
from fitness_assets.lakehouse.rows import limits
from fitness_assets.lakehouse.rows.cache import RowCache
from fitness_assets.lakehouse.rows.change_feed import FEED_FIELDS, ChangeFeed
from fitness_assets.lakehouse.rows.diff import RowCounts
from fitness_assets.lakehouse.rows.rowset import RowSet, SparkProvider, StagingArea, staging_area
from fitness_assets.lakehouse.schemas import delta_columns, schema_change, tell_change
from fitness_assets.lakehouse.spark.reader import pruned, semi_joined
from fitness_assets.lakehouse.spark.session import LazySession
from fitness_assets.lakehouse.sql.dialect import SPARK
from fitness_assets.lakehouse.sql.predicates import Predicate
from fitness_assets.lakehouse.sql.query_engine import QueryEngine
from fitness_assets.lakehouse.unity.query_engine import UnityQueryEngine
from fitness_assets.lakehouse.unity.table_creation import create_table
from fitness_assets.lakehouse.unity.transaction_log import UnityTransactionLog
from fitness_assets.lakehouse.unity.writer import UnityWriter
from fitness_assets.settings import Settings


class UnityLakehouse:
    """Tables named `catalog.schema.table`.

    Args:
        settings: `catalog` is set.
    """

    def __init__(self, settings: Settings, spark: SparkProvider) -> None:
        self.settings = settings
        self.session = LazySession(spark)
        self._cache = RowCache()
        self._logs: dict[str, UnityTransactionLog] = {}
        self._ensured: set[str] = set()
        self._lock = Lock()
        self._writer = UnityWriter(self, self.spark)

    def spark(self) -> SparkSession:
        return self.session()

    def address(self, table: Table) -> str:
        return f"{self.settings.catalog}.{table.full_name}"

    def sql_name(self, table: Table) -> str:
        return ".".join(map(SPARK.name, (str(self.settings.catalog), table.layer.value, table.name)))

    def log(self, table: Table) -> UnityTransactionLog:
        with self._lock:
            new = UnityTransactionLog(self.spark, table, self.sql_name(table))
            return self._logs.setdefault(table.full_name, new)

    def latest_version_hint(self, table: Table) -> int | None:
        return None

    def ensure(self, table: Table) -> UnityTransactionLog:
        log = self.log(table)
        with self._lock:
            if table.full_name in self._ensured:
                return log
        if not log.exists():
            create_table(self.spark(), self.settings, table, self.sql_name(table))
        else:
            change = schema_change(table, log, self.address(table))
            if change.is_needed:
                tell_change(table, change)
                self._writer.change_columns(table, change)
        with self._lock:
            self._ensured.add(table.full_name)
        return log

    def columns(self, table: Table) -> tuple[dict[str, str], dict[str, str]]:
        return self.log(table).columns(), delta_columns(table)

    def remove(self, table: Table) -> None:
        self.spark().sql(f"DROP TABLE IF EXISTS {self.sql_name(table)}").collect()
        with self._lock:
            self._logs.pop(table.full_name, None)
            self._ensured.discard(table.full_name)

    @contextmanager
    def query_engine(self) -> Iterator[QueryEngine]:
        yield UnityQueryEngine(self.spark(), self.log, self.sql_name)

    def staging(self, table: Table) -> AbstractContextManager[StagingArea]:
        return staging_area(self.settings.checkpoint_zone / "staging" / table.layer.value / table.name)

    def read(self, table: Table, version: int | None = None) -> RowSet:
        spark = self.spark()
        reader = spark.read if version is None else spark.read.option("versionAsOf", version)
        return RowSet.planned(self.spark, reader.table(self.sql_name(table)))

    def rows(self, table: Table, version: int | None = None) -> pa.Table:
        latest = self.log(table).version()
        at = version if version is not None or latest is None else latest.number
        key = (table.full_name, latest.table_id if latest else "", at)
        schema = arrow_schema(table)
        return self._cache.get(key, lambda: self.read(table, at).df.select(*schema.names).toArrow().cast(schema))

    def changes(self, table: Table, after: int, until: int, expected_rows: int) -> ChangeFeed:
        return change_feed_of(self, table, until, self._feed(table, after, until, expected_rows), expected_rows)

    def _feed(self, table: Table, after: int, until: int, expected_rows: int) -> RowSet:
        columns = [*table.column_names, *(field.name for field in FEED_FIELDS)]
        feed = self.spark().read.option("readChangeFeed", "true").option("startingVersion", after + 1)
        changed = feed.option("endingVersion", until).table(self.sql_name(table)).select(*columns)
        if expected_rows > limits.SMALL_CHANGE_ROWS:
            return RowSet.planned(self.spark, changed)
        latest = self.log(table).version()
        key = (table.full_name, latest.table_id if latest else "", after, until)
        schema = pa.schema([*arrow_schema(table), *FEED_FIELDS])
        return RowSet.in_process(self.spark, self._cache.get(key, lambda: changed.toArrow().cast(schema)))

    def lookup(
        self,
        table: Table,
        version: int | None,
        predicates: Sequence[Predicate],
        among: Sequence[RowSet],
        is_intermediate: bool,
    ) -> RowSet:
        return pruned(self.read(table, version), self.log(table).row_count(), predicates, is_intermediate)

    def semi_join(self, table: Table, values: RowSet, columns: Sequence[str], version: int | None = None) -> RowSet:
        return semi_joined(self.read(table, version), self.log(table).row_count(), values, columns)

    def pays_to_prune(self, tables: Sequence[Table]) -> bool:
        """Each restriction is a query of its own, which Spark compiles anew for its literals."""
        return max(self.log(table).row_count() for table in tables) > limits.PRUNING_MIN_ROWS

    def cached(self, key: Hashable, make: Callable[[], pa.Table]) -> pa.Table:
        return self._cache.get(key, make)

    def preview(self, table: Table) -> list[dict[str, str]]:
        public = [column.name for column in table.columns if not column.pii]
        rows = self.spark().table(self.sql_name(table)).select(*public).head(PREVIEW_ROWS)
        return [masked(table, row.asDict()) for row in rows]

    def read_batches(self, table: Table) -> Iterator[pa.Table]:
        yield self.read(table).df.select(*table.column_names).toArrow().cast(arrow_schema(table))

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

    def apply_changes(self, table: Table, changes: RowSet) -> RowCounts:
        return self._writer.apply_changes(table, changes)

    def overwrite(self, table: Table, rows: RowSet, expected_rows: int, user_metadata: str | None = None) -> RowCounts:
        return self._writer.overwrite(table, rows, expected_rows, user_metadata)

    def delete_not_null(self, table: Table, column: str) -> None:
        self._writer.delete_not_null(table, column)

    def delete_rows(self, table: Table, is_deleted: Callable[[pa.Table], pa.Array], predicate: str) -> int:
        return self._writer.delete_rows(table, self.read_batches(table), is_deleted)

    def forget_history(self, table: Table) -> str:
        return self._writer.forget_history(table)

    def compact(self, table: Table) -> None:
        self._writer.compact(table)

    def compact_fragments(self, table: Table) -> None:
        """Databricks' own predictive optimization and the nightly maintenance do so."""

    def is_optimized_elsewhere(self, table: Table) -> bool:
        return is_optimized(self.spark(), self.settings, self.sql_name(table))
