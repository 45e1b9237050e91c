"""What a line is. Reading, counting and checking all ask here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import methodcaller

import pyarrow as pa

MAX_LINE_BYTES = 4 * 1024 * 1024
"""A longer line is no record; of it only the beginning is held. A record of Kafka has a megabyte at most by default."""
KEPT_OF_LONG_LINE = 65_536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class LongLine:
    """A line that is too long to be a record.

    Attributes:
        beginning: its first bytes.
        size: how many bytes it has.
    """

    beginning: bytes
    size: int

    def __len__(self) -> int:
        """How many bytes of it are held."""
        return len(self.beginning)


def split_lines(chunks: Iterable[bytes]) -> Iterator[list[bytes | LongLine]]:
    """The lines of a file in its order, blank ones too, a piece of the file at a time.

    A line ends with LF, CR or CRLF, and with the end of the file. What is held in memory is a chunk and a line.
    """
    rest, long = b"", None
    ended_with_return = False
    for chunk in chunks:
        is_rest_of_end = ended_with_return and chunk.startswith(b"\n")
        ended_with_return = chunk.endswith(b"\r")
        if is_rest_of_end:
            chunk = chunk[1:]
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        first, end, more = chunk.partition(b"\n")
        lines: list[bytes | LongLine] = []
        if long is not None:
            long = LongLine(long.beginning, long.size + len(first))
            if not end:
                continue
            lines.append(long)
            long = None
        elif end:
            lines.append(_bounded(rest + first))
        else:
            more = rest + first
        pieces = more.split(b"\n")
        rest = pieces.pop()
        lines += map(_bounded, pieces) if len(chunk) > MAX_LINE_BYTES else pieces
        if len(rest) > MAX_LINE_BYTES:
            rest, long = b"", _long(rest)
        if lines:
            yield lines
    if long is not None or rest:
        yield [long or rest]


def content_of(line: bytes) -> bytes:
    """A line without byte order marks, which some editors put before the first one and some programs before more."""
    while line.startswith(BYTE_ORDER_MARK):
        line = line[len(BYTE_ORDER_MARK) :]
    return line


def text_of_bytes(content: bytes) -> str | None:
    """The text that some bytes are; None where they are none. A NUL is no part of a text."""
    if b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def ascii_table(lines: Sequence["bytes | LongLine"]) -> pa.Table:
    """Those of some lines that are ASCII, as `line`, each with its `place` among all."""
    chosen = {place: line for place, line in enumerate(lines) if isinstance(line, bytes) and line.isascii()}
    return pa.table({"place": pa.array(chosen, pa.int64()), "line": pa.array(chosen.values(), pa.string())})


def places_left(lines: Sequence["bytes | LongLine"], taken: Iterable[int]) -> list[int]:
    """The places of the lines that were not taken."""
    gone = set(taken)
    return [place for place in range(len(lines)) if place not in gone]


def is_blank(line: bytes | LongLine) -> bool:
    """Whether a line holds no record."""
    return not isinstance(line, LongLine) and not content_of(line).strip(b" \t")


def has_no_blank(lines: Sequence[bytes | LongLine]) -> bool:
    """Whether it is certain, without a look at each line, that all of some lines hold records."""
    try:
        may_be_blank = b"" in lines or any(map(bytes.isspace, lines)) or any(map(_has_mark, lines))  # type: ignore[arg-type]  # a long line raises
    except (AttributeError, TypeError):  # a long line
        return False
    return bool(lines) and not may_be_blank


_has_mark = methodcaller("startswith", BYTE_ORDER_MARK)


def _bounded(line: bytes) -> bytes | LongLine:
    return _long(line) if len(line) > MAX_LINE_BYTES else line


def _long(line: bytes) -> LongLine:
    return LongLine(line[:KEPT_OF_LONG_LINE], len(line))
