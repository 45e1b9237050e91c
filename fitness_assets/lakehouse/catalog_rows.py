"""Looking at the rows of a catalog's tables with Spark."""

from collections.abc import Callable, Sequence
from typing import Any

from pyspark.sql import SparkSession

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.looking import Look, Rows
from fitness_assets.lakehouse.pruning import literal
from fitness_assets.lakehouse.transaction_log import TransactionLog, Version


class SparkLook(Look):
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

    def rows(self, table: Table, before: Version | None = None, most: int = 0) -> "CatalogRows":
        return CatalogRows(self._spark, table, self._log(table), self._sql_name(table), before, most)


class CatalogRows(Rows):
    """The rows of a table, the new ones from its change data feed."""

    def __init__(
        self, spark: SparkSession, table: Table, log: TransactionLog, name: str, before: Version | None, most: int
    ) -> None:
        self._spark = spark
        now = log.version()
        number = now.number if now else 0
        self.all_rows = f"{name} VERSION AS OF {number}"
        self.new_rows, self.all_new = self.all_rows, True
        if before and now and log.row_count() > most and log.leads_from(before, now):
            if not log.feeds_from(before.number, now.number):
                return
            self.all_new = False
            columns = self.names(table.column_names)
            feed = f"table_changes({literal(name)}, {before.number + 1}, {number})"
            if before.number == number:
                self.new_rows = f"(SELECT * FROM {self.all_rows} WHERE false)"
            else:
                after = "_change_type IN ('insert', 'update_postimage')"
                self.new_rows = f"(SELECT {columns} FROM {feed} WHERE {after})"

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._spark.sql(query).collect()]

    def name(self, column: str) -> str:
        return f"`{column}`"

    def near(self, others: Rows, columns: Sequence[str]) -> str:
        if others.all_new:
            return self.all_rows
        ends = ", ".join(
            f"min({self.name(c)}) AS low_{i}, max({self.name(c)}) AS high_{i}" for i, c in enumerate(columns)
        )
        found = self.fetch(f"SELECT {ends} FROM {others.new_rows}")[0]
        inside = " AND ".join(
            f"{self.name(column)} BETWEEN {literal(low)} AND {literal(high)}"
            for column, low, high in zip(columns, found[::2], found[1::2], strict=True)
            if low is not None
        )
        return f"(SELECT * FROM {self.all_rows} WHERE {inside or 'true'})"
