"""Landed files without the lines that are not kept. A line that goes leaves a blank one: others keep their numbers. A
file of which nothing is left goes too: an empty one would be refused.

What a file is afterwards is noted before it is put in its place, so that a file which was blanked by an update that was
killed is known, and not taken for another content.
"""

import gzip
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from fitness_assets.contracts.feeds import GZIP_SUFFIX, FileFeed
from fitness_assets.contracts.model import Table
from fitness_assets.pipeline.landing.listing import FileListing, list_files
from fitness_assets.pipeline.landing.loading import LoadedFiles, inspect_file, load_files, survey_file
from fitness_assets.pipeline.landing.names import zone_path
from fitness_assets.pipeline.landing.reader import FileChangedError
from fitness_assets.pipeline.state.erased_rows import erased_rows, rows_telling
from fitness_assets.pipeline.state.erasures import Erasures
from fitness_assets.pipeline.state.progress import state_prefix
from fitness_assets.storage import Storage, sync_folder

_CHUNK_BYTES = 4 * 1024 * 1024
_LINE_END = re.compile(rb"(\r\n|\n|\r)")


@dataclass(frozen=True)
class Forgotten:
    """Whose lines go.

    Attributes:
        texts: refused lines in which one of these stands go too.
    """

    erasures: Erasures
    texts: Sequence[str] = ()

    def rows(self, feed: FileFeed, rows: pa.Table) -> pa.Array:
        """For each row whether it goes."""
        erased = erased_rows(feed, rows, self.erasures)
        return pc.or_(erased, rows_telling(rows, self.texts)) if self.texts else erased

    def lines(self, feed: FileFeed, folder: Path, name: str) -> set[int]:
        """The numbers of the lines of a landed file that go, 1 the first."""
        numbers: set[int] = set()
        try:
            for rows in load_files(feed, folder, {name: 1}, {}, LoadedFiles()):
                gone = rows.filter(self.rows(feed, rows))["line_number"]
                numbers |= set(gone.drop_null().to_pylist())
                if gone.null_count:
                    # The file is refused as a whole: what is in its lines is told by their text alone.
                    numbers |= set(self._told(feed, folder, name, rows.schema))
        except FileChangedError:
            return set()  # the next update looks again
        return numbers

    def _told(self, feed: FileFeed, folder: Path, name: str, schema: pa.Schema) -> Iterator[int]:
        header = None
        for number, line in enumerate(_lines(folder, name), 1):
            text = line.decode("utf-8", errors="replace")
            header = header or text
            row = {"raw": text, "reason": "malformed", "header": header}
            rows = pa.Table.from_pylist([{field: row.get(field) for field in schema.names}], schema)
            if number > 1 and pc.any(self.rows(feed, rows)).as_py():
                yield number


class BlankedFiles:
    """The files of one feed from which lines were taken, until the list of ingested files says so."""

    def __init__(self, storage: Storage, table: Table, feed: FileFeed, folder: Path) -> None:
        self._storage = storage
        self._name = f"{state_prefix(table)}/blanked_files.json"
        self._feed = feed
        self._folder = folder

    def digests(self) -> dict[str, str]:
        """What is in each of them now, by its name."""
        content = self._storage.get(self._name)
        return dict(json.loads(content)) if content else {}

    def blank(self, names: Iterable[str], forgotten: Forgotten) -> dict[str, int]:
        """Blank lines in some files; how many in which."""
        blanked = {}
        for name in names:
            if numbers := forgotten.lines(self._feed, self._folder, name):
                self._rewrite(name, numbers)
                blanked[name] = len(numbers)
        return blanked

    def listing(self) -> FileListing:
        """The files of the feed, once what a killed update had written beside one of them is in its place."""
        for name, digest in self.digests().items():
            path = _path(self._folder, name)
            unfinished = _unfinished(path)
            written = inspect_file(unfinished.parent, unfinished.name)
            if written is not None and written.digest == digest:
                _put_in_place(unfinished, path)
            elif written is not None:
                unfinished.unlink()
        return list_files(self._folder, self._feed)

    def forget(self) -> None:
        self._storage.delete(self._name)

    def _rewrite(self, name: str, numbers: Set[int]) -> None:
        path = _path(self._folder, name)
        if not any(number and number not in numbers and line.strip() for number, line in self._lines(name)):
            path.unlink()
            return
        lines = (b"" if number in numbers else line for number, line in self._lines(name))
        content = _packed(lines) if name.lower().endswith(GZIP_SUFFIX) else lines
        unfinished = _unfinished(path)
        with unfinished.open("wb") as file:
            file.writelines(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(PermissionError):  # of a volume, which has no modes
            unfinished.chmod(path.stat().st_mode)
        written = inspect_file(unfinished.parent, unfinished.name)
        digests = {**self.digests(), name: written.digest if written else ""}
        self._storage.put(self._name, json.dumps(digests).encode())
        _put_in_place(unfinished, path)

    def _lines(self, name: str) -> Iterator[tuple[int, bytes]]:
        return _numbered(_pieces(self._folder, name))


def count_records(feed: FileFeed, folder: Path, name: str, erasures: Erasures) -> tuple[int, str] | None:
    """How many records a file has that are of nobody who is forgotten, and why all of it is refused, which makes it
    one; None where it does not hold still."""
    survey = survey_file(feed, folder, name)
    if survey is None or erasures.is_empty or survey[1]:
        return survey
    return survey[0] - len(Forgotten(erasures).lines(feed, folder, name)), ""


def _put_in_place(unfinished: Path, path: Path) -> None:
    try:
        unfinished.replace(path)
    except OSError:  # a volume renames nothing; it takes a file that is written from its beginning to its end
        with unfinished.open("rb") as source, path.open("wb") as file:
            shutil.copyfileobj(source, file, _CHUNK_BYTES)
        unfinished.unlink()
    else:
        sync_folder(path.parent)


def _unfinished(path: Path) -> Path:
    """Where a file is written that is to come in the place of another; it is read by the same ending."""
    return path.with_name(f"_without_lines_{path.name}")


def _path(folder: Path, name: str) -> Path:
    return Path(os.fsdecode(zone_path(folder, name)))


def _pieces(folder: Path, name: str) -> Iterator[bytes]:
    path = _path(folder, name)
    with gzip.open(path) if name.lower().endswith(GZIP_SUFFIX) else path.open("rb") as file:
        while piece := file.read(_CHUNK_BYTES):
            yield piece


def _numbered(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines and their ends, each a piece of its own; the end of a line has no number."""
    number, rest = 1, b""
    for piece in pieces:
        held = rest + piece
        # A line feed may follow in the next piece.
        held, tail = (held[:-1], held[-1:]) if held.endswith(b"\r") else (held, b"")
        parts = _LINE_END.split(held)
        rest = parts.pop() + tail
        for line, end in zip(parts[::2], parts[1::2], strict=True):
            yield number, line
            yield 0, end
            number += 1
    for place, part in enumerate(_LINE_END.split(rest)):
        yield (number + place // 2, part) if place % 2 == 0 else (0, part)


def _lines(folder: Path, name: str) -> Iterator[bytes]:
    return (line for number, line in _numbered(_pieces(folder, name)) if number)


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()
