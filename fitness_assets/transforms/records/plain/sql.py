"""Texts of one form in SQL: which are of it beyond doubt, and what they say."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from fitness_assets.contracts.feeds import KAFKA_RECORDS, TOPICS, Field
from fitness_assets.transforms.records.plain.templates import QUOTE, Hole, Template
from fitness_assets.transforms.times import EARLIEST_EPOCH, LATEST_EPOCH

PLAIN_TOPICS = tuple(
    topic for topic, fields in TOPICS.items() if all(field.required and not field.parent for field in fields)
)
"""The topics whose events always have the same fields."""
ENVELOPE_NUMBERS = ("partition", "offset", "timestamp")
_ENVELOPE = tuple(field.name for field in KAFKA_RECORDS.fields)
_SQL_TYPES = {"bigint": "BIGINT", "int": "INTEGER", "double": "DOUBLE", "epoch": "DOUBLE"}
_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?"
_SAME_WRITTEN = r"-?[1-9][0-9]{0,9}(\.(0|[0-9]{0,3}[1-9]))?|0(\.(0|[0-9]{0,3}[1-9]))?"
"""Numbers that are written again as they came."""
_PLAIN_TEXT = r"[\x20-\x5b\x5d-\x7e]*"
_RECORD, _KEY = "record.", "record.key"


class TextsOfForm:
    """The texts of one form.

    Attributes:
        event_fields: the fields of the topic that the form has.
        unknown: the names of the fields that the contract does not know, those of events preceded by their topic.
    """

    def __init__(self, template: Template) -> None:
        self.template = template
        holes = template.fields
        self._known = {field.name: field for field in TOPICS[template.topic] if field.name in holes}
        self.event_fields = tuple(self._known.values())
        self._odd = [
            hole
            for hole in template.holes
            if hole.field not in self._known and hole.field.removeprefix(_RECORD) not in _ENVELOPE
        ]
        self.unknown = {self._unknown_name(hole): hole for hole in self._odd}

    @property
    def is_complete(self) -> bool:
        """Whether each field that must be there is, as text or number as it should be."""
        holes, constants = self.template.fields, self.template.constants
        is_line = any(hole.field.startswith(_RECORD) for hole in self.template.holes)
        numbers = [f"{_RECORD}{name}" for name in ENVELOPE_NUMBERS] if is_line else []
        has_key = not is_line or constants == {_KEY} or (_KEY in holes and holes[_KEY].is_text)
        return (
            has_key
            and constants <= {_KEY}
            and len(holes) == len(self.template.holes)
            and all(name in holes and not holes[name].is_text for name in numbers)
            and all(
                field.name in holes and holes[field.name].is_text == (field.type == "string")
                for field in TOPICS[self.template.topic]
            )
        )

    def may_read(self, pieces: Sequence[str]) -> bool:
        """Whether a text that was split at its quotes has what stands between the holes."""
        form = self.template.pieces
        return len(form) == len(pieces) and all(
            expected is None or expected == found for expected, found in zip(form, pieces, strict=True)
        )

    def line_sql(self, pieces: str) -> str:
        """The parts of the lines that are of this form, from a table of their pieces."""
        numbers = [f'TRY_CAST({self._texts[f"{_RECORD}{name}"]} AS BIGINT) AS "{name}"' for name in ENVELOPE_NUMBERS]
        own = [f"{self._texts.get(_KEY, 'NULL')} AS key", f"{literal(self.template.topic)} AS topic", *numbers]
        has_odd_record = any(hole.field.startswith(_RECORD) for hole in self._odd)
        raw = f"concat_ws('{QUOTE}', {', '.join(f'f{n}' for n in range(len(self.template.pieces)))})"
        odd = [f"{raw if has_odd_record else 'NULL'} AS raw", f"{self._unknown_sql} AS unknown_fields"]
        selected = ", ".join(["place", *own, *odd, f"{self._value_sql} AS value", *self._event_columns])
        return f"SELECT {selected} FROM {pieces} WHERE {self._is_of_form}"

    def value_sql(self, pieces: str, records: str) -> str:
        """The records of a broker whose values are of this form, from a table of their pieces."""
        envelope = [f'r."{name}"' for name in (*_ENVELOPE, "source_file")]
        odd = ["NULL AS raw", "NULL AS unknown_fields"]
        selected = ", ".join(["p.place", *envelope, *odd, *self._event_columns])
        is_topic = f"r.topic = {literal(self.template.topic)}"
        return (
            f"SELECT {selected} FROM {pieces} p JOIN {records} r ON p.place = r.row WHERE {is_topic} AND "
            f"{self._is_of_form}"
        )

    @cached_property
    def _texts(self) -> dict[str, str]:
        """What is in each hole."""
        return {hole.field: _inside(hole) for hole in self.template.holes}

    @property
    def _event_columns(self) -> list[str]:
        return [f'{self._texts[name]} AS "event.{name}"' for name in self._known]

    @property
    def _value_sql(self) -> str:
        """The event's text."""
        parts = [self._texts[part] if number % 2 else literal(part) for number, part in enumerate(self.template.value)]
        return f"concat({', '.join(parts)})"

    @property
    def _unknown_sql(self) -> str:
        if not self._odd:
            return "NULL"
        # Those of the record itself come first.
        odd = sorted(self._odd, key=lambda hole: not hole.field.startswith(_RECORD))
        parts = [f"""'"{self._unknown_name(hole)}": "', {self._texts[hole.field]}, '"'""" for hole in odd]
        return "concat('{', " + ", ', ', ".join(parts) + ", '}')"

    def _unknown_name(self, hole: Hole) -> str:
        return hole.field if hole.field.startswith(_RECORD) else f"{self.template.topic}.{hole.field}"

    @property
    def _is_of_form(self) -> str:
        pieces = enumerate(self.template.pieces)
        parts = [f"f{number} = {literal(piece)}" for number, piece in pieces if piece is not None]
        for hole in self.template.holes:
            column, around = f"f{hole.piece}", len(hole.before) + len(hole.after)
            parts.append(f"length({column}) >= {around}")
            parts += [f"starts_with({column}, {literal(hole.before)})"] if hole.before else []
            parts += [f"ends_with({column}, {literal(hole.after)})"] if hole.after else []
        return " AND ".join(parts + [self._fits(hole) for hole in self.template.holes])

    def _fits(self, hole: Hole) -> str:
        """Whether the text of a hole is certainly a value that is accepted."""
        text = self._texts[hole.field]
        if field := self._known.get(hole.field):
            return _is_accepted(field, text)
        if hole.field.removeprefix(_RECORD) in ENVELOPE_NUMBERS:
            return f"TRY_CAST({text} AS BIGINT)::VARCHAR = {text}"
        return f"regexp_full_match({text}, '{_PLAIN_TEXT if hole.is_text else _SAME_WRITTEN}')"


def typed(field: Field, text: str) -> str:
    """The value of a field that is accepted."""
    if field.type == "epoch":
        return f"make_timestamp(CAST(floor(TRY_CAST({text} AS DOUBLE) * 1e6 + 0.5) AS BIGINT))"
    return f"TRY_CAST({text} AS {_SQL_TYPES[field.type]})" if field.type in _SQL_TYPES else text


def literal(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("'", "''")
    return f"'{escaped}'"


def _is_accepted(field: Field, text: str) -> str:
    if field.type in ("bigint", "int"):
        return f"TRY_CAST({text} AS {_SQL_TYPES[field.type]})::VARCHAR = {text}"
    if field.type == "epoch":
        is_time = f"TRY_CAST({text} AS DOUBLE) BETWEEN {EARLIEST_EPOCH} AND {LATEST_EPOCH}"
        return f"regexp_full_match({text}, '{_NUMBER}') AND {is_time}"
    if field.type == "double":
        return f"regexp_full_match({text}, '{_NUMBER}') AND isfinite(TRY_CAST({text} AS DOUBLE))"
    if field.accepted_values:
        return f"{text} IN ({', '.join(map(literal, field.accepted_values))})"
    return f"regexp_full_match({text}, '{_PLAIN_TEXT}')"


def _inside(hole: Hole) -> str:
    column = f"f{hole.piece}"
    if not hole.before and not hole.after:
        return column
    return f"substring({column}, {len(hole.before) + 1}, length({column}) - {len(hole.before) + len(hole.after)})"
