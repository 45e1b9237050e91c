"""Where tables lie, and making and reading them."""

import json
from collections.abc import Callable, Hashable
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.model import Column, Table
from fitness_assets.errors import TableChanged
from fitness_assets.lakehouse.log import TableLog
from fitness_assets.lakehouse.recent import Recent
from fitness_assets.lakehouse.staging import Staged, local_rows
from fitness_assets.settings import Settings

_ARROW = {
    "bigint": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
}
PROPERTIES = {
    "delta.enableChangeDataFeed": "true",
    "delta.enableDeletionVectors": "false",
    "delta.checkpointInterval": "100",
}
"""Deletion vectors stay off: with them some Delta readers refuse a table. A checkpoint costs as much as a
small commit, and a hundred small commit files are read in milliseconds."""

SMALL_TABLE = 20_000
"""Up to this many rows a table is read here and handed to Spark, which spares Spark two jobs."""
SMALL_CHANGE = 50_000


def arrow_schema(table: Table) -> pa.Schema:
    """The table's columns in Arrow, with descriptions as comments."""
    return pa.schema([_arrow_field(column) for column in table.all_columns])


def _arrow_field(column: Column) -> pa.Field:
    metadata = {"comment": column.description} | ({"pii": column.pii.value} if column.pii else {})
    return pa.field(column.name, _ARROW[column.type], column.nullable, metadata=metadata)


class Lakehouse:
    """The Delta tables of one data zone."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._recent = Recent()

    def path(self, table: Table) -> Path:
        return self.settings.data_zone / table.layer.value / table.name

    def sql_name(self, table: Table) -> str:
        """The table's name in SQL."""
        return "delta.`" + str(self.path(table)).replace("`", "``") + "`"

    def log(self, table: Table) -> TableLog:
        return TableLog(self.path(table))

    def ensure(self, table: Table) -> TableLog:
        """Make the table, empty, if it is not there; it needs no Spark.

        Raises:
            TableChanged: the table there has other columns than the contract.
        """
        log = self.log(table)
        if log.exists():
            self._check_columns(table, log)
            return log
        path = self.path(table)
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
        delta = DeltaTable(str(self.path(table)), version=version)
        key = (str(self.path(table)), str(delta.metadata().id), delta.version())
        return self._recent.get(key, lambda: delta.to_pyarrow_table().cast(arrow_schema(table)))

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
            delta = DeltaTable(path, version=until)
            key = (path, str(delta.metadata().id), after, until)
            few = self._recent.get(key, lambda: _feed(delta, table, after, until))
            return Staged.here(spark, few)
        feed = spark.read.format("delta").option("readChangeFeed", "true")
        feed = feed.option("startingVersion", after + 1).option("endingVersion", until)
        return Staged(feed.load(path).drop("_commit_timestamp"), None)

    def columns(self, table: Table) -> tuple[dict[str, str], dict[str, str]]:
        """The columns that the table has and those that its contract says, each with its Delta type."""
        fields = json.loads(self.log(table).delta().schema().to_json())["fields"]
        spelled = {"bigint": "long", "int": "integer"}
        wanted = {column.name: spelled.get(column.type, column.type) for column in table.all_columns}
        return {field["name"]: field["type"] for field in fields}, wanted

    def _check_columns(self, table: Table, log: TableLog) -> None:
        there, wanted = self.columns(table)
        if there != wanted:
            raise TableChanged(
                f"{table.full_name} in {log.path} has the columns {there}, its contract has {wanted}. "
                f"Remove the folder and its checkpoint "
                f"(fitness-assets clean --table {table.full_name}) to build it anew."
            )


def _feed(delta: DeltaTable, table: Table, after: int, until: int) -> pa.Table:
    feed = pa.table(delta.load_cdf(starting_version=after + 1, ending_version=until))
    fields = [*arrow_schema(table), pa.field("_change_type", pa.string()), pa.field("_commit_version", pa.int64())]
    return feed.select([field.name for field in fields]).cast(pa.schema(fields))
