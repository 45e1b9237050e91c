"""Queries on a table's Parquet files in DuckDB, without Spark."""

from collections.abc import Callable, Sequence
from typing import Any

import duckdb

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.local.transaction_log import LocalTransactionLog
from fitness_assets.lakehouse.sql.dialect import DUCKDB
from fitness_assets.lakehouse.sql.query_engine import QueryEngine, TableScan
from fitness_assets.lakehouse.transaction_log import Version

_TYPES = {"string": "VARCHAR", "timestamp": "TIMESTAMPTZ"}


class LocalQueryEngine(QueryEngine):
    """Tables in folders.

    Args:
        db: the connection that the queries are for.
        log: gives the log of a table.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, log: Callable[[Table], LocalTransactionLog]) -> None:
        self._db = db
        self._log = log

    def scan(self, table: Table, since: Version | None = None, full_scan_rows: int = 0) -> "LocalTableScan":
        return LocalTableScan(self._db, table, self._log(table), since, full_scan_rows)


class LocalTableScan(TableScan):
    """The files of a table's latest version, and which of them are new since an earlier one."""

    dialect = DUCKDB

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        table: Table,
        log: LocalTransactionLog,
        since: Version | None = None,
        full_scan_rows: int = 0,
    ) -> None:
        self._db = db
        self._table = table
        self._log = log
        snapshot = log.snapshot()
        all_files = new_files = list(snapshot.files)
        if since and snapshot.row_count() > full_scan_rows and log.is_ancestor(since, snapshot.version):
            added = log.added_files(since.number, snapshot.version.number)
            new_files = [file for file in all_files if file in added]
        self.is_all_new = new_files == all_files
        self.all_rows, self.new_rows = self._rows(all_files), self._rows(new_files)

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        return self._db.execute(query).fetchall()

    def bounds(self, columns: Sequence[str]) -> list[tuple[str, str] | None]:
        # As texts, which take the column's own type: a value of Python's could not hold every time.
        ends = ", ".join(f"min({name})::VARCHAR, max({name})::VARCHAR" for name in map(self.name, columns))
        texts = self.fetch(f"SELECT {ends} FROM {self.new_rows}")[0]
        return [
            None if low is None else (self.dialect.literal(low), self.dialect.literal(high))
            for low, high in zip(texts[::2], texts[1::2], strict=True)
        ]

    def _rows(self, files: list[str]) -> str:
        if files:
            paths = [str(self._log.path / name) for name in files]
            return f"read_parquet([{self.dialect.literals(paths)}], hive_partitioning = true)"
        columns = ", ".join(
            f"NULL::{_TYPES.get(column.type, column.type)} AS {self.name(column.name)}"
            for column in self._table.all_columns
        )
        return f"(SELECT {columns} WHERE false)"
