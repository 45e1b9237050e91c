"""Queries on the rows of tables, in SQL: what the checks and the reconciliation are written in.

The queries are made of what DuckDB and Spark both understand.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.sql.dialect import SqlDialect
from fitness_assets.lakehouse.transaction_log import Version


class TableScan(ABC):
    """The rows of a table's latest version, and those of them that are new since an earlier one.

    Attributes:
        all_rows: all rows, to stand behind FROM.
        new_rows: at least the rows that are new, to stand behind FROM.
        is_all_new: whether all rows count as new.
        since: the version that new rows are new since; None for none.
    """

    dialect: SqlDialect
    all_rows: str
    new_rows: str
    is_all_new: bool
    since: Version | None

    @abstractmethod
    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """The rows that a query gives."""

    @abstractmethod
    def bounds(self, columns: Sequence[str]) -> list[tuple[str, str] | None]:
        """The least and the greatest value of some columns in the new rows, as literals; None where there is none."""

    def semi_join(self, others: "TableScan", columns: Sequence[str]) -> str:
        """At least the rows that have values in `columns` that the new rows of a table have, to stand behind FROM."""
        if others.is_all_new:
            return self.all_rows
        inside = " AND ".join(
            f"{self.name(column)} BETWEEN {bounds[0]} AND {bounds[1]}"
            for column, bounds in zip(columns, others.bounds(columns), strict=True)
            if bounds
        )
        return f"(SELECT * FROM {self.all_rows} WHERE {inside or 'true'})"

    def count(self, rows: str) -> int:
        """How many rows there are behind FROM."""
        return int(self.fetch(f"SELECT count(*) FROM {rows}")[0][0])

    def has_duplicates(self, key: Sequence[str]) -> bool:
        """Whether rows share a key."""
        columns = self.names(key)
        return self.count(f"(SELECT {columns} FROM {self.all_rows} GROUP BY ALL HAVING count(*) > 1 LIMIT 1)") > 0

    def name(self, column: str) -> str:
        """A column's name as it stands in SQL."""
        return self.dialect.name(column)

    def names(self, columns: Iterable[str]) -> str:
        return self.dialect.names(columns)


class QueryEngine(ABC):
    """What runs the queries."""

    @abstractmethod
    def scan(self, table: Table, since: Version | None = None, full_scan_rows: int = 0) -> TableScan:
        """The rows of a table.

        Args:
            since: the version that new rows are new since, or None for none.
            full_scan_rows: where the table has no more rows than this, all count as new.
        """
