"""Queries on the rows of a catalog's tables with Spark."""

from collections.abc import Callable, Sequence
from typing import Any

from pyspark.sql import SparkSession

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.sql.dialect import SPARK
from fitness_assets.lakehouse.sql.query_engine import QueryEngine, TableScan
from fitness_assets.lakehouse.transaction_log import TransactionLog, Version


class UnityQueryEngine(QueryEngine):
    """Tables in a catalog.

    Args:
        log: gives the log of a table.
        sql_name: gives the name of a table in SQL.
    """

    def __init__(
        self, spark: SparkSession, log: Callable[[Table], TransactionLog], sql_name: Callable[[Table], str]
    ) -> None:
        self._spark = spark
        self._log = log
        self._sql_name = sql_name

    def scan(self, table: Table, since: Version | None = None, full_scan_rows: int = 0) -> "UnityTableScan":
        return UnityTableScan(self._spark, table, self._log(table), self._sql_name(table), since, full_scan_rows)


class UnityTableScan(TableScan):
    """The rows of a table, the new ones from its change data feed."""

    dialect = SPARK

    def __init__(
        self,
        spark: SparkSession,
        table: Table,
        log: TransactionLog,
        sql_name: str,
        since: Version | None,
        full_scan_rows: int,
    ) -> None:
        self._spark = spark
        self.since = since
        latest = log.version()
        number = latest.number if latest else 0
        self.all_rows = f"{sql_name} VERSION AS OF {number}"
        self.new_rows, self.is_all_new = self.all_rows, True
        if since and latest and log.row_count() > full_scan_rows and log.is_ancestor(since, latest):
            if not log.has_change_feed(since.number, latest.number):
                return
            self.is_all_new = False
            columns = self.names(table.column_names)
            feed = f"table_changes({self.dialect.literal(sql_name)}, {since.number + 1}, {number})"
            if since.number == number:
                self.new_rows = f"(SELECT * FROM {self.all_rows} WHERE false)"
            else:
                after = "_change_type IN ('insert', 'update_postimage')"
                self.new_rows = f"(SELECT {columns} FROM {feed} WHERE {after})"

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._spark.sql(query).collect()]

    def bounds(self, columns: Sequence[str]) -> list[tuple[str, str] | None]:
        ends = ", ".join(
            f"min({self.name(column)}) AS low_{number}, max({self.name(column)}) AS high_{number}"
            for number, column in enumerate(columns)
        )
        values = self.fetch(f"SELECT {ends} FROM {self.new_rows}")[0]
        return [
            None if low is None else (self.dialect.literal(low), self.dialect.literal(high))
            for low, high in zip(values[::2], values[1::2], strict=True)
        ]
