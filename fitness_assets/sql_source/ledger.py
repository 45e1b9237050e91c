"""What was extracted of a table: every line, the file it is in, and how far the source was read.

The ledger is written ahead: a plan is one transaction, its files come after it, under the names it
gave them. A file that is not there yet is written from the ledger. A file's name is never given twice, not
even by a ledger that was lost or put back: bronze reads a name once.
"""

import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.errors import SqlSourceError
from fitness_assets.sql_source.tables import RowversionBound
from fitness_assets.storage import Storage

MEMORY_LIMIT = "512MB"
_LINES_PER_FETCH = 50_000
_TABLES = """
    CREATE TABLE IF NOT EXISTS landed_lines (line VARCHAR, file_number BIGINT, position BIGINT);
    CREATE TABLE IF NOT EXISTS planned_files (number BIGINT, name VARCHAR, rows BIGINT, is_landed BOOLEAN);
    CREATE TABLE IF NOT EXISTS rowversion_bound (below BLOB, counter VARCHAR);
    CREATE TEMP TABLE source_lines (line VARCHAR, position BIGINT);
"""
_NEW_LINES = """
    CREATE TEMP TABLE new_lines AS
    SELECT line, row_number() OVER (ORDER BY min(position)) - 1 AS position
    FROM source_lines WHERE NOT EXISTS (FROM landed_lines WHERE landed_lines.line = source_lines.line)
    GROUP BY line
"""


class Ledger:
    """The ledger of one table. One process at a time; the caller holds the lock.

    Raises:
        SqlSourceError: it is there but cannot be read.
    """

    def __init__(self, state: Path, landing: Storage, feed: FileFeed, prefix: str) -> None:
        self._landing = landing
        self._feed = feed
        self._prefix = prefix
        self._spill = state / "spill"
        self.file = state / "ledger.duckdb"
        state.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self._spill, ignore_errors=True)
        try:
            self._db = duckdb.connect(
                str(self.file), config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(self._spill)}
            )
            self._db.execute(_TABLES)
        except duckdb.Error as error:
            raise SqlSourceError(
                f"The ledger {self.file} cannot be read: {str(error).splitlines()[0]} Put it back, or move it away: "
                f"then the whole table is extracted again, which doubles no row above bronze."
            ) from error

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    @property
    def last_file_number(self) -> int:
        """The number of the last file that was planned; 0 where there was none."""
        return self._scalar("SELECT coalesce(max(number), 0) FROM planned_files")

    def bound(self) -> RowversionBound | None:
        """How far the source was read; None where only all of it can be compared."""
        bounds = self._db.execute("SELECT below, counter FROM rowversion_bound").fetchall()
        return RowversionBound(bytes(bounds[0][0]), str(bounds[0][1])) if bounds else None

    def find_new(self, chunks: Iterable[Sequence[str]]) -> tuple[int, int, int]:
        """Take in what was read; how many rows, how many of them repeat another one, how many lines are new."""
        read = 0
        for lines in chunks:
            positions = pa.array(range(read, read + len(lines)), pa.int64())
            self._db.register("chunk", pa.table({"line": pa.array(lines, pa.string()), "position": positions}))
            self._db.execute("INSERT INTO source_lines SELECT line, position FROM chunk")
            self._db.unregister("chunk")
            read += len(lines)
        self._db.execute(_NEW_LINES)
        repeated = read - self._scalar("SELECT count(DISTINCT line) FROM source_lines")
        return read, repeated, self._scalar("SELECT count(*) FROM new_lines")

    def plan_files(self, rows: int, max_rows_per_file: int, bound: RowversionBound | None) -> None:
        """Note in one transaction what will be landed, in which files, and how far the source was read."""
        first = max(self.last_file_number, self._last_number_in_landing_folder()) + 1
        starts = range(0, rows, max_rows_per_file)
        self._db.begin()
        self._db.execute(
            "INSERT INTO landed_lines SELECT line, ? + position // ?, position FROM new_lines ORDER BY position",
            [first, max_rows_per_file],
        )
        for number, start in enumerate(starts, first):
            name = f"{self._prefix}_{number:06d}_{secrets.token_hex(4)}.{self._feed.format.value}"
            self._db.execute(
                "INSERT INTO planned_files VALUES (?, ?, ?, false)",
                [number, name, min(max_rows_per_file, rows - start)],
            )
        self._db.execute("DELETE FROM rowversion_bound")
        if bound:
            self._db.execute("INSERT INTO rowversion_bound VALUES (?, ?)", [bound.below, bound.counter])
        self._db.commit()

    def land_files(self, on_step: Callable[[str], None]) -> list[str]:
        """Write every file that was planned and is not there yet; their names.

        A file that was read and taken away before its landing was noted comes again, under the name that
        bronze knows.
        """
        pending = self._db.execute(
            "SELECT number, name FROM planned_files WHERE NOT is_landed ORDER BY number"
        ).fetchall()
        landed = self._landed_names()
        for number, name in pending:
            if name not in landed:
                self._landing.put(name, self._lines(number, on_step))
            on_step("renamed")
            self._db.execute("UPDATE planned_files SET is_landed = true WHERE number = ?", [number])
        return [name for _, name in pending]

    def _lines(self, number: int, on_step: Callable[[str], None]) -> Iterator[bytes]:
        """The content of a planned file."""
        result = self._db.execute("SELECT line FROM landed_lines WHERE file_number = ? ORDER BY position", [number])
        yield f"{self._feed.header}\n".encode()
        while rows := result.fetchmany(_LINES_PER_FETCH):
            yield "".join(f"{line}\n" for (line,) in rows).encode()
        on_step("written")

    def _last_number_in_landing_folder(self) -> int:
        """The greatest number among the files there, which a ledger that was lost gave."""
        pattern = re.compile(rf"{re.escape(self._prefix)}_(\d+)_[0-9a-f]+\.{self._feed.format.value}")
        return max((int(match[1]) for name in self._landed_names() if (match := pattern.fullmatch(name))), default=0)

    def _landed_names(self) -> set[str]:
        return {info.name for info in self._landing.list_objects()}

    def _scalar(self, query: str) -> int:
        ((number,),) = self._db.execute(query).fetchall()
        return int(number)
