"""What was extracted of a table: every line that was landed, the file it is in, and how far the source was read.

The ledger is written ahead. Before a file is landed its lines are put into the ledger as one object, a part, that is
named after the file; a part whose file is not noted as landed is landed at the next start. How far the source was read
is noted last: reading again what the parts have already adds nothing. A file's name is never given twice, not even by
a ledger that was lost or put back: bronze reads a name once.
"""

import re
import secrets
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.errors import SqlSourceError
from fitness_assets.sql_source.ledger_part import PARTS_PER_MERGE, Part
from fitness_assets.sql_source.ledger_state import (
    LedgerState,
    RowversionBound,
    listed_parts,
    parts_folder,
    read_ledger_state,
    state_name,
    unreadable,
)
from fitness_assets.storage import Storage

MEMORY_LIMIT = "512MB"
_LINES_PER_FETCH = 50_000
_SCHEMA = pa.schema([("line", pa.string())])
_KNOWN_LINES = """
    CREATE TEMP TABLE known_lines AS
    SELECT line FROM landed_lines SEMI JOIN source_lines USING (line)
"""
_NEW_LINES = """
    CREATE TEMP TABLE new_lines AS
    SELECT line, row_number() OVER (ORDER BY min(position)) - 1 AS position
    FROM source_lines ANTI JOIN known_lines USING (line)
    GROUP BY line
"""


class Ledger:
    """The ledger of one table, below `prefix` in the storage. One process at a time; the caller holds the lease.

    Raises:
        SqlSourceError: it is there but cannot be read.
    """

    def __init__(self, storage: Storage, prefix: str, landing: Storage, feed: FileFeed, file_prefix: str) -> None:
        self._storage = storage
        self._prefix = prefix
        self._parts_folder = parts_folder(prefix)
        self._landing = landing
        self._feed = feed
        self._file_prefix = file_prefix
        self._state = read_ledger_state(storage, prefix)
        self._parts = self._list_parts()
        self._spill = tempfile.TemporaryDirectory(prefix="fitness_assets_extraction_")
        self._db = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": self._spill.name})
        self._db.execute("CREATE TEMP TABLE source_lines (line VARCHAR, position BIGINT)")

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        self._spill.cleanup()

    @property
    def last_file_number(self) -> int:
        """The number of the last file that was planned; 0 where there was none."""
        return max([self._state.landed_through, *(part.last for part in self._parts)])

    @property
    def bound(self) -> RowversionBound | None:
        """How far the source was read; None where only all of it can be compared."""
        return self._state.bound

    def find_new(self, chunks: Iterable[Sequence[str]]) -> tuple[int, int, int]:
        """Take in what was read; how many rows, how many of them repeat another one, how many lines are new."""
        read = 0
        for lines in chunks:
            positions = pa.array(range(read, read + len(lines)), pa.int64())
            self._db.register("chunk", pa.table({"line": pa.array(lines, pa.string()), "position": positions}))
            self._db.execute("INSERT INTO source_lines SELECT line, position FROM chunk")
            self._db.unregister("chunk")
            read += len(lines)
        self._find_known(self._parts if read else [])
        self._db.execute(_NEW_LINES)
        repeated = read - self._scalar("SELECT count(DISTINCT line) FROM source_lines")
        return read, repeated, self._scalar("SELECT count(*) FROM new_lines")

    def _find_known(self, parts: Sequence[Part]) -> None:
        """Stream the ledger past the lines of the source: what is held in memory follows those."""
        failures: list[SqlSourceError] = []

        def batches() -> Iterator[pa.RecordBatch]:
            try:
                for part in parts:
                    yield from self._open(part).iter_batches(_LINES_PER_FETCH)
            except SqlSourceError as error:
                failures.append(error)
                raise

        self._db.register("landed_lines", pa.RecordBatchReader.from_batches(_SCHEMA, batches()))
        try:
            self._db.execute(_KNOWN_LINES)
        except duckdb.Error as error:
            if not failures:
                raise
            raise failures[0] from error
        self._db.unregister("landed_lines")

    def plan_files(self, rows: int, max_rows_per_file: int) -> None:
        """Note what will be landed, and in which files."""
        first = max(self.last_file_number, self._last_number_in_landing_folder()) + 1
        for number, start in enumerate(range(0, rows, max_rows_per_file), first):
            name = f"{self._file_prefix}_{number:06d}_{secrets.token_hex(4)}.{self._feed.format.value}"
            lines = self._db.sql(
                "SELECT line FROM new_lines WHERE position >= ? AND position < ? ORDER BY position",
                params=[start, start + max_rows_per_file],
            ).to_arrow_table()
            part = Part(number, number, name)
            content = BytesIO()
            pq.write_table(lines.cast(_SCHEMA), content, compression="zstd")
            self._storage.put(f"{self._parts_folder}/{part.name}", content.getvalue())
            self._parts.append(part)

    def land_files(self, on_step: Callable[[str], None]) -> list[str]:
        """Write every file that was planned and is not there yet; their names.

        A file that was read and taken away before its landing was noted comes again, under the name that
        bronze knows.
        """
        landed = self._landed_names()
        pending = [part for part in self._parts if part.file and part.first > self._state.landed_through]
        for part in pending:
            if part.file not in landed:
                self._landing.put(str(part.file), self._file_content(part, on_step))
            on_step("renamed")
        return [str(part.file) for part in pending]

    def note_landed(self, bound: RowversionBound | None) -> None:
        """Note that every planned file is landed, and how far the source was read; merge small parts."""
        state = LedgerState(self.last_file_number, bound)
        if state != self._state:
            self._state = state
            self._storage.put(state_name(self._prefix), state.encoded())
        self._merge_parts()

    def forget(self, kept: Callable[[Sequence[str]], Sequence[str]]) -> int:
        """Take lines out of its parts but for those that `kept` gives of some lines; how many they are."""
        return sum(self._rewrite(part, kept) for part in self._parts)

    def _rewrite(self, part: Part, kept: Callable[[Sequence[str]], Sequence[str]]) -> int:
        removed, content = 0, BytesIO()
        with pq.ParquetWriter(content, _SCHEMA, compression="zstd") as writer:
            for batch in self._open(part).iter_batches(_LINES_PER_FETCH):
                lines = batch.column(0).to_pylist()
                left = kept(lines)
                removed += len(lines) - len(left)
                writer.write_batch(pa.record_batch([pa.array(left, pa.string())], schema=_SCHEMA))
        if removed:
            self._storage.put(f"{self._parts_folder}/{part.name}", content.getvalue())
        return removed

    def _merge_parts(self) -> None:
        """Make one part of so many of one generation, until each generation has fewer."""
        while crowded := self._crowded_generation():
            positions = [position for position, part in enumerate(self._parts) if part.generation == crowded[0]]
            self._merge(self._parts[positions[0] : positions[-1] + 1])

    def _crowded_generation(self) -> list[int]:
        counts = Counter(part.generation for part in self._parts)
        return [generation for generation, parts in sorted(counts.items()) if parts >= PARTS_PER_MERGE]

    def _merge(self, parts: Sequence[Part]) -> None:
        merged = Part(parts[0].first, parts[-1].last)
        unfinished = Path(self._spill.name) / "merged.parquet"
        with pq.ParquetWriter(unfinished, _SCHEMA, compression="zstd") as writer:
            for part in parts:
                for batch in self._open(part).iter_batches(_LINES_PER_FETCH):
                    writer.write_batch(batch)
        with unfinished.open("rb") as file:
            self._storage.put(f"{self._parts_folder}/{merged.name}", iter(lambda: file.read(1 << 20), b""))
        for part in parts:
            self._storage.delete(f"{self._parts_folder}/{part.name}")
        self._parts = sorted({*self._parts, merged} - {*parts}, key=lambda part: part.first)

    def _list_parts(self) -> list[Part]:
        """The parts in the order of their numbers; one that was merged into another is let go."""
        parts = listed_parts(self._storage, self._prefix)
        merged = {part for part in parts if any(other.covers(part) for other in parts)}
        for part in merged:
            self._storage.delete(f"{self._parts_folder}/{part.name}")
        return sorted({*parts} - merged, key=lambda part: part.first)

    def _open(self, part: Part) -> pq.ParquetFile:
        name = f"{self._parts_folder}/{part.name}"
        try:
            return pq.ParquetFile(BytesIO(self._storage.get(name) or b""))
        except pa.ArrowException as error:
            raise unreadable(self._storage, name, error) from error

    def _file_content(self, part: Part, on_step: Callable[[str], None]) -> Iterator[bytes]:
        """The content of a planned file."""
        yield f"{self._feed.header}\n".encode()
        for batch in self._open(part).iter_batches(_LINES_PER_FETCH):
            yield "".join(f"{line}\n" for line in batch.column(0).to_pylist()).encode()
        on_step("written")

    def _last_number_in_landing_folder(self) -> int:
        """The greatest number among the files there, which a ledger that was lost gave."""
        pattern = re.compile(rf"{re.escape(self._file_prefix)}_(\d+)_[0-9a-f]+\.{self._feed.format.value}")
        return max((int(match[1]) for name in self._landed_names() if (match := pattern.fullmatch(name))), default=0)

    def _landed_names(self) -> set[str]:
        return {info.name for info in self._landing.list_objects()}

    def _scalar(self, query: str) -> int:
        ((number,),) = self._db.execute(query).fetchall()
        return int(number)
