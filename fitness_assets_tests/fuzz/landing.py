"""Files of odd records, landed and judged: nothing crashes, nothing is lost, and every record is told of once."""

import base64
import gzip
import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from fitness_assets.contracts.feeds import (
    DATE_LOOKUP,
    FILE_ERRORS,
    GYM_LOGINS,
    KAFKA_RECORDS,
    REGISTERED_USERS,
    FileFeed,
    FileFormat,
    rejection_reasons,
)
from fitness_assets.pipeline.landing.loading import LoadedFiles, load_files, survey_file
from fitness_assets.transforms.records import SecondJudge
from fitness_assets_tests.fuzz.mutations import csv_line, kafka_line, mutated

WEEKS = {date(2026, 2, 28): "2026-9"}
_MARK = b"\xef\xbb\xbf"
_BLANK = re.compile(rb"(?:\xef\xbb\xbf)*[ \t]*")
_LINES: dict[FileFeed, Callable[[random.Random], bytes]] = {
    REGISTERED_USERS: csv_line,
    GYM_LOGINS: csv_line,
    KAFKA_RECORDS: kafka_line,
    DATE_LOOKUP: lambda rng: rng.choice([b'{"date": "2026-01-31", "week_part": "2026-5"}', b'{"date": 5}']),
}


class Fault(AssertionError):
    """A record that was lost, doubled or misread."""


def fuzz_file(seed: int, folder: Path, records: int) -> Counter[str]:
    """Land one odd file, judge it, and hold the outcome against the bytes; how many records of each reason there are.

    Raises:
        Fault: something is wrong; the message has the seed.
    """
    rng = random.Random(seed)
    feed = rng.choice(list(_LINES))
    content = _content(feed, rng, records)
    is_packed = rng.random() < 0.2
    name = f"{seed}.{feed.format.value}{'.gz' if is_packed else ''}"
    (folder / name).write_bytes(_packed(content, rng) if is_packed else content)
    rows = [row for table in load_files(feed, folder, {name: 1}, WEEKS, LoadedFiles()) for row in table.to_pylist()]
    survey = survey_file(feed, folder, name)
    _hold(seed, survey is not None and survey[0] == len(rows), "counting and reading differ")
    _hold(seed, all(row["reason"] in (None, *rejection_reasons()) for row in rows), "a reason that is none")
    if not any(row["reason"] in FILE_ERRORS for row in rows):
        _compare_lines(seed, feed, content, rows)
        _judge_again(seed, feed, folder, name)
    (folder / name).unlink()
    return Counter(row["reason"] or "accepted" for row in rows)


def _content(feed: FileFeed, rng: random.Random, records: int) -> bytes:
    lines = [mutated(_LINES[feed](rng), rng) for _ in range(rng.choice([1, 3, records]))]
    if feed.format is FileFormat.CSV:
        header = feed.header.encode()
        lines.insert(0, mutated(header, rng) if rng.random() < 0.2 else header)
    content = rng.choice([b"\n", b"\n", b"\r\n", b"\r", b"\n\n"]).join(lines) + rng.choice([b"", b"\n", b"\n \n\t\n"])
    return rng.choice([b"", b"", b"", _MARK, _MARK * 2, _MARK + b"\n"]) + content


def _packed(content: bytes, rng: random.Random) -> bytes:
    packed = gzip.compress(content)
    return mutated(packed, rng) if rng.random() < 0.3 else packed


def _compare_lines(seed: int, feed: FileFeed, content: bytes, rows: list[dict[str, Any]]) -> None:
    """Each line that is not blank is one row, in its place, and byte for byte what the row keeps."""
    lines = dict(enumerate(re.split(rb"\r\n|\n|\r", content), 1))
    filled = {number: line for number, line in lines.items() if not _BLANK.fullmatch(line)}
    if feed.format is FileFormat.CSV:
        del filled[min(filled)]
    numbers = sorted(row["line_number"] for row in rows)
    _hold(seed, numbers == sorted(filled), "not each line is one row")
    for row in rows:
        if row["raw"] is not None:
            kept = base64.b64decode(row["raw"]) if row["raw_encoding"] else row["raw"].encode()
            _hold(seed, kept == filled[row["line_number"]], "a line is not kept as it came")
        else:
            _hold(seed, row["reason"] is None, "a refused line is not kept")


def _judge_again(seed: int, feed: FileFeed, folder: Path, name: str) -> None:
    judge = SecondJudge(feed)
    for table in load_files(feed, folder, {name: 1}, WEEKS, LoadedFiles()):
        judge.judge(table)
    _hold(seed, not judge.changed, f"judged again it is read otherwise: {judge.changed}")


def _hold(seed: int, is_right: bool, what: str) -> None:
    if not is_right:
        raise Fault(f"Seed {seed}: {what}.")
