"""Judging the lines of a landed file: a row a record, and one for a file that cannot be read at all."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fitness_assets.contracts.feeds import LINE_TOO_LONG, MALFORMED, FileFeed
from fitness_assets.transforms.records.fields import Verdict
from fitness_assets.transforms.records.json_text import json_text
from fitness_assets.transforms.records.lines import LongLine, content_of, has_no_blank, is_blank, text_of_bytes
from fitness_assets.transforms.records.rows import BronzeRows, SourceFile, kept_bytes

KEPT_OF_FILE = 65_536
"""So many bytes are kept of a file that cannot be read."""


class FileJudge(ABC):
    """Judges the lines of one content of one file.

    Args:
        rows: where its rows go.
        beginning: its first bytes, to keep where it cannot be read.

    Attributes:
        refusal: why the whole file is refused; empty where it is not.
    """

    def __init__(self, feed: FileFeed, rows: BronzeRows, source: SourceFile, beginning: bytes) -> None:
        self.feed = feed
        self.rows = rows
        self.source = source
        self.refusal = ""
        self._beginning = beginning[:KEPT_OF_FILE]
        self._next_number = 1
        self._is_empty = True

    def take(self, lines: Sequence[bytes | LongLine]) -> None:
        """Judge the next lines of the file."""
        for place in self.take_plain(lines, self._next_number):
            if self.refusal:
                return
            if not is_blank(lines[place]):
                self._is_empty = False
                if not self.is_header(lines[place]):
                    self.take_line(self._next_number + place, lines[place])
        self._next_number += len(lines)

    def take_plain(self, lines: Sequence[bytes | LongLine], first_number: int) -> Iterable[int]:
        """Take lines that can be judged many at a time; the places of those that are left."""
        return range(len(lines))

    def finish(self) -> None:
        """Say that there are no more lines."""
        if self._is_empty and not self.refusal:
            self.refuse_file("empty_file")

    def count(self, pieces: Iterable[Sequence[bytes | LongLine]]) -> int:
        """How many records all lines of the file are, without judging them."""
        records, may_have_header = 0, type(self).is_header is not FileJudge.is_header
        for lines in pieces:
            if not may_have_header and has_no_blank(lines):
                records += len(lines)
                self._is_empty = False
                continue
            for line in lines:
                if not is_blank(line):
                    self._is_empty = False
                    records += not self.is_header(line)
                    if self.refusal:
                        return 1
        if self._is_empty:
            self.refuse_file("empty_file")
            return 1
        return records

    def is_header(self, line: bytes | LongLine) -> bool:
        """Whether a line that is not blank, the next one of the file, is its header, which is then read."""
        return False

    def refuse_file(self, reason: str) -> None:
        """Refuse the whole file: one row stands for it, and what else is in it is not looked at."""
        self.refusal = reason
        self.add(None, {"reason": reason, **(kept_bytes(self._beginning) if self._beginning else {})})

    def take_line(self, number: int, line: bytes | LongLine) -> None:
        """Judge a line that is not blank."""
        if isinstance(line, LongLine):
            self.add(number, {"reason": LINE_TOO_LONG, **kept_bytes(line.beginning)})
            return
        self.add(number, self.judge_line(line))

    def judge_line(self, line: bytes) -> dict[str, Any]:
        """What a line is, as values of the columns of bronze."""
        text = text_of_bytes(content_of(line))
        if text is None:
            return {"reason": MALFORMED, **kept_bytes(line)}
        verdict = self.judge_text(text)
        row = dict(verdict.values)
        if verdict.reason or self.keeps_raw(verdict):
            row |= kept_bytes(line)
        if verdict.unknown:
            self.rows.tell_unknown(verdict.unknown)
            row["unknown_fields"] = json_text(dict(verdict.unknown))
        row["reason"] = verdict.reason
        return row

    @abstractmethod
    def judge_text(self, text: str) -> Verdict:
        """What a line of text is, as values of the columns of bronze."""

    def keeps_raw(self, verdict: Verdict) -> bool:
        """Whether the columns do not hold all that an accepted line says."""
        return True

    def add(self, number: int | None, row: Mapping[str, Any]) -> None:
        self.rows.add({**row, "source_file": self.source.name, "file_load": self.source.load, "line_number": number})
