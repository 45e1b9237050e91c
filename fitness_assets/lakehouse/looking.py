"""Looking at the rows of tables by SQL: what the checks and the sums are written in.

The queries are made of what DuckDB and Spark both understand.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.transaction_log import Version


class Rows(ABC):
    """The rows of a table's latest version, and those of them that are new since an earlier one."""

    all_rows: str
    """All rows, to stand behind FROM."""
    new_rows: str
    """At least the rows that are new, to stand behind FROM."""
    all_new: bool
    """Whether all rows count as new."""

    @abstractmethod
    def fetch(self, query: str) -> list[tuple[Any, ...]]: ...

    @abstractmethod
    def name(self, column: str) -> str:
        """A column's name as it stands in SQL."""

    @abstractmethod
    def near(self, others: "Rows", columns: Sequence[str]) -> str:
        """At least the rows that have values in `columns` that the new rows of a table have, to stand behind FROM."""

    def count(self, rows: str) -> int:
        """How many rows there are behind FROM."""
        return int(self.fetch(f"SELECT count(*) FROM {rows}")[0][0])

    def names(self, columns: Iterable[str]) -> str:
        return ", ".join(self.name(column) for column in columns)


class Look(ABC):
    """One look at some tables."""

    @abstractmethod
    def rows(self, table: Table, before: Version | None = None, most: int = 0) -> Rows:
        """The rows of a table.

        Args:
            before: the version that new rows are new since, or None for none.
            most: where the table has no more rows than this, all count as new.
        """
