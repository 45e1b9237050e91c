"""CSV files: the header says what the columns are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fitness_assets.contracts.feeds import MALFORMED, FileFeed
from fitness_assets.transforms.records.csv_text import split_csv
from fitness_assets.transforms.records.fields import Verdict, judge_fields
from fitness_assets.transforms.records.file_judge import FileJudge
from fitness_assets.transforms.records.lines import LongLine, content_of, text_of_bytes
from fitness_assets.transforms.records.plain.csv import PlainCsv
from fitness_assets.transforms.records.plain.kafka import MIN_RECORDS
from fitness_assets.transforms.records.values import from_text


class CsvJudge(FileJudge):
    """CSV with a header, whose names say what the columns are, in any order and case."""

    _positions: dict[str, int] | None = None
    _unknown: dict[str, int]
    _header = ""
    _width = 0
    _plain: PlainCsv | None = None

    def take_plain(self, lines: Sequence[bytes | LongLine], first_number: int) -> Iterable[int]:
        """From the second piece of a file on: the first one begins with its header."""
        if self._positions is None or self._unknown or len(lines) < MIN_RECORDS or not PlainCsv.can_read(self.feed):
            return super().take_plain(lines, first_number)
        if self._plain is None:
            self._plain = PlainCsv(self.feed, self.rows.schema, self._positions)
        constants: dict[str, str | int] = {
            "source_file": self.source.name,
            "file_load": self.source.load,
            "header": self._header,
        }
        taken, others = self._plain.read(lines, first_number, constants)
        self.rows.add_table(taken)
        return others

    def is_header(self, line: bytes | LongLine) -> bool:
        if self._positions is not None:
            return False
        self._read_header(line)
        return True

    def judge_text(self, text: str) -> Verdict:
        fields = split_csv(text)
        if fields is None or len(fields) != self._width:
            return Verdict(MALFORMED, {}, {})
        given = {name: fields[position] or None for name, position in (self._positions or {}).items()}
        reason, values = judge_fields(self.feed.fields, given, from_text)
        unknown = {name: fields[position] for name, position in self._unknown.items() if fields[position]}
        return Verdict(reason, values, unknown)

    def add(self, number: int | None, row: Mapping[str, Any]) -> None:
        super().add(number, {**row, "header": self._header} if number else row)

    def _read_header(self, line: bytes | LongLine) -> None:
        text = None if isinstance(line, LongLine) else text_of_bytes(content_of(line))
        if text is None:
            self.refuse_file("binary_file")
            return
        if not self.use_header(text):
            self.refuse_file("wrong_header")

    def use_header(self, text: str) -> bool:
        """Read the lines that follow below this header; False where it is none of the feed."""
        columns = read_header(text, self.feed)
        if columns is None:
            return False
        self._positions, self._unknown = columns
        self._width = len(split_csv(text) or ())
        self._header = text
        self.rows.tell_unknown(self._unknown)
        return True


def read_header(text: str, feed: FileFeed) -> tuple[dict[str, int], dict[str, int]] | None:
    """The position of each column of the contract, and of those that it does not know.

    None where a required column is missing, or one of the contract's is there twice.
    """
    names = split_csv(text)
    if names is None:
        return None
    known = {field.name for field in feed.fields}
    positions: dict[str, int] = {}
    unknown: dict[str, int] = {}
    for position, name in enumerate(names):
        lowered = name.lower()
        if lowered in positions:
            return None
        if lowered in known:
            positions[lowered] = position
        else:
            unknown[name if name and name not in unknown else f"{name}[{position + 1}]"] = position
    is_complete = all(field.name in positions for field in feed.fields if field.required)
    return (positions, unknown) if is_complete else None
