"""The form in which a program writes its records: a text with holes, found by looking at one of them.

A text of that form is split at its quotes. What comes between holes must be exactly that of the form, and a hole holds
one number, or one text without quotes and escapes; so nothing else can be in a text that fits.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fitness_assets.transforms.records.json_text import json_object

QUOTE = '"'
_SEPARATORS = ((", ", ": "), (",", ":"))
_MARK = re.compile('(\\\\?")?\ue000([0-9]+)\ue001(\\\\?")?')
_PLAIN_NAME = re.compile(r"(record\.)?[A-Za-z0-9_-]{1,100}")
_MAX_PIECES = 200


@dataclass(frozen=True)
class Hole:
    """Where a field's value stands.

    Attributes:
        field: the field's name; one of a record's own is preceded by `record.`.
        piece: the number of the piece that holds it, from 0.
        before: what stands before it in this piece.
        after: what stands after it.
        is_text: whether it is a text; otherwise a number.
    """

    field: str
    piece: int
    before: str
    after: str
    is_text: bool


@dataclass(frozen=True)
class Template:
    """One form of a text.

    Attributes:
        pieces: what stands between quotes; None where there is a hole.
        topic: that of the event.
        value: the event's text in parts: what stands there, the field of a hole, what stands there, …
        constants: the fields that are true, false or null, which are no holes.
    """

    pieces: tuple[str | None, ...]
    holes: tuple[Hole, ...]
    topic: str
    value: tuple[str, ...]
    constants: frozenset[str]

    @property
    def fields(self) -> dict[str, Hole]:
        return {hole.field: hole for hole in self.holes}


class _Marks:
    """Values of a sample in the order in which they were met, each replaced by a mark."""

    def __init__(self) -> None:
        self.fields: list[str] = []
        self.texts: list[str] = []
        self.is_text: list[bool] = []
        self.constants: set[str] = set()

    def mark(self, field: str, value: Any) -> Any:
        """A mark for the value; true, false and null are part of the form.

        Raises:
            ValueError: it is nothing that a hole can hold.
        """
        if value is None or isinstance(value, bool):
            self.constants.add(field)
            return value
        if not _PLAIN_NAME.fullmatch(field) or not isinstance(value, str | _Number):
            raise ValueError(field)
        self.fields.append(field)
        self.texts.append(value.text if isinstance(value, _Number) else value)
        self.is_text.append(isinstance(value, str))
        return f"\ue000{len(self.fields) - 1}\ue001"


@dataclass(frozen=True)
class _Number:
    """A number of JSON as it is written."""

    text: str


def template_of_line(line: str) -> Template | None:
    """The form of a line with a record whose `value` is the text of an event; None where it has none."""
    record = _object(line)
    if record is None or not isinstance(record.get("value"), str) or not isinstance(record.get("topic"), str):
        return None
    return _template(line, str(record["topic"]), str(record["value"]), record)


def template_of_value(topic: str, value: str) -> Template | None:
    """The form of the text of an event; None where it has none."""
    return _template(value, topic, value, None)


def _template(text: str, topic: str, value: str, record: Mapping[str, Any] | None) -> Template | None:
    event = _object(value)
    if event is None or json_object(text) is None or "\ue000" in text or "\\u" in text:
        return None
    for event_separators in _SEPARATORS:
        for separators in _SEPARATORS:
            marks = _Marks()
            try:
                marked_event = {name: marks.mark(name, given) for name, given in event.items() if "." not in name}
                marked_value = marked = _written(marked_event, event_separators)
                if record is not None:
                    marked = _written(_marked_record(record, marked_value, marks), separators)
            except ValueError:
                return None
            if _filled(marked, marks) == text:
                return _of_marked(marked, marked_value, topic, marks)
    return None


def _marked_record(record: Mapping[str, Any], marked_value: str, marks: _Marks) -> dict[str, Any]:
    own = {"value": marked_value, "topic": record["topic"]}
    return {name: own.get(name) or marks.mark(f"record.{name}", given) for name, given in record.items()}


def _of_marked(marked: str, marked_value: str, topic: str, marks: _Marks) -> Template | None:
    holes: list[Hole] = []
    pieces: list[str | None] = []
    texts = _bare(marked, marks).split(QUOTE)
    if len(texts) > _MAX_PIECES:
        return None
    for number, piece in enumerate(texts):
        before, *rest = re.split("\ue000([0-9]+)\ue001", piece)
        if len(rest) > 2:
            return None
        pieces.append(None if rest else piece)
        if rest:
            mark = int(rest[0])
            holes.append(Hole(marks.fields[mark], number, before, rest[1], marks.is_text[mark]))
    value = re.split("\ue000([0-9]+)\ue001", _bare(marked_value, marks))
    named = tuple(marks.fields[int(part)] if number % 2 else part for number, part in enumerate(value))
    return Template(tuple(pieces), tuple(holes), topic, named, frozenset(marks.constants))


def _bare(marked: str, marks: _Marks) -> str:
    """The text with its marks, those of numbers without the quotes that writing them put around."""

    def bare(match: re.Match[str]) -> str:
        mark = f"\ue000{match[2]}\ue001"
        return f"{match[1] or ''}{mark}{match[3] or ''}" if marks.is_text[int(match[2])] else mark

    return _MARK.sub(bare, marked)


def _filled(marked: str, marks: _Marks) -> str:
    return re.sub("\ue000([0-9]+)\ue001", lambda match: marks.texts[int(match[1])], _bare(marked, marks))


def _written(values: Mapping[str, Any], separators: tuple[str, str]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=separators)


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text, parse_int=_Number, parse_float=_Number)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
