"""What a line is: for whoever reads, counts or checks."""

import random
import re

import pytest

from fitness_assets.transforms.records import lines as module
from fitness_assets.transforms.records.lines import LongLine, content_of, is_blank, split_lines


def lines_of(content: bytes, size: int) -> list[bytes | LongLine]:
    pieces = split_lines(content[start : start + size] for start in range(0, len(content), size))
    return [line for piece in pieces for line in piece]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_lines_end_with_lf_cr_or_crlf_wherever_the_pieces_end(size: int) -> None:
    content = b"a\nb\r\nc\rd\r\r\n\n\ne\r\nf"
    assert lines_of(content, size) == [b"a", b"b", b"c", b"d", b"", b"", b"", b"e", b"f"]
    assert lines_of(content + b"\r\n", size)[-1] == b"f"
    assert lines_of(b"", size) == []


@pytest.mark.parametrize("seed", range(20))
def test_any_content_in_any_pieces(seed: int) -> None:
    rng = random.Random(seed)
    content = b"".join(rng.choices([b"a", b"bc", b"\n", b"\r", b"\r\n", b"\xe2\x80\xa8"], k=200))
    expected = re.split(rb"\r\n|\n|\r", content)
    assert lines_of(content, rng.choice([1, 2, 5, 50])) == (expected if expected[-1] else expected[:-1])


@pytest.mark.parametrize("size", [3, 10, 100])
def test_a_line_that_is_too_long_is_not_held(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(module, "MAX_LINE_BYTES", 8)
    monkeypatch.setattr(module, "KEPT_OF_LONG_LINE", 4)
    content = b"short\n" + b"abcdefghijklmnopqrstuvwxyz" + b"\nlast\n" + b"x" * 9
    short, long, last, end = lines_of(content, size)
    assert (short, last) == (b"short", b"last")
    assert isinstance(long, LongLine) and isinstance(end, LongLine)
    assert (long.beginning[:4], long.size, end.size) == (b"abcd", 26, 9)


def test_byte_order_marks_and_blanks_are_no_record() -> None:
    mark = b"\xef\xbb\xbf"
    assert content_of(mark + mark + b"a") == b"a"
    assert all(is_blank(line) for line in (b"", b" \t ", mark, mark + mark + b" "))
    assert not is_blank(b"\x0b")
