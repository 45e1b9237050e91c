"""Tables in a catalog (Unity Catalog, `catalog.schema.table`): everything goes through Spark's SQL.

Nothing is assumed about where a table's files lie, and none of them is opened from here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

import pyarrow as pa
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, DataFrameWriter, SparkSession
from pyspark.sql.streaming.readwriter import DataStreamWriter

from fitness_assets.contracts.model import Column, Table
from fitness_assets.errors import EngineError
from fitness_assets.lakehouse.catalog_log import CatalogLog
from fitness_assets.lakehouse.catalog_rows import SparkLook
from fitness_assets.lakehouse.looking import Look
from fitness_assets.lakehouse.preview import ROWS, masked
from fitness_assets.lakehouse.pruning import literal
from fitness_assets.lakehouse.schemas import arrow_schema
from fitness_assets.lakehouse.staging import Staged
from fitness_assets.lakehouse.tables import PROPERTIES, SMALL_CHANGE, Lakehouse, await_end
from fitness_assets.lakehouse.transaction_log import TransactionLog
from fitness_assets.runtime import on_databricks
from fitness_assets.settings import Settings

_FEED = (pa.field("_change_type", pa.string()), pa.field("_commit_version", pa.int64()))


class CatalogLakehouse(Lakehouse):
    """The Delta tables of one catalog.

    Args:
        settings: `catalog` is set.
        spark: the session that asks the catalog.
    """

    few_here = False

    def __init__(self, settings: Settings, spark: SparkSession) -> None:
        super().__init__(settings)
        self._spark = spark
        self._logs: dict[str, CatalogLog] = {}
        self._checked: set[str] = set()
        self._lock = Lock()
        self.streams_files = on_databricks()

    def sql_name(self, table: Table) -> str:
        return f"`{self.settings.catalog}`.`{table.layer.value}`.`{table.name}`"

    def address(self, table: Table) -> str:
        return f"{self.settings.catalog}.{table.full_name}"

    def log(self, table: Table) -> CatalogLog:
        with self._lock:
            return self._logs.setdefault(table.full_name, CatalogLog(self._spark, table, self.sql_name(table)))

    @contextmanager
    def look(self) -> Iterator[Look]:
        yield SparkLook(self._spark, self.log, self.sql_name)

    def save(self, writer: DataFrameWriter, table: Table) -> None:
        try:
            writer.format("delta").saveAsTable(self.sql_name(table))
        finally:
            self.log(table).forget()

    def compact(self, spark: Callable[[], SparkSession], table: Table) -> None:
        self.execute(spark(), table, f"OPTIMIZE {self.sql_name(table)}")

    def execute(self, spark: SparkSession, table: Table, statement: str) -> None:
        try:
            super().execute(spark, table, statement)
        finally:
            self.log(table).forget()

    def stream(self, writer: DataStreamWriter, table: Table) -> None:
        # toTable needs an active session, which a thread of classic PySpark has only once it made a DataFrame.
        self._spark.createDataFrame([], "nothing int")
        try:
            await_end(writer.format("delta").toTable(self.sql_name(table)))
        finally:
            self.log(table).forget()

    def ensure(self, table: Table) -> TransactionLog:
        """Make the table, empty, if it is not there.

        Raises:
            TableChanged: the table there has other columns than the contract.
            EngineError: the catalog or the schema is not there and cannot be made.
        """
        with self._lock:
            known = table.full_name in self._checked
        if known:
            return self.log(table)
        if not self.log(table).exists():
            self._create(table)
        self._check_columns(table)
        with self._lock:
            self._checked.add(table.full_name)
        return self.log(table)

    def read(self, spark: SparkSession, table: Table, version: int | None = None) -> DataFrame:
        reader = spark.read if version is None else spark.read.option("versionAsOf", version)
        return reader.table(self.sql_name(table))

    def rows(self, table: Table, version: int | None = None) -> pa.Table:
        found = self.log(table).version()
        at = version if version is not None or found is None else found.number
        key = (table.full_name, found.table_id if found else "", at)
        schema = arrow_schema(table)
        return self._recent.get(
            key, lambda: self.read(self._spark, table, at).select(*schema.names).toArrow().cast(schema)
        )

    def preview(self, table: Table) -> list[dict[str, str]]:
        open_ = [column.name for column in table.columns if not column.pii]
        return [
            masked(table, row.asDict()) for row in self._spark.table(self.sql_name(table)).select(*open_).head(ROWS)
        ]

    def changes(self, spark: SparkSession, table: Table, after: int, until: int, rows: int) -> Staged:
        columns = [*table.column_names, *(field.name for field in _FEED)]
        feed = spark.read.option("readChangeFeed", "true").option("startingVersion", after + 1)
        changed = feed.option("endingVersion", until).table(self.sql_name(table)).select(*columns)
        if rows > SMALL_CHANGE:
            return Staged(changed, None)
        found = self.log(table).version()
        key = (table.full_name, found.table_id if found else "", after, until)
        schema = pa.schema([*arrow_schema(table), *_FEED])
        return Staged.here(spark, self._recent.get(key, lambda: changed.toArrow().cast(schema)))

    def _create(self, table: Table) -> None:
        catalog, schema = f"`{self.settings.catalog}`", table.layer.value
        columns = ", ".join(_ddl(column) for column in table.all_columns)
        parts = f" PARTITIONED BY ({', '.join(table.partition_by)})" if table.partition_by else ""
        root = self.settings.tables_location
        place = f" LOCATION {literal(f'{root}/{table.layer.value}/{table.name}')}" if root else ""
        properties = ", ".join(f"{literal(name)} = {literal(value)}" for name, value in PROPERTIES.items())
        try:
            # Whoever updates may make tables, and need not be allowed to make a schema that is there.
            if self._spark.sql(f"SHOW SCHEMAS IN {catalog} LIKE {literal(schema)}").isEmpty():
                self._spark.sql(f"CREATE SCHEMA IF NOT EXISTS {catalog}.`{schema}`").collect()
            self._spark.sql(
                f"CREATE TABLE IF NOT EXISTS {self.sql_name(table)} ({columns}) USING DELTA{parts}{place} "
                f"COMMENT {literal(table.description)} TBLPROPERTIES ({properties})"
            ).collect()
        except AnalysisException as error:
            raise EngineError(
                f"{self.address(table)} could not be made: {str(error).splitlines()[0]} Make the catalog and its "
                f"schemas first (the bundle does, or fitness-assets governance apply), and let the service principal "
                f"make tables there."
            ) from error


def _ddl(column: Column) -> str:
    required = "" if column.nullable else " NOT NULL"
    return f"`{column.name}` {column.type}{required} COMMENT {literal(column.description)}"
