"""Looking for a person in every byte below a folder: in files as they lie, unpacked, and in the values of Parquet."""

import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fitness_assets.pipeline.state.erased_rows import ID_FIELDS, USER

_CHUNK_BYTES = 8 * 1024 * 1024
_ROWS = 100_000


def files_with(root: Path, texts: Sequence[str], users: Sequence[str] = ()) -> Iterator[Path]:
    """The files below a folder in which one of some texts stands, or in whose columns of ids one of some people."""
    needles = [text.encode() for text in texts]
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = Path(folder) / name
            if path.is_file() and not path.is_symlink() and _is_in(path, needles, texts, users):
                yield path


def _is_in(path: Path, needles: Sequence[bytes], texts: Sequence[str], users: Sequence[str]) -> bool:
    try:
        if _in_bytes(_chunks(path), needles):
            return True
        if path.name.endswith(".gz"):
            return _in_bytes(_unpacked(path), needles)
        if path.name.endswith(".parquet"):
            return _in_parquet(path, texts, users)
    except FileNotFoundError:  # gone meanwhile
        return False
    return False


def _in_bytes(chunks: Iterator[bytes], needles: Sequence[bytes]) -> bool:
    longest = max(map(len, needles), default=0)
    rest = b""
    for chunk in chunks:
        held = rest + chunk
        if any(needle in held for needle in needles):
            return True
        rest = held[-longest:]
    return False


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _unpacked(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except (OSError, EOFError, zlib.error):  # no gzip after all: its bytes were looked at as they are
        return


def _in_parquet(path: Path, texts: Sequence[str], users: Sequence[str]) -> bool:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError):  # no Parquet after all
        return False
    with file:
        for batch in file.iter_batches(_ROWS):
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                if pa.types.is_integer(column.type):
                    wanted = users if ID_FIELDS.get(name.removeprefix("event_")) == USER else ()
                    numbers = [int(text) for text in {*texts, *wanted} if text.isdecimal()]
                    fitting = [number for number in numbers if number < 2 ** (column.type.bit_width - 1)]
                    if fitting and pc.any(pc.is_in(column, pa.array(fitting, column.type))).as_py():
                        return True
                elif _is_text(column.type) and any(pc.any(pc.match_substring(column, text)).as_py() for text in texts):
                    return True
    return False


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
