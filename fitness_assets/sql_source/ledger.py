"""What was extracted of a table: every line, the file it is in, and how far the source was read.

The ledger is written ahead: a decision is one transaction, its files come after it, under the names it
gave them. A file that is not there yet is written from the ledger. A file's name is never given twice, not
even by a ledger that was lost or put back: bronze reads a name once.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.errors import SqlSourceError
from fitness_assets.sql_source.tables import Mark

MEMORY = "512MB"
_LINES_AT_ONCE = 50_000
_TABLES = """
    CREATE TABLE IF NOT EXISTS landed (line VARCHAR, number BIGINT, place BIGINT);
    CREATE TABLE IF NOT EXISTS files (number BIGINT, name VARCHAR, rows BIGINT, there BOOLEAN);
    CREATE TABLE IF NOT EXISTS mark (below BLOB, counter VARCHAR);
    CREATE TEMP TABLE arrived (line VARCHAR, place BIGINT);
"""
_NEW = """
    CREATE TEMP TABLE new AS
    SELECT line, row_number() OVER (ORDER BY min(place)) - 1 AS place
    FROM arrived WHERE NOT EXISTS (FROM landed WHERE landed.line = arrived.line)
    GROUP BY line
"""


class Ledger:
    """The ledger of one table. One process at a time; the caller holds the lock.

    Raises:
        SqlSourceError: it is there but cannot be read.
    """

    def __init__(self, state: Path, landing: Path, folder: FileFeed, prefix: str) -> None:
        self._landing = landing
        self._folder = folder
        self._prefix = prefix
        self._spill = state / "spill"
        self.file = state / "ledger.duckdb"
        state.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self._spill, ignore_errors=True)
        try:
            self._db = duckdb.connect(
                str(self.file), config={"memory_limit": MEMORY, "temp_directory": str(self._spill)}
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
    def last(self) -> int:
        """The number of the last file that was decided on; 0 where there was none."""
        return self._one("SELECT coalesce(max(number), 0) FROM files")

    def mark(self) -> Mark | None:
        noted = self._db.execute("SELECT below, counter FROM mark").fetchall()
        return Mark(bytes(noted[0][0]), str(noted[0][1])) if noted else None

    def compare(self, chunks: Iterable[Sequence[str]]) -> tuple[int, int, int]:
        """Take in what was read; how many rows, how many of them repeat another one, how many lines are new."""
        read = 0
        for lines in chunks:
            places = pa.array(range(read, read + len(lines)), pa.int64())
            self._db.register("chunk", pa.table({"line": pa.array(lines, pa.string()), "place": places}))
            self._db.execute("INSERT INTO arrived SELECT line, place FROM chunk")
            self._db.unregister("chunk")
            read += len(lines)
        self._db.execute(_NEW)
        repeated = read - self._one("SELECT count(DISTINCT line) FROM arrived")
        return read, repeated, self._one("SELECT count(*) FROM new")

    def decide(self, rows: int, rows_a_file: int, mark: Mark | None) -> None:
        """Note in one transaction what will be landed, in which files, and how far the source was read."""
        first = max(self.last, self._last_there()) + 1
        starts = range(0, rows, rows_a_file)
        self._db.begin()
        self._db.execute(
            "INSERT INTO landed SELECT line, ? + place // ?, place FROM new ORDER BY place", [first, rows_a_file]
        )
        for number, start in enumerate(starts, first):
            name = f"{self._prefix}_{number:06d}_{secrets.token_hex(4)}.{self._folder.format.value}"
            self._db.execute(
                "INSERT INTO files VALUES (?, ?, ?, false)", [number, name, min(rows_a_file, rows - start)]
            )
        self._db.execute("DELETE FROM mark")
        if mark:
            self._db.execute("INSERT INTO mark VALUES (?, ?)", [mark.below, mark.counter])
        self._db.commit()

    def land(self, at: Callable[[str], None]) -> list[str]:
        """Write every file that was decided on and is not there yet; their names.

        A file that was read and taken away before its landing was noted comes again, under the name that
        bronze knows.
        """
        todo = self._db.execute("SELECT number, name FROM files WHERE NOT there ORDER BY number").fetchall()
        for number, name in todo:
            file = self._landing / name
            if not file.exists():
                self._write(number, file, at)
            at("renamed")
            self._db.execute("UPDATE files SET there = true WHERE number = ?", [number])
        return [name for _, name in todo]

    def _write(self, number: int, file: Path, at: Callable[[str], None]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f"_{file.name}.tmp")
        lines = self._db.execute("SELECT line FROM landed WHERE number = ? ORDER BY place", [number])
        with unfinished.open("w", encoding="utf-8", newline="\n") as out:
            out.write(f"{self._folder.header}\n")
            while some := lines.fetchmany(_LINES_AT_ONCE):
                out.writelines(f"{line}\n" for (line,) in some)
            out.flush()
            os.fsync(out.fileno())
        at("written")
        unfinished.replace(file)
        descriptor = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _last_there(self) -> int:
        """The greatest number among the files there, which a ledger that was lost gave."""
        named = re.compile(rf"{re.escape(self._prefix)}_(\d+)_[0-9a-f]+\.{self._folder.format.value}")
        files = self._landing.iterdir() if self._landing.is_dir() else []
        return max((int(found[1]) for file in files if (found := named.fullmatch(file.name))), default=0)

    def _one(self, query: str) -> int:
        ((number,),) = self._db.execute(query).fetchall()
        return int(number)
