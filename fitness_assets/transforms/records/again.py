"""Bronze judged again, after a rule was mended: the same record, read by the rules as they are now."""

import base64
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fitness_assets.contracts.audit_columns import event_columns
from fitness_assets.contracts.feeds import KAFKA_RECORDS, LINE_TOO_LONG, FileFeed
from fitness_assets.transforms.records.csv_file import CsvJudge
from fitness_assets.transforms.records.events import judge_event, topic_group
from fitness_assets.transforms.records.file_judge import FileJudge
from fitness_assets.transforms.records.json_text import json_text
from fitness_assets.transforms.records.judges import open_judge
from fitness_assets.transforms.records.plain.kafka import MIN_RECORDS
from fitness_assets.transforms.records.rows import BronzeRows, SourceFile

_SAMPLE = 100
_EVENT_COLUMNS = tuple(column.name for column in event_columns())


class SecondJudge:
    """Judges rows of one bronze table again; what came, and when and where it came in, stays as it is.

    Attributes:
        changed: how many records are read otherwise than before, by the reason before and the one now.
    """

    def __init__(self, feed: FileFeed) -> None:
        self.changed: dict[tuple[str, str], int] = {}
        self._feed = feed
        self._rows = BronzeRows(feed, datetime.now(timezone.utc))
        self._judges: dict[str | None, FileJudge | None] = {}
        self._judged = [field.name for field in feed.fields] + ["unknown_fields", "reason"]
        if feed is KAFKA_RECORDS:
            self._judged += [*_EVENT_COLUMNS, "topic_group"]

    def judge(self, rows: pa.Table) -> pa.Table:
        """The rows as the rules read them now, in some order."""
        settled = self._read_as_before(rows)
        others = rows.filter(pc.invert(settled))
        if not others.num_rows:
            return rows
        return pa.concat_tables([rows.filter(settled), self._judged_one_by_one(others)])

    def _read_as_before(self, rows: pa.Table) -> pa.Array:
        """For which rows it is certain, without a look at each, that they are read as before."""
        is_settled = pa.repeat(pa.scalar(False), rows.num_rows)
        if self._feed is not KAFKA_RECORDS or rows.num_rows < MIN_RECORDS:
            return is_settled
        places = pa.array(range(rows.num_rows), pa.int64())
        accepted = pc.and_(pc.is_null(rows["reason"]), pc.is_null(rows["raw"]))
        arrived = rows.select(self._rows.plain.envelope).append_column("place", places).filter(accepted)
        sample = arrived.take(pa.array(range(0, arrived.num_rows, -(-arrived.num_rows // _SAMPLE) or 1), pa.int64()))
        for topic, value in zip(sample["topic"].to_pylist(), sample["value"].to_pylist(), strict=True):
            self._rows.plain.learn_value(topic, value)
        read, taken = self._rows.plain.from_records(arrived)
        before, same = rows.take(pa.array(taken, pa.int64())), pa.repeat(pa.scalar(True), len(taken))
        for name in self._judged:
            now, then = read[name].combine_chunks(), before[name].combine_chunks()
            both_null = pc.and_(pc.is_null(now), pc.is_null(then))
            same = pc.and_(same, pc.or_(both_null, pc.fill_null(pc.equal(now, then), False)))
        return pc.is_in(places, pa.array(taken, pa.int64()).filter(same))

    def _judged_one_by_one(self, rows: pa.Table) -> pa.Table:
        before = rows.to_pylist()
        for row in before:
            self._rows.add(self._values(row))
        now = self._rows.take()
        for name in self._judged:
            rows = rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), now[name])
        for old, new in zip(before, rows.select(self._judged).to_pylist(), strict=True):
            if any(old[name] != value for name, value in new.items()):
                key = (old["reason"] or "accepted", new["reason"] or "accepted")
                self.changed[key] = self.changed.get(key, 0) + 1
        return rows

    def _values(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        is_from_broker = row["file_load"] is None
        if not is_from_broker and (row["line_number"] is None or row["reason"] == LINE_TOO_LONG):
            # A whole file, or a line of which only the beginning is here: it is judged where it lies.
            return row
        if row["raw"] is None:
            return self._event_values(row)
        content = base64.b64decode(row["raw"]) if row["raw_encoding"] else row["raw"].encode()
        judge = self._judge_of(row.get("header"))
        return judge.judge_line(content) if judge else row

    def _event_values(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        if row["value_base64"] is not None:
            return row
        verdict = judge_event(row["topic"], row["value"])
        kept = {name: row[name] for name in self._judged if name not in _EVENT_COLUMNS}
        return {
            **kept,
            **verdict.values,
            "reason": verdict.reason,
            "unknown_fields": json_text({f"{row['topic']}.{name}": text for name, text in verdict.unknown.items()}),
            "topic_group": topic_group(row["topic"]),
        }

    def _judge_of(self, header: str | None) -> FileJudge | None:
        """The judge of lines below a header; None where the feed no longer has such a header."""
        if header not in self._judges:
            judge = open_judge(self._feed, self._rows, SourceFile(""), b"")
            is_usable = not isinstance(judge, CsvJudge) or judge.use_header(header or "")
            self._judges[header] = judge if is_usable else None
        return self._judges[header]
