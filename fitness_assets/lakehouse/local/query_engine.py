"""Queries on a table's Parquet files in DuckDB, without Spark."""

from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import pyarrow.compute as pc

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.local.transaction_log import LocalTransactionLog
from fitness_assets.lakehouse.rows import limits
from fitness_assets.lakehouse.sql.dialect import DUCKDB
from fitness_assets.lakehouse.sql.predicates import InRanges, Where, all_of
from fitness_assets.lakehouse.sql.query_engine import QueryEngine, TableScan
from fitness_assets.lakehouse.sql.ranges import covering_ranges
from fitness_assets.lakehouse.transaction_log import Version

_IS_THERE = "_change_type IN ('insert', 'update_postimage')"
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
        self.since = since
        self._snapshot = log.snapshot()
        all_files = new_files = list(self._snapshot.files)
        changes: list[str] | None = None
        if since and self._snapshot.row_count() > full_scan_rows and log.is_ancestor(since, self._snapshot.version):
            until = self._snapshot.version.number
            added, changes = log.added_files(since.number, until), log.change_data_files(since.number, until)
            new_files = [file for file in all_files if file in added]
        self.is_all_new = new_files == all_files
        self.all_rows, self.new_rows = self._rows(all_files), self._rows(new_files)
        if changes and not self.is_all_new:
            # Not the other rows of the files that the changed ones are in.
            self.new_rows = f"(SELECT * FROM {self._rows(changes)} WHERE {_IS_THERE})"

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

    def semi_join(self, others: TableScan, columns: Sequence[str]) -> str:
        if others.is_all_new or others.count(others.new_rows) > limits.LOCAL_ROWS:
            return super().semi_join(others, columns)
        values = self._db.sql(f"SELECT DISTINCT {self.names(columns)} FROM {others.new_rows}").to_arrow_table()
        ranges = {name: covering_ranges(pc.unique(values[name].drop_null()).to_pylist()) for name in columns}
        inside = [Where(name, InRanges(covering)) for name, covering in ranges.items()]
        files = [file.path for file in self._snapshot.matching_files(inside)]
        return f"(SELECT * FROM {self._rows(files)} WHERE {all_of(inside, self.dialect)})"

    def _rows(self, files: list[str]) -> str:
        if files:
            paths = [str(self._log.path / name) for name in files]
            return f"read_parquet([{self.dialect.literals(paths)}], hive_partitioning = true)"
        columns = ", ".join(
            f"NULL::{_TYPES.get(column.type, column.type)} AS {self.name(column.name)}"
            for column in self._table.all_columns
        )
        return f"(SELECT {columns} WHERE false)"
