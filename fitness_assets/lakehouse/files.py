"""The Parquet files of a table, for looking at its rows in DuckDB without Spark."""

from collections.abc import Sequence

import duckdb
from deltalake import DeltaTable

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.log import Version
from fitness_assets.lakehouse.tables import Lakehouse

_TYPES = {"string": "VARCHAR", "timestamp": "TIMESTAMPTZ"}


class TableFiles:
    """The files of a table's latest version, and which of them are new since an earlier one.

    Args:
        db: the connection that the queries are for.
        before: the earlier version, or None for none.
        most: where the table has no more rows than this, all files count as new.
    """

    def __init__(
        self, db: duckdb.DuckDBPyConnection, lake: Lakehouse, table: Table, before: Version | None = None, most: int = 0
    ) -> None:
        self.db = db
        self.table = table
        log = lake.log(table)
        self.all = log.delta().file_uris()
        self.new = self.all
        now = log.version()
        if before and now and log.row_count() > most and log.leads_from(before, now):
            known = set(DeltaTable(str(log.path), version=before.number).file_uris())
            self.new = [file for file in self.all if file not in known]

    @property
    def all_rows(self) -> str:
        """All rows, to stand behind FROM."""
        return self._rows(self.all)

    @property
    def new_rows(self) -> str:
        """The rows of the new files, to stand behind FROM."""
        return self._rows(self.new)

    def count(self, query: str) -> int:
        found = self.db.execute(f"SELECT count(*) FROM {query}").fetchone()
        return int(found[0]) if found else 0

    def near(self, others: "TableFiles", columns: Sequence[str]) -> str:
        """The rows that can have the values in `columns` that the new rows of a table have, to stand behind FROM."""
        if others.new == others.all:
            return self.all_rows
        if not others.new:
            return self._rows([])
        ends = ", ".join(f'min("{name}")::VARCHAR, max("{name}")::VARCHAR' for name in columns)
        found = self.db.execute(f"SELECT {ends} FROM {others.new_rows}").fetchall()[0]
        inside = " AND ".join(
            f'"{name}" BETWEEN {_quoted(low)} AND {_quoted(high)}'
            for name, low, high in zip(columns, found[::2], found[1::2], strict=True)
            if low is not None
        )
        return f"(SELECT * FROM {self.all_rows} WHERE {inside or 'true'})"

    def _rows(self, files: list[str]) -> str:
        if files:
            names = ", ".join(_quoted(name.removeprefix("file://")) for name in files)
            return f"read_parquet([{names}], hive_partitioning = true)"
        columns = [(c.name, _TYPES.get(c.type, c.type)) for c in self.table.all_columns]
        return "(SELECT " + ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns) + " WHERE false)"


def has_repeated_keys(lake: Lakehouse, table: Table) -> bool:
    """Whether rows share a key, which no update of ours leaves behind and no MERGE can mend."""
    with duckdb.connect() as db:
        files = TableFiles(db, lake, table)
        key = ", ".join(f'"{name}"' for name in table.key)
        return files.count(f"(SELECT {key} FROM {files.all_rows} GROUP BY ALL HAVING count(*) > 1 LIMIT 1)") > 0


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
