"""Files of JSON, one object a line: the calendar, and records of Kafka."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fitness_assets.contracts.feeds import KAFKA_RECORDS, MALFORMED
from fitness_assets.transforms.records.events import judge_event, topic_group
from fitness_assets.transforms.records.fields import Verdict, judge_fields, unknown_fields
from fitness_assets.transforms.records.file_judge import FileJudge
from fitness_assets.transforms.records.json_text import json_object
from fitness_assets.transforms.records.lines import LongLine, text_of_bytes
from fitness_assets.transforms.records.plain.kafka import MIN_RECORDS
from fitness_assets.transforms.records.rows import calendar_columns
from fitness_assets.transforms.records.values import from_json, from_text, text_of


class CalendarJudge(FileJudge):
    """One JSON object a line, its values as texts."""

    def judge_text(self, text: str) -> Verdict:
        found = json_object(text)
        if found is None:
            return Verdict(MALFORMED, {}, {})
        known = frozenset(field.name for field in self.feed.fields)
        given = {name: text_of(value) for name, value in found.items() if name in known}
        reason, values = judge_fields(self.feed.fields, given, from_text)
        return Verdict(reason, values, unknown_fields(found, known))


_ENVELOPE = frozenset(field.name for field in KAFKA_RECORDS.fields)
_NUMBERS = ("partition", "offset", "timestamp")
_SAMPLE = 100


class KafkaRecordJudge(FileJudge):
    """One Kafka record a line, as a JSON object whose `value` is the event as a text."""

    _is_plain = False
    """Whether the columns hold all of the line that was judged last."""

    def take_plain(self, lines: Sequence[bytes | LongLine], first_number: int) -> Iterable[int]:
        if len(lines) < MIN_RECORDS:
            return super().take_plain(lines, first_number)
        if first_number == 1:
            self._learn(lines[:: -(-len(lines) // _SAMPLE)])
        constants = {"source_file": self.source.name, "file_load": self.source.load}
        tables, others = self.rows.plain.from_lines(lines, first_number, constants)
        for rows in tables:
            if rows.num_rows:
                self._is_empty = False
                self.rows.add_table(rows)
        self.rows.tell_unknown(self.rows.plain.unknown_fields)
        return others

    def _learn(self, lines: Sequence[bytes | LongLine]) -> None:
        """Look at some lines for the form that most records have."""
        for line in lines:
            text = None if isinstance(line, LongLine) else text_of_bytes(line)
            if text:
                self.rows.plain.learn_line(text)

    def judge_text(self, text: str) -> Verdict:
        record = json_object(text)
        if record is None:
            self._is_plain = False
            return Verdict(MALFORMED, {"topic_group": topic_group(None)}, {})
        numbers = {name: _number(record.get(name)) for name in _NUMBERS}
        topic, value = text_of(record.get("topic")), record.get("value")
        unknown = {} if _ENVELOPE.issuperset(record) else unknown_fields(record, _ENVELOPE, "record.")
        is_text = value is None or isinstance(value, str)
        verdict = judge_event(topic, value) if is_text else Verdict("bad_value", {}, {})
        self._is_plain = (
            isinstance(record.get("key"), str | None)
            and isinstance(topic, str)
            and topic == record["topic"]
            and not any(type(record.get(name)) is bool or numbers[name] != record.get(name) for name in _NUMBERS)
            and _is_written(record, text)
        )
        envelope = {
            "key": text_of(record.get("key")),
            "value": value if isinstance(value, str) else None,
            "topic": topic,
            **numbers,
            **calendar_columns(numbers["timestamp"], self.rows.weeks),
            "topic_group": topic_group(topic),
        }
        inner = {f"{topic}.{name}": text for name, text in verdict.unknown.items()}
        return Verdict(verdict.reason, {**envelope, **verdict.values}, {**unknown, **inner})

    def keeps_raw(self, verdict: Verdict) -> bool:
        return not self._is_plain

    def judge_line(self, line: bytes) -> dict[str, Any]:
        return {"topic_group": topic_group(None), **super().judge_line(line)}

    def add(self, number: int | None, row: Mapping[str, Any]) -> None:
        super().add(number, {"topic_group": topic_group(None), **row})


def _is_written(record: Mapping[str, Any], text: str) -> bool:
    """Whether the known fields of a record, written in either of the usual ways, are exactly a text."""
    if not _ENVELOPE.issuperset(record):
        return False
    is_ascii = text.isascii()
    return text == json.dumps(record, ensure_ascii=is_ascii) or text == json.dumps(
        record, ensure_ascii=is_ascii, separators=(",", ":")
    )


def _number(value: Any) -> Any:
    """A whole number, which may stand in a text too."""
    if type(value) is int:
        return from_json(value, "bigint")
    text = text_of(value)
    return None if text is None else from_text(text, "bigint")
