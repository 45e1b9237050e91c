"""What a data file holds, in numbers: readers pass over files by these."""

import json
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_MILLISECOND = timedelta(milliseconds=1)


class FileStatistics:
    """Rows, nulls and bounds of the columns of one file, as its rows are written. Of texts no bounds are told."""

    def __init__(self, schema: pa.Schema) -> None:
        self.rows = 0
        self._nulls = dict.fromkeys(schema.names, 0)
        self._bounded = [field.name for field in schema if _is_ordered(field.type)]
        self._bounds: dict[str, tuple[Any, Any]] = {}
        self._unknown: set[str] = set()

    def take(self, rows: pa.Table) -> None:
        self.rows += rows.num_rows
        for name in self._nulls:
            self._nulls[name] += rows[name].null_count
        for name in self._bounded:
            if rows[name].null_count < rows.num_rows:
                bounds = pc.min_max(rows[name]).as_py()
                low, high = self._bounds.get(name, (bounds["min"], bounds["max"]))
                self._bounds[name] = (min(low, bounds["min"]), max(high, bounds["max"]))

    def take_footer(self, footer: pq.FileMetaData) -> None:
        """What the footer of a Parquet file says of its rows; where it says nothing of a column, nothing is told."""
        self.rows += footer.num_rows
        for group in map(footer.row_group, range(footer.num_row_groups)):
            for column in map(group.column, range(group.num_columns)):
                self._take_column(column.path_in_schema, column.statistics, group.num_rows)
        for name in self._unknown:
            self._bounds.pop(name, None)

    def _take_column(self, name: str, told: pq.Statistics | None, rows: int) -> None:
        if told is None or not told.has_null_count:
            self._nulls.pop(name, None)
            self._unknown.add(name)
            return
        if name in self._nulls:
            self._nulls[name] += told.null_count
        if name not in self._bounded or told.null_count == rows:
            return
        if not told.has_min_max:
            self._unknown.add(name)
            return
        low, high = self._bounds.get(name, (told.min, told.max))
        self._bounds[name] = (min(low, told.min), max(high, told.max))

    def json(self) -> str:
        """As a commit has it."""
        return json.dumps(
            {
                "numRecords": self.rows,
                "minValues": {name: _told(low) for name, (low, _) in self._bounds.items()},
                "maxValues": {name: _told(_to_millisecond(high)) for name, (_, high) in self._bounds.items()},
                "nullCount": self._nulls,
            },
            ensure_ascii=False,
        )


def _is_ordered(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_temporal(kind))


def _to_millisecond(value: Any) -> Any:
    """A time rounded up to the millisecond, in which the log tells times."""
    if not isinstance(value, datetime) or value.microsecond % 1000 == 0:
        return value
    try:
        return value + _MILLISECOND
    except OverflowError:
        return value


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
