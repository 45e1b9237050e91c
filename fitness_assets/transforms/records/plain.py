"""Kafka records of the commonest form, many at a time, in DuckDB: several times as quick as one by one.

Nothing is decided here that the judge of single records would decide otherwise. A record is taken only if writing the
parts that were read gives exactly the text that came, so that there is nothing else in it, and if each part is of its
type beyond doubt; every other record is left to that judge. A test holds the two against each other.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from fitness_assets.contracts.audit_columns import event_column_name
from fitness_assets.contracts.feeds import KAFKA_RECORDS, TOPICS, Field
from fitness_assets.transforms.records.json_text import json_object
from fitness_assets.transforms.records.lines import LongLine, ascii_table, places_left
from fitness_assets.transforms.times import EARLIEST_EPOCH, LATEST_EPOCH, MILLISECONDS_FROM

MIN_RECORDS = 500
"""Fewer are judged one by one."""
PLAIN_TOPICS = tuple(
    topic for topic, fields in TOPICS.items() if all(field.required and not field.parent for field in fields)
)
"""The topics whose events always have the same fields."""
_SQL_TYPES = {"bigint": "BIGINT", "int": "INTEGER", "double": "DOUBLE", "epoch": "DOUBLE"}
_ENVELOPE_NUMBERS = ("partition", "offset", "timestamp")


class PlainRecords:
    """Reads records of the commonest form.

    Attributes:
        orders: the order in which the events of a topic have their fields.
        envelope: the columns of a record of a broker.
    """

    envelope = (*(field.name for field in KAFKA_RECORDS.fields), "source_file")

    def __init__(self, schema: pa.Schema, weeks: Mapping[date, str]) -> None:
        self.orders = {topic: tuple(field.name for field in TOPICS[topic]) for topic in PLAIN_TOPICS}
        self._schema = schema
        self._db = duckdb.connect()
        days = pa.table({"day": pa.array(weeks, pa.date32()), "week_part": pa.array(list(weeks.values()), pa.string())})
        self._db.register("weeks", days)

    def learn(self, topic: Any, value: Any) -> None:
        """Take note of the order in which an event has its fields."""
        event = json_object(value) if topic in self.orders and isinstance(value, str) else None
        if event is not None and set(event) == set(self.orders[topic]):
            self.orders[topic] = tuple(event)

    def from_lines(
        self, lines: Sequence[bytes | LongLine], first_number: int, constants: Mapping[str, Any]
    ) -> tuple[pa.Table, list[int]]:
        """The rows of the lines of that form, and the places of the others.

        Args:
            constants: the values of columns that are the same in all rows.
        """
        literals = {name: _literal(value) for name, value in constants.items()}
        rows = self._read(ascii_table(lines), self._from_line(), literals | {"line_number": f"place + {first_number}"})
        return rows.select(self._schema.names).cast(self._schema), places_left(lines, rows["place"].to_pylist())

    def from_records(self, records: pa.Table) -> tuple[pa.Table, list[int]]:
        """The same for records of a broker: the rows, and the place of each.

        Args:
            records: the columns of the envelope, `source_file`, and the `place` of each.
        """
        names = ", ".join(f'"{name}"' for name in self.envelope)
        rows = self._read(records, f"SELECT place, {names} FROM arrived", {"source_file": "source_file"})
        return rows.select(self._schema.names).cast(self._schema), rows["place"].to_pylist()

    def _from_line(self) -> str:
        """The parts of the lines that are nothing but their parts."""
        schema = ",".join(f'"{field.name}":"VARCHAR"' for field in KAFKA_RECORDS.fields)
        parts = {"key": _quoted("key"), "value": _quoted(_escaped("value")), "topic": _quoted("topic")}
        parts |= {name: f'"{name}"' for name in _ENVELOPE_NUMBERS}
        numbers = ", ".join(f'TRY_CAST("{name}" AS BIGINT) AS "{name}"' for name in _ENVELOPE_NUMBERS)
        whole = " AND ".join(f'TRY_CAST("{name}" AS BIGINT)::VARCHAR = "{name}"' for name in _ENVELOPE_NUMBERS)
        # Materialized, or each use of a part would read the JSON again.
        return f"""
            WITH envelopes AS MATERIALIZED (
                SELECT place, line, unnest(CASE WHEN json_valid(line) THEN from_json(line, '{{{schema}}}') END)
                FROM arrived WHERE NOT contains(line, chr(0))
            )
            SELECT place, key, value, topic, {numbers} FROM envelopes WHERE {_is_written(parts, "line")} AND {whole}
        """

    def _read(self, arrived: pa.Table, records: str, constants: Mapping[str, str]) -> pa.Table:
        """The rows of records whose events are of that form, with their `place`."""
        names = {field.name: field for topic in PLAIN_TOPICS for field in TOPICS[topic]}
        schema = ",".join(f'"{name}":"VARCHAR"' for name in names)
        is_event = " OR ".join(f"(topic = '{topic}' AND {self._is_event(topic)})" for topic in PLAIN_TOPICS)
        columns = {
            **{name: f'"{name}"' for name in ("key", "value", "topic", *_ENVELOPE_NUMBERS)},
            "date": "day",
            "week_part": "week_part",
            "topic_group": "topic",
            **{event_column_name(field): _typed(field) for field in names.values()},
            **constants,
        }
        selected = ", ".join(f'{value} AS "{name}"' for name, value in columns.items())
        missing = ", ".join(f'NULL AS "{name}"' for name in self._schema.names if name not in columns)
        self._db.register("arrived", arrived)
        try:
            return self._db.sql(f"""
                WITH records AS MATERIALIZED ({records}),
                parsed AS MATERIALIZED (
                    SELECT *, CASE WHEN json_valid(value) THEN from_json(value, '{{{schema}}}') END AS event,
                        {_SECONDS} AS seconds, {_DAY} AS day
                    FROM records
                    WHERE "timestamp" >= 0 AND seconds <= {LATEST_EPOCH} AND NOT contains(value, chr(0))
                        AND topic IN ({", ".join(f"'{topic}'" for topic in PLAIN_TOPICS)})
                )
                SELECT place, {selected}, {missing} FROM parsed LEFT JOIN weeks USING (day) WHERE {is_event}
            """).to_arrow_table()
        finally:
            self._db.unregister("arrived")

    def _is_event(self, topic: str) -> str:
        fields = {field.name: field for field in TOPICS[topic]}
        parts = {
            name: _quoted(f'event."{name}"') if fields[name].type == "string" else f'event."{name}"'
            for name in self.orders[topic]
        }
        return " AND ".join([_is_written(parts, "value"), *(_fits(field) for field in fields.values())])


_SECONDS = f'CASE WHEN "timestamp" >= {MILLISECONDS_FROM} THEN "timestamp" // 1000 ELSE "timestamp" END'
_DAY = "DATE '1970-01-01' + CAST(seconds // 86400 AS INTEGER)"


def _is_written(parts: Mapping[str, str], text: str) -> str:
    """Whether a JSON object written with these parts, with blanks or without, is exactly a text."""
    written = [
        "concat('{', "
        + f", '{comma}', ".join(f"'\"{name}\"{colon}', {value}" for name, value in parts.items())
        + ", '}')"
        for comma, colon in ((", ", ": "), (",", ":"))
    ]
    present = " AND ".join(f"{value} IS NOT NULL" for value in parts.values())
    return f"({present} AND ({text} = {written[0]} OR {text} = {written[1]}))"


def _fits(field: Field) -> str:
    """Whether the text of a field is certainly a value that is accepted."""
    text = f'event."{field.name}"'
    if field.type in ("bigint", "int"):
        return f"TRY_CAST({text} AS {_SQL_TYPES[field.type]})::VARCHAR = {text}"
    if field.type == "epoch":
        return f"TRY_CAST({text} AS DOUBLE) BETWEEN {EARLIEST_EPOCH} AND {LATEST_EPOCH}"
    if field.type == "double":
        return f"isfinite(TRY_CAST({text} AS DOUBLE))"
    return f"{text} IN ({', '.join(map(_literal, field.accepted_values))})" if field.accepted_values else "true"


def _typed(field: Field) -> str:
    text = f'event."{field.name}"'
    if field.type == "epoch":
        return f"make_timestamp(CAST(floor(TRY_CAST({text} AS DOUBLE) * 1e6 + 0.5) AS BIGINT))"
    return f"TRY_CAST({text} AS {_SQL_TYPES[field.type]})" if field.type in _SQL_TYPES else text


def _quoted(text: str) -> str:
    return f"'\"' || {text} || '\"'"


def _escaped(text: str) -> str:
    return rf"""replace(replace({text}, '\', '\\'), '"', '\"')"""


def _literal(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("'", "''")
    return f"'{escaped}'"
