"""Records from a Kafka broker to rows of the table of the topics."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from fitness_assets.contracts.feeds import MALFORMED
from fitness_assets.transforms.records.events import judge_event, topic_group
from fitness_assets.transforms.records.json_text import json_text
from fitness_assets.transforms.records.lines import text_of_bytes
from fitness_assets.transforms.records.plain.kafka import MIN_RECORDS
from fitness_assets.transforms.records.rows import BronzeRows, calendar_columns


class BrokerRecord(NamedTuple):
    """A record as a broker gives it; `timestamp` in milliseconds."""

    key: bytes | None
    value: bytes | None
    topic: str
    partition: int
    offset: int
    timestamp: int


_SAMPLE = 100
_FIELDS = {
    "key": pa.string(),
    "value": pa.string(),
    "topic": pa.string(),
    "partition": pa.int64(),
    "offset": pa.int64(),
    "timestamp": pa.int64(),
}


class BrokerRecordJudge:
    """Judges records as they come.

    Args:
        rows: where their rows go.
        sources: the `source_file` of each topic.
    """

    def __init__(self, rows: BronzeRows, sources: Mapping[str, str]) -> None:
        self._rows = rows
        self._sources = sources

    def take(self, records: Sequence[BrokerRecord]) -> None:
        """Judge the next records."""
        for place in self._take_plain(records) if len(records) >= MIN_RECORDS else range(len(records)):
            self._take_one(*records[place])

    def _take_plain(self, records: Sequence[BrokerRecord]) -> list[int]:
        """Take records that can be judged many at a time; the places of the others."""
        for record in records[:: -(-len(records) // _SAMPLE)]:
            self._rows.plain.learn_value(record.topic, text_of_bytes(record.value or b""))
        places = [place for place, record in enumerate(records) if _is_ascii(record.key) and _is_ascii(record.value)]
        columns = zip(*(records[place] for place in places), strict=True) if places else [()] * len(_FIELDS)
        arrived = pa.table(
            {name: pa.array(column, kind) for (name, kind), column in zip(_FIELDS.items(), columns, strict=True)}
        )
        sources = [self._sources[topic] for topic in arrived["topic"].to_pylist()]
        arrived = arrived.append_column("source_file", pa.array(sources, pa.string()))
        rows, taken = self._rows.plain.from_records(arrived.append_column("place", pa.array(places, pa.int64())))
        self._rows.add_table(rows)
        return sorted(set(range(len(records))) - set(taken))

    def _take_one(
        self, key: bytes | None, value: bytes | None, topic: str, partition: int, offset: int, timestamp: int
    ) -> None:
        key_text = None if key is None else text_of_bytes(key)
        value_text = None if value is None else text_of_bytes(value)
        row: dict[str, Any] = {
            "key": key_text,
            "value": value_text,
            "topic": topic,
            "partition": partition,
            "offset": offset,
            "timestamp": timestamp,
            "source_file": self._sources[topic],
            "topic_group": topic_group(topic),
            **calendar_columns(timestamp, self._rows.weeks),
        }
        if key_text is None and key is not None:
            row["key_base64"] = base64.b64encode(key).decode()
        if value_text is None and value is not None:
            row |= {"value_base64": base64.b64encode(value).decode(), "reason": MALFORMED}
        else:
            verdict = judge_event(topic, value_text)
            row |= verdict.values
            row |= {"reason": verdict.reason, "unknown_fields": json_text(dict(verdict.unknown))}
            self._rows.tell_unknown(f"{topic}.{name}" for name in verdict.unknown)
        self._rows.add(row)


def _is_ascii(content: bytes | None) -> bool:
    return content is None or (content.isascii() and b"\0" not in content)
