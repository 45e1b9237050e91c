"""Rows of a bronze table as they are made, record by record."""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.contracts.registry import get_table
from fitness_assets.transforms.records.plain.kafka import PlainRecords
from fitness_assets.transforms.times import MILLISECONDS_FROM

MAX_UNKNOWN_FIELDS = 200
_MAX_NAME = 100


@dataclass(frozen=True)
class SourceFile:
    """A file of the landing zone with one of its contents.

    Attributes:
        name: its path within the landing zone.
        load: 1 for the first content of that name, one more each time it was replaced.
    """

    name: str
    load: int = 1


class BronzeRows:
    """Rows on their way to one bronze table, column by column.

    Args:
        load_time: when they are loaded, UTC.
        weeks: the week of each day of the calendar.

    Attributes:
        schema: the columns of the table.
        count: how many rows there are since the last `take`.
        total: how many there were in all.
        unknown_fields: the names of fields that the contract does not know, of all rows so far.
    """

    def __init__(self, feed: FileFeed, load_time: datetime, weeks: Mapping[date, str] | None = None) -> None:
        self.schema = pa.schema([field.remove_metadata() for field in arrow_schema(get_table(feed.table))])
        self.weeks = weeks or {}
        self._load_time = load_time
        self._tables: list[pa.Table] = []
        self._plain: PlainRecords | None = None
        self._columns: dict[str, list[Any]] = {}
        self._appends: list[tuple[str, Callable[[Any], None]]] = []
        self.count = self._taken = 0
        self.unknown_fields: set[str] = set()
        self._clear()

    @property
    def total(self) -> int:
        return self._taken + self.count

    @property
    def plain(self) -> PlainRecords:
        """What reads records of the commonest form, many at a time."""
        if self._plain is None:
            self._plain = PlainRecords(self.schema, self.weeks)
        return self._plain

    def add(self, values: Mapping[str, Any]) -> None:
        """Add a row; a column without a value is null."""
        get = values.get
        for name, append in self._appends:
            append(get(name))
        self.count += 1

    def add_table(self, rows: pa.Table) -> None:
        """Add rows with all columns but `load_time`."""
        position = self.schema.get_field_index("load_time")
        load_time = pa.repeat(pa.scalar(self._load_time, self.schema.field(position).type), rows.num_rows)
        self._tables.append(rows.set_column(position, self.schema.field(position), load_time))
        self.count += rows.num_rows

    def tell_unknown(self, names: Iterable[str]) -> None:
        """Take note of fields that the contract does not know; of a flood of names the first ones."""
        for name in names:
            if len(self.unknown_fields) < MAX_UNKNOWN_FIELDS:
                self.unknown_fields.add(name[:_MAX_NAME])

    def take(self) -> pa.Table:
        """The rows so far, which are then forgotten."""
        singles = self.count - sum(table.num_rows for table in self._tables)
        self._columns["load_time"] = [self._load_time] * singles
        arrays = [pa.array(self._columns[field.name], field.type) for field in self.schema]
        rows = pa.concat_tables([pa.table(arrays, schema=self.schema), *self._tables])
        self._clear()
        return rows

    def _clear(self) -> None:
        self._taken += self.count
        self._tables = []
        self._columns = {name: [] for name in self.schema.names}
        self._appends = [(name, column.append) for name, column in self._columns.items() if name != "load_time"]
        self.count = 0


def kept_bytes(content: bytes) -> dict[str, str]:
    """Bytes as they came, as columns: text where they are UTF-8, otherwise Base64."""
    try:
        return {"raw": content.decode()}
    except UnicodeDecodeError:
        return {"raw": base64.b64encode(content).decode(), "raw_encoding": "base64"}


def calendar_columns(record_time: int | None, weeks: Mapping[date, str]) -> dict[str, Any]:
    """`date` and `week_part` of a Kafka record's time."""
    day = record_day(record_time)
    return {"date": day, "week_part": weeks.get(day) if day else None}


_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_SECONDS_A_DAY = 86_400


def record_day(record_time: int | None) -> date | None:
    """The UTC day of a Kafka record's time, in seconds or, from 1e11 up, in milliseconds; None where it is no time."""
    if record_time is None:
        return None
    seconds = record_time // 1000 if record_time >= MILLISECONDS_FROM else record_time
    ordinal = seconds // _SECONDS_A_DAY + _EPOCH_ORDINAL
    return date.fromordinal(ordinal) if date.min.toordinal() <= ordinal <= date.max.toordinal() else None
