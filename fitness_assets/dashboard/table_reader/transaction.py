"""Some tables as they were at one instant, read by DuckDB straight from their Parquet files."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.registry import get_table
from fitness_assets.dashboard.table_reader.predicates import Predicate, sql_literal, where_sql
from fitness_assets.lakehouse import DUCKDB, DataFile, RowCache, TableSnapshot, Version

MAX_CACHED_FILE_ROWS = 20_000
"""A file of up to this many rows is kept in memory once it was read: opening hundreds of them is what would cost, and a
table that is updated all day has hundreds."""


@dataclass(frozen=True)
class TableMetadata:
    """What a table's log says of the version that is read.

    Attributes:
        changed_in: the number of the last version that changed rows (compaction and vacuum change none); None where
            there was none, or the log no longer has it. `changed_at` (UTC) and `operation` are of it.
    """

    version: Version
    row_count: int
    file_count: int
    size_bytes: int
    changed_in: int | None
    changed_at: datetime | None
    operation: str | None


class ReadTransaction:
    """Some tables at one instant, for one query. A table that is not there has no rows."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        snapshots: Mapping[str, TableSnapshot | None],
        cache: RowCache,
        cache_locks: Mapping[Hashable, Lock],
    ) -> None:
        self._connection = connection
        self._snapshots = snapshots
        self._cache = cache
        self._cache_locks = cache_locks
        self._registered = 0

    def __enter__(self) -> "ReadTransaction":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @property
    def table_names(self) -> tuple[str, ...]:
        return tuple(self._snapshots)

    def metadata(self, table_name: str) -> TableMetadata | None:
        """What the log says of a table; None where it is not there. Reads no file."""
        snapshot = self._snapshots[table_name]
        if snapshot is None:
            return None
        change = snapshot.last_change
        return TableMetadata(
            version=snapshot.version,
            row_count=snapshot.row_count,
            file_count=snapshot.file_count,
            size_bytes=snapshot.bytes,
            changed_in=change.version if change else None,
            changed_at=change.at if change else None,
            operation=change.operation if change else None,
        )

    def min_max(self, table_name: str, column: str, **predicates: Predicate) -> tuple[Any, Any]:
        """The least and the greatest value of a column by the statistics of the files that the predicates leave.

        Times are right to the millisecond; None is unknown, or no rows.
        """
        snapshot = self._snapshots[table_name]
        return snapshot.bounds(column, predicates) if snapshot else (None, None)

    def scan(self, table_name: str, *columns: str, **predicates: Predicate) -> str:
        """The rows of a table for which all predicates hold, as SQL to stand behind FROM.

        Files that cannot hold such a row are not opened, and of the others only the columns named are read.
        """
        needed = list(dict.fromkeys([*columns, *predicates]))
        files = self._files_sql(table_name, needed, predicates)
        return f"(SELECT {_column_list(columns)} FROM {files} WHERE {where_sql(predicates)})"

    def fetch_table(self, sql: str) -> pa.Table:
        """The rows that a SQL query gives."""
        return self._connection.sql(sql).to_arrow_table()

    def fetch_row(self, sql: str) -> dict[str, Any]:
        """The one row that a SQL query gives, by column."""
        row: dict[str, Any] = self.fetch_table(sql).to_pylist()[0]
        return row

    def register(self, rows: pa.Table) -> str:
        """A name for rows in memory, to stand behind FROM."""
        self._registered += 1
        name = f"rows_{self._registered}"
        self._connection.register(name, rows)
        return name

    def cached(self, name: str, table_names: Sequence[str], compute: Callable[[], pa.Table]) -> pa.Table:
        """Rows that depend on the versions of these tables alone: computed once as long as there is room."""
        # A page runs several queries at once; one of them computes the rows and the others wait for them.
        with self._cache_locks[name]:
            return self._cache.get((name, self._versions(table_names)), compute)

    def _versions(self, table_names: Sequence[str]) -> tuple[tuple[str, Version | None], ...]:
        snapshots = [(name, self._snapshots[name]) for name in table_names]
        return tuple((name, snapshot.version if snapshot else None) for name, snapshot in snapshots)

    def _files_sql(self, table_name: str, columns: list[str], predicates: Mapping[str, Predicate]) -> str:
        table, snapshot = get_table(table_name), self._snapshots[table_name]
        folder, files = (snapshot.path, snapshot.files(predicates)) if snapshot else (Path(), [])
        large = [str(folder / file.path) for file in files if file.rows > MAX_CACHED_FILE_ROWS]
        small = [file for file in files if file.rows <= MAX_CACHED_FILE_ROWS]
        sources = []
        if small or not large:
            schema = pa.schema([arrow_schema(table).field(name).remove_metadata() for name in columns])
            sources.append(self.register(self._read_all(folder, small, schema)))
        if large:
            hive = "true, hive_types_autocast = false" if table.partition_by else "false"
            paths = ", ".join(map(sql_literal, large))
            sources.append(f"read_parquet([{paths}], hive_partitioning = {hive})")
        if len(sources) == 1:
            return sources[0]
        return "(" + " UNION ALL ".join(f"SELECT {_column_list(columns)} FROM {source}" for source in sources) + ")"

    def _read_all(self, folder: Path, files: list[DataFile], schema: pa.Schema) -> pa.Table:
        """The rows of all these files, from the cache where they were read already."""
        if not files:
            return schema.empty_table()
        columns = tuple(schema.names)

        def read(file: DataFile) -> pa.Table:
            path = folder / file.path
            return self._cache.get((path, columns), lambda: _read_parquet(path, file.partition, schema))

        def concatenate() -> pa.Table:
            if len(files) == 1:
                return read(files[0])
            with ThreadPoolExecutor(2) as pool:
                return pa.concat_tables(pool.map(read, files)).combine_chunks()

        return self._cache.get((folder, tuple(file.path for file in files), columns), concatenate)


def _column_list(columns: Sequence[str]) -> str:
    return DUCKDB.names(columns)


def _read_parquet(path: Path, partition: Mapping[str, str | None], schema: pa.Schema) -> pa.Table:
    stored = [name for name in schema.names if name not in partition]
    # A path alone, not a data set of one file: the names of folders are no columns.
    rows = pq.ParquetFile(path, memory_map=False).read(columns=stored, use_threads=False)
    for name, value in partition.items():
        if name in schema.names:
            rows = rows.append_column(name, pa.array([value] * rows.num_rows, pa.string()))
    return rows.select(schema.names).cast(schema)
