"""Kafka records of the commonest forms, many at a time: several times as quick as one by one.

Nothing is decided here that the judge of single records would decide otherwise. A record is taken only if it has the
very form of one that was looked at (`templates.py`) and each value in it is of its type beyond doubt; every other
record is left to that judge. A test holds the two against each other.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv

from fitness_assets.contracts.arrow import with_all_columns
from fitness_assets.contracts.audit_columns import event_column_name
from fitness_assets.contracts.feeds import KAFKA_RECORDS
from fitness_assets.transforms.records.lines import LongLine
from fitness_assets.transforms.records.plain.sql import (
    ENVELOPE_NUMBERS,
    PLAIN_TOPICS,
    TextsOfForm,
    literal,
    typed,
)
from fitness_assets.transforms.records.plain.templates import QUOTE, Template, template_of_line, template_of_value
from fitness_assets.transforms.times import LATEST_EPOCH, MILLISECONDS_FROM

MIN_RECORDS = 500
"""Fewer are judged one by one."""
_MAX_FORMS = 8
_MAX_BYTES = 1 << 30
_SECONDS = f'CASE WHEN "timestamp" >= {MILLISECONDS_FROM} THEN "timestamp" // 1000 ELSE "timestamp" END'
_DAY = "DATE '1970-01-01' + CAST(seconds // 86400 AS INTEGER)"


class PlainRecords:
    """Reads records of the commonest forms.

    Attributes:
        envelope: the columns of a record of a broker.
    """

    envelope = (*(field.name for field in KAFKA_RECORDS.fields), "source_file")

    def __init__(self, schema: pa.Schema, weeks: Mapping[date, str]) -> None:
        self._schema = schema
        self._lines: list[TextsOfForm] = []
        self._values: list[TextsOfForm] = []
        self._db = duckdb.connect()
        days = pa.table({"day": pa.array(weeks, pa.date32()), "week_part": pa.array(list(weeks.values()), pa.string())})
        self._db.register("weeks", days)

    @property
    def unknown_fields(self) -> set[str]:
        """The names of fields that the contract does not know, in the forms of lines."""
        return {name for form in self._lines for name in form.unknown}

    def learn_line(self, line: str) -> None:
        """Take note of the form of a line, unless lines of that form are read already."""
        if not _reads(self._lines, line):
            _learn(self._lines, template_of_line(line), reads_unknown=True)

    def learn_value(self, topic: Any, value: Any) -> None:
        """Take note of the form of the text of an event."""
        if isinstance(topic, str) and isinstance(value, str) and not _reads(self._values, value, topic):
            _learn(self._values, template_of_value(topic, value), reads_unknown=False)

    def from_lines(
        self, lines: Sequence[bytes | LongLine], first_number: int, constants: Mapping[str, Any]
    ) -> tuple[list[pa.Table], Sequence[int]]:
        """The rows of the lines of these forms, and the places of the others.

        Args:
            constants: the values of columns that are the same in all rows.
        """
        columns = {name: literal(value) for name, value in constants.items()}
        columns["line_number"] = f"place + {first_number}"
        tables: list[pa.Table] = []
        left: Sequence[int] = range(len(lines))
        for form in self._lines:
            if len(left) < MIN_RECORDS:
                break
            pieces = _split(form.template, lines, left)
            rows = self._read(form, pieces, form.line_sql("pieces"), columns)
            tables.append(with_all_columns(rows, self._schema))
            left = _without(left, rows["place"].to_pylist())
        return tables, left

    def from_records(self, records: pa.Table) -> tuple[pa.Table, list[int]]:
        """The same for records of a broker: the rows, and the place of each.

        Args:
            records: the columns of the envelope, `source_file`, and the `place` of each.
        """
        places, values = (
            records["place"].to_pylist(),
            [None if value is None else value.encode() for value in records["value"].to_pylist()],
        )
        tables, taken = [self._schema.empty_table()], list[int]()
        left: Sequence[int] = range(len(places))
        for form in self._values:
            pieces = _split(form.template, values, left)
            self._db.register("arrived", records.append_column("row", pa.array(range(len(places)), pa.int64())))
            try:
                rows = self._read(form, pieces, form.value_sql("pieces", "arrived"), {"source_file": "source_file"})
            finally:
                self._db.unregister("arrived")
            tables.append(with_all_columns(rows, self._schema))
            found = rows["place"].to_pylist()
            left = _without(left, found)
            taken += [places[row] for row in found]
        return pa.concat_tables(tables), taken

    def _read(self, form: TextsOfForm, pieces: pa.Table, records: str, constants: Mapping[str, str]) -> pa.Table:
        """The rows of texts that are of a form, with their `place`."""
        event = {event_column_name(field): typed(field, f'"event.{field.name}"') for field in form.event_fields}
        columns = {
            **{name: f'"{name}"' for name in ("key", "value", "topic", *ENVELOPE_NUMBERS)},
            "date": "day",
            "week_part": "week_part",
            "topic_group": "topic",
            "raw": "raw",
            "unknown_fields": "unknown_fields",
            **event,
            **constants,
        }
        selected = ", ".join(f'{value} AS "{name}"' for name, value in columns.items())
        self._db.register("pieces", pieces)
        try:
            # Materialized, or each use of a part would compute it again.
            return self._db.sql(f"""
                WITH records AS MATERIALIZED ({records}),
                dated AS MATERIALIZED (
                    SELECT *, {_SECONDS} AS seconds, {_DAY} AS day FROM records
                    WHERE "timestamp" >= 0 AND seconds <= {LATEST_EPOCH}
                )
                SELECT place, {selected} FROM dated LEFT JOIN weeks USING (day)
            """).to_arrow_table()
        finally:
            self._db.unregister("pieces")


def _reads(forms: Sequence[TextsOfForm], text: str, topic: str | None = None) -> bool:
    pieces = text.split(QUOTE)
    return any(form.may_read(pieces) and topic in (None, form.template.topic) for form in forms)


def _learn(forms: list[TextsOfForm], template: Template | None, reads_unknown: bool) -> None:
    if template is None or template.topic not in PLAIN_TOPICS or len(forms) >= _MAX_FORMS:
        return
    form = TextsOfForm(template)
    if form.is_complete and (reads_unknown or not form.unknown):
        forms.append(form)


def _split(template: Template, texts: Sequence[bytes | LongLine | None], places: Sequence[int]) -> pa.Table:
    """Those of some texts that have as many pieces as the form, each with its `place` among all."""
    chosen = [texts[place] for place in places]
    together = b"\n".join([text if isinstance(text, bytes) else b"" for text in chosen])
    if not together.isascii() or b"\r" in together or together.count(b"\n") != len(chosen) - 1:
        places = [place for place in places if _is_one_line(texts[place])]
        together = b"\n".join([texts[place] for place in places])  # type: ignore[misc]  # only bytes are one line
    width = len(template.pieces)
    skipped: list[int] = []

    def skip(row: pa_csv.InvalidRow) -> str:
        skipped.append(row.number - 1)
        return "skip"

    if not together.strip(b"\n") or len(together) > _MAX_BYTES:
        return _no_pieces(width)
    pieces = pa_csv.read_csv(
        pa.BufferReader(together + b"\n"),
        pa_csv.ReadOptions(
            use_threads=False, block_size=len(together) + 1, column_names=[f"f{number}" for number in range(width)]
        ),
        pa_csv.ParseOptions(
            delimiter=QUOTE,
            quote_char=False,
            double_quote=False,
            escape_char=False,
            ignore_empty_lines=False,
            invalid_row_handler=skip,
        ),
        pa_csv.ConvertOptions(
            check_utf8=False,
            column_types={f"f{number}": pa.string() for number in range(width)},
            strings_can_be_null=False,
        ),
    )
    kept = _without(range(len(places)), skipped) if skipped else range(len(places))
    return pieces.append_column("place", pa.array([places[row] for row in kept], pa.int64()))


def _no_pieces(width: int) -> pa.Table:
    names = [f"f{number}" for number in range(width)]
    return pa.table({name: pa.array([], pa.string()) for name in names} | {"place": pa.array([], pa.int64())})


def _is_one_line(text: bytes | LongLine | None) -> bool:
    return isinstance(text, bytes) and text.isascii() and b"\n" not in text and b"\r" not in text


def _without(places: Sequence[int], taken: Sequence[int]) -> list[int]:
    if len(taken) == len(places):
        return []
    gone = set(taken)
    return [place for place in places if place not in gone]
