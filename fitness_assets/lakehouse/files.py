"""Looking at a table's Parquet files in DuckDB, without Spark."""

from collections.abc import Callable, Sequence
from typing import Any

import duckdb

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.looking import Look, Rows
from fitness_assets.lakehouse.table_log import TableLog
from fitness_assets.lakehouse.transaction_log import Version

_TYPES = {"string": "VARCHAR", "timestamp": "TIMESTAMPTZ"}


class DuckDbLook(Look):
    """Tables that are folders.

    Args:
        db: the connection that the queries are for.
        log: gives the log of a table.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, log: Callable[[Table], TableLog]) -> None:
        self._db = db
        self._log = log

    def rows(self, table: Table, before: Version | None = None, most: int = 0) -> "TableFiles":
        return TableFiles(self._db, table, self._log(table), before, most)


class TableFiles(Rows):
    """The files of a table's latest version, and which of them are new since an earlier one."""

    def __init__(
        self, db: duckdb.DuckDBPyConnection, table: Table, log: TableLog, before: Version | None = None, most: int = 0
    ) -> None:
        self._db = db
        self._table = table
        self._log = log
        now = log.there()
        every = new = list(now.files)
        if before and now.row_count() > most and log.leads_from(before, now.version):
            added = log.added(before.number, now.version.number)
            new = every if added is None else [file for file in every if file in added]
        self.all_new = new == every
        self.all_rows, self.new_rows = self._rows(every), self._rows(new)

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        return self._db.execute(query).fetchall()

    def name(self, column: str) -> str:
        return f'"{column}"'

    def near(self, others: Rows, columns: Sequence[str]) -> str:
        if others.all_new:
            return self.all_rows
        ends = ", ".join(f'min("{name}")::VARCHAR, max("{name}")::VARCHAR' for name in columns)
        found = self.fetch(f"SELECT {ends} FROM {others.new_rows}")[0]
        inside = " AND ".join(
            f'"{name}" BETWEEN {_quoted(low)} AND {_quoted(high)}'
            for name, low, high in zip(columns, found[::2], found[1::2], strict=True)
            if low is not None
        )
        return f"(SELECT * FROM {self.all_rows} WHERE {inside or 'true'})"

    def _rows(self, files: list[str]) -> str:
        if files:
            names = ", ".join(_quoted(str(self._log.path / name)) for name in files)
            return f"read_parquet([{names}], hive_partitioning = true)"
        columns = [(c.name, _TYPES.get(c.type, c.type)) for c in self._table.all_columns]
        return "(SELECT " + ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns) + " WHERE false)"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
