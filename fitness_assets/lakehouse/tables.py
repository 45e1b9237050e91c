"""Where tables lie, and making and reading them."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake import DeltaTable
from pyspark.sql import DataFrame, DataFrameWriter, SparkSession
from pyspark.sql.streaming.query import StreamingQuery
from pyspark.sql.streaming.readwriter import DataStreamWriter

from fitness_assets.contracts.model import Table
from fitness_assets.errors import SchemaMismatchError
from fitness_assets.lakehouse import commits
from fitness_assets.lakehouse.cache import RowCache
from fitness_assets.lakehouse.files import DuckDbLook
from fitness_assets.lakehouse.finding import all_rows, rows_near
from fitness_assets.lakehouse.looking import Look
from fitness_assets.lakehouse.preview import preview
from fitness_assets.lakehouse.pruning import Near
from fitness_assets.lakehouse.schemas import arrow_schema
from fitness_assets.lakehouse.staging import FEW_ROWS, Staged, local_rows
from fitness_assets.lakehouse.table_log import TableLog
from fitness_assets.lakehouse.transaction_log import TransactionLog
from fitness_assets.settings import Settings

PROPERTIES = {
    "delta.enableChangeDataFeed": "true",
    "delta.enableDeletionVectors": "false",
    "delta.checkpointInterval": "20",
}
"""Deletion vectors stay off: with them some Delta readers refuse a table. A checkpoint costs as much as a
small commit, and a hundred small commit files are read in milliseconds."""

SMALL_TABLE = 20_000
"""Up to this many rows a table is read here and handed to Spark, which spares Spark two jobs."""
SMALL_CHANGE = 50_000


class Lakehouse:
    """The Delta tables of one data zone, each a folder."""

    streams_files = False
    """Whether new files come by a stream, which Databricks' Auto Loader is, and not by names from our own notes."""
    few_here = True
    """Whether few rows are found and committed, and small files put together, in this process, without a Spark job."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._recent = RowCache()

    @cached_property
    def _db(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect()

    def path(self, table: Table) -> Path:
        if table.state_of:
            return self.settings.checkpoint_zone / table.layer.value / table.state_of / "tombstones"
        return self.settings.data_zone / table.layer.value / table.name

    def address(self, table: Table) -> str:
        """Where the table lies, for people."""
        return str(self.path(table))

    def sql_name(self, table: Table) -> str:
        """The table's name in SQL."""
        return "delta.`" + str(self.path(table)).replace("`", "``") + "`"

    def log(self, table: Table) -> TransactionLog:
        return TableLog(self.path(table))

    @contextmanager
    def look(self) -> Iterator[Look]:
        """Look at rows by SQL, without Spark where that can be."""
        with duckdb.connect() as db:
            yield DuckDbLook(db, lambda table: TableLog(self.path(table)))

    def save(self, writer: DataFrameWriter, table: Table) -> None:
        """Run a batch write into the table."""
        writer.format("delta").save(str(self.path(table)))

    def stream(self, writer: DataStreamWriter, table: Table) -> None:
        """Run a streaming write into the table until it ends by itself."""
        await_end(writer.format("delta").start(str(self.path(table))))

    def append_few(self, table: Table, base: int, rows: pa.Table, mark: str) -> None:
        """Append rows held in this process to version `base` in one commit that carries the mark.

        Raises:
            CommitFailedError: another writer was faster.
        """
        commits.append(self.path(table), base, rows.select(table.column_names).cast(arrow_schema(table)), mark)

    def merge_few(
        self, table: Table, base: int, change: pa.Table, op: str, bounds: commits.Bounds, mark: str
    ) -> tuple[int, int, int]:
        """Insert, update and delete rows held in this process in version `base`, in one commit that carries the mark.

        Gives how many were inserted, updated and deleted.

        Args:
            op: the column that says what to do.
            bounds: closed ranges that hold the changes' values of some columns of the key.

        Raises:
            CommitFailedError: another writer was faster.
        """
        schema = pa.schema([pa.field(op, pa.string()), *arrow_schema(table)])
        return commits.merge(
            self.path(table), base, change.select(schema.names).cast(schema), op, table.key, bounds, mark
        )

    def compact(self, spark: Callable[[], SparkSession], table: Table) -> None:
        """Put small files together in one commit; no row changes.

        Raises:
            CommitFailedError: another writer was faster.
        """
        DeltaTable(str(self.path(table))).optimize.compact()

    def execute(self, spark: SparkSession, table: Table, statement: str) -> None:
        """Run a SQL statement that writes to the table."""
        spark.sql(statement).collect()

    def ensure(self, table: Table) -> TransactionLog:
        """Make the table, empty, if it is not there; it needs no Spark.

        Raises:
            SchemaMismatchError: the table there has other columns than the contract.
        """
        log, path = self.log(table), self.path(table)
        if log.exists():
            self._check_columns(table)
            return log
        path.mkdir(parents=True, exist_ok=True)
        DeltaTable.create(
            str(path),
            schema=arrow_schema(table),
            mode="ignore",
            partition_by=list(table.partition_by) or None,
            name=table.full_name,
            description=table.description,
            configuration=PROPERTIES,
        )
        return log

    def read(self, spark: SparkSession, table: Table, version: int | None = None) -> DataFrame:
        """The rows of a table, in its latest version if none is given."""
        if self.log(table).row_count(version) <= SMALL_TABLE:
            return local_rows(spark, self.rows(table, version))
        reader = spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return reader.load(str(self.path(table)))

    def rows(self, table: Table, version: int | None = None) -> pa.Table:
        """The rows of a small table in this process, read without Spark."""
        state = TableLog(self.path(table)).at(version)
        key = (str(self.path(table)), state.version.table_id, state.version.number)
        return self._recent.get(key, lambda: all_rows(self._db, self.path(table), state, arrow_schema(table)))

    def find(
        self,
        spark: SparkSession,
        table: Table,
        version: int | None = None,
        near: Sequence[Near] = (),
        among: Sequence[pa.Table] = (),
    ) -> Staged | None:
        """The rows for which all conditions hold and whose values are among the given ones, read without Spark.

        None where they are many, or where Spark has to look for them.

        Args:
            version: the latest if none is given.
            among: each a table of values, its columns named as in the table.
        """
        if not self.few_here:
            return None
        state, held = TableLog(self.path(table)).at(version), None
        if state.row_count() <= SMALL_TABLE:
            held = self.rows(table, state.version.number)
        schema = arrow_schema(table)
        found = rows_near(self._db, self.path(table), state, schema, near, among, FEW_ROWS, held)
        return None if found is None else Staged.here(spark, found)

    def preview(self, table: Table) -> list[dict[str, str]]:
        """A few rows for people to look at, the public columns as text, personal data masked."""
        return preview(TableLog(self.path(table)), table)

    def has_repeated_keys(self, table: Table) -> bool:
        """Whether rows share a key, which no update of ours leaves behind and no MERGE can mend."""
        with self.look() as look:
            rows = look.rows(table)
            key = rows.names(table.key)
            return rows.count(f"(SELECT {key} FROM {rows.all_rows} GROUP BY ALL HAVING count(*) > 1 LIMIT 1)") > 0

    def remembered(self, key: Hashable, make: Callable[[], pa.Table]) -> pa.Table:
        """Few rows that were computed from one version of a table, as long as there is room for them."""
        return self._recent.get(key, make)

    def changes(self, spark: SparkSession, table: Table, after: int, until: int, rows: int) -> Staged:
        """The change data feed of the versions in (after, until].

        Args:
            rows: about how many there are; few are read without Spark, once for all that need them.
        """
        path = str(self.path(table))
        if rows <= SMALL_CHANGE:
            key = (path, TableLog(self.path(table)).there().version.table_id, after, until)
            few = self._recent.get(key, lambda: _feed(DeltaTable(path, version=until), table, after, until))
            return Staged.here(spark, few)
        feed = spark.read.format("delta").option("readChangeFeed", "true")
        feed = feed.option("startingVersion", after + 1).option("endingVersion", until)
        return Staged(feed.load(path).drop("_commit_timestamp"), None)

    def columns(self, table: Table) -> tuple[dict[str, str], dict[str, str]]:
        """The columns that the table has and those that its contract says, each with its Delta type."""
        spelled = {"bigint": "long", "int": "integer"}
        wanted = {column.name: spelled.get(column.type, column.type) for column in table.all_columns}
        return self.log(table).columns(), wanted

    def _check_columns(self, table: Table) -> None:
        there, wanted = self.columns(table)
        if there != wanted:
            raise SchemaMismatchError(
                f"{table.full_name} in {self.address(table)} has the columns {there}, its contract has {wanted}. "
                f"Remove it and its checkpoint "
                f"(fitness-assets clean --table {table.full_name}) to build it anew."
            )


def await_end(query: StreamingQuery) -> None:
    """Wait until a stream that takes what is there has ended; an interrupt ends it."""
    try:
        query.awaitTermination()
    finally:
        if query.isActive:
            query.stop()


def _feed(delta: DeltaTable, table: Table, after: int, until: int) -> pa.Table:
    feed = pa.table(delta.load_cdf(starting_version=after + 1, ending_version=until))
    fields = [*arrow_schema(table), pa.field("_change_type", pa.string()), pa.field("_commit_version", pa.int64())]
    return feed.select([field.name for field in fields]).cast(pa.schema(fields))
