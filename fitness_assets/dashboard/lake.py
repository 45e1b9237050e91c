"""The tables for the pages: read without Spark, one set of versions a question, and cheap to ask again."""

import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.errors import TableUnreadableError
from fitness_assets.lakehouse.cache import RowCache
from fitness_assets.lakehouse.predicates import Condition
from fitness_assets.lakehouse.schemas import arrow_schema
from fitness_assets.lakehouse.snapshot import DataFile, Snapshot, Watched, at_one_instant
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.transaction_log import Version
from fitness_assets.pipeline.state.pending import LandingZoneWatcher
from fitness_assets.settings import Settings

SMALL_FILE = 20_000
"""A file of up to this many rows is kept in memory once it was read: opening hundreds of them is what would cost, and a
table that is updated all day has hundreds."""
_TRIES = 8

T = TypeVar("T")


class Lake:
    """The Delta tables of one data zone, for many threads at once. Made once a process.

    Args:
        settings: where the tables lie.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.house = Lakehouse(settings)
        self._watched = {name: Watched(one, self.house.path(one)) for name, one in all_tables().items()}
        self.landing = LandingZoneWatcher(self.house)
        self._kept = RowCache()
        self._making: defaultdict[Hashable, Lock] = defaultdict(Lock)
        # With its first array Arrow imports pandas: half a second that no question should have to wait for.
        pa.array([])
        self._db = duckdb.connect()
        self._db.execute("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true")
        # A name that no table has must be an error and not one of our Python variables.
        self._db.execute("SET python_enable_replacements = false")

    def snapshots(self, names: Sequence[str]) -> dict[str, Snapshot | None]:
        """The versions that these tables have at one instant; None for a table that is not there."""
        return dict(zip(names, at_one_instant([self._watched[name] for name in names]), strict=True))

    def ask(self, names: Sequence[str], question: Callable[["View"], T]) -> T:
        """Ask something of these tables as they are at one instant.

        If a file is removed while it is needed (a vacuum, a table made anew), the question is asked again of the
        versions that are there then.

        Raises:
            TableUnreadableError: a file that the latest version needs is gone or damaged.
        """
        for attempt in range(1, _TRIES + 1):
            snapshots = self.snapshots(names)
            try:
                with View(self._db.cursor(), snapshots, self._kept, self._making) as view:
                    return question(view)
            except (duckdb.IOException, duckdb.InvalidInputException, OSError, pa.ArrowInvalid) as error:
                if attempt == _TRIES:
                    raise TableUnreadableError(
                        f"A file of {', '.join(names)} cannot be read: {str(error).splitlines()[0]} If it stays so, "
                        f"build the table anew: fitness-assets run <table> --full-refresh"
                    ) from error
                time.sleep(0.01 * attempt)
        raise AssertionError("unreachable")


class View:
    """Some tables at one instant, for one question.

    Attributes:
        snapshots: the tables by full name; None for one that is not there, which then has no rows.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        snapshots: dict[str, Snapshot | None],
        kept: RowCache,
        making: Mapping[Hashable, Lock],
    ) -> None:
        self.snapshots = snapshots
        self._cursor = cursor
        self._kept = kept
        self._making = making
        self._names = 0

    def __enter__(self) -> "View":
        return self

    def __exit__(self, *_: object) -> None:
        self._cursor.close()

    def rows(self, table: str, *columns: str, **where: Condition) -> str:
        """The rows of a table for which all conditions hold, to stand behind FROM.

        Files that cannot hold such a row are not opened, and of the others only the columns named are read.
        """
        snapshot = self.snapshots[table]
        names = list(dict.fromkeys([*columns, *where]))
        shown = ", ".join(f'"{name}"' for name in columns)
        conditions = " AND ".join(condition.sql(column) for column, condition in where.items()) or "true"
        return f"(SELECT {shown} FROM {self._files(table, snapshot, names, where)} WHERE {conditions})"

    def ask(self, sql: str) -> pa.Table:
        """The rows that a query gives."""
        return self._cursor.sql(sql).to_arrow_table()

    def one(self, sql: str) -> dict[str, Any]:
        """The one row that a query gives, by column."""
        found: dict[str, Any] = self.ask(sql).to_pylist()[0]
        return found

    def named(self, rows: pa.Table) -> str:
        """A name for rows in memory, to stand behind FROM."""
        self._names += 1
        name = f"rows_{self._names}"
        self._cursor.register(name, rows)
        return name

    def kept(self, what: Hashable, names: Sequence[str], make: Callable[[], pa.Table]) -> pa.Table:
        """Rows that depend on the versions of these tables and on `what` alone: made once as long as there is room."""
        # A page asks several questions at once; one of them makes the rows and the others wait for them.
        with self._making[what]:
            return self._kept.get((what, self.versions(names)), make)

    def ends(self, table: str, column: str, **where: Condition) -> tuple[Any, Any]:
        """The least and the greatest value of a column after the statistics of the files that the conditions leave.

        Times are right to the millisecond; None is unknown, or no rows.
        """
        snapshot = self.snapshots[table]
        return snapshot.ends(column, where) if snapshot else (None, None)

    def versions(self, names: Sequence[str]) -> tuple[tuple[str, Version | None], ...]:
        snapshots = [(name, self.snapshots[name]) for name in names]
        return tuple((name, snapshot.version if snapshot else None) for name, snapshot in snapshots)

    def _files(self, table: str, snapshot: Snapshot | None, columns: list[str], where: dict[str, Condition]) -> str:
        schema = pa.schema([arrow_schema(get_table(table)).field(name).remove_metadata() for name in columns])
        files = snapshot.files(where) if snapshot else []
        large = [file.path for file in files if file.rows > SMALL_FILE]
        small = [file for file in files if file.rows <= SMALL_FILE]
        parts = []
        if small or not large:
            parts.append(self.named(self._in_memory(small, schema)))
        if large:
            hive = "true, hive_types_autocast = false" if get_table(table).partition_by else "false"
            paths = ", ".join("'" + path.replace("'", "''") + "'" for path in large)
            parts.append(f"read_parquet([{paths}], hive_partitioning = {hive})")
        if len(parts) == 1:
            return parts[0]
        shown = ", ".join(f'"{name}"' for name in columns)
        return "(" + " UNION ALL ".join(f"SELECT {shown} FROM {part}" for part in parts) + ")"

    def _in_memory(self, files: list[DataFile], schema: pa.Schema) -> pa.Table:
        if not files:
            return schema.empty_table()
        paths = tuple(file.path for file in files)
        names = tuple(schema.names)
        return self._kept.get((paths, names), lambda: self._joined(files, schema))

    def _joined(self, files: list[DataFile], schema: pa.Schema) -> pa.Table:
        names = tuple(schema.names)

        def held(file: DataFile) -> pa.Table:
            return self._kept.get((file.path, names), lambda: _read(file, schema))

        if len(files) == 1:
            return held(files[0])
        with ThreadPoolExecutor(2) as pool:
            return pa.concat_tables(pool.map(held, files)).combine_chunks()


def _read(file: DataFile, schema: pa.Schema) -> pa.Table:
    stored = [name for name in schema.names if name not in file.partition]
    # A path alone, not a data set of one file: the names of folders are no columns.
    rows = pq.ParquetFile(Path(file.path), memory_map=False).read(columns=stored, use_threads=False)
    for name, value in file.partition.items():
        if name in schema.names:
            rows = rows.append_column(name, pa.array([value] * rows.num_rows, pa.string()))
    return rows.select(schema.names).cast(schema)
