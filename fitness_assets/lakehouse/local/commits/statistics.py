"""What a data file holds, in numbers: readers pass over files by these."""

import json
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_MILLISECOND = timedelta(milliseconds=1)


class FileStatistics:
    """Rows, nulls and bounds of the columns of one file, as its rows are written. Of texts no bounds are told."""

    def __init__(self, schema: pa.Schema) -> None:
        self.rows = 0
        self._nulls = dict.fromkeys(schema.names, 0)
        self._bounded = [field.name for field in schema if _is_ordered(field.type)]
        self._bounds: dict[str, tuple[Any, Any]] = {}

    def take(self, rows: pa.Table) -> None:
        self.rows += rows.num_rows
        for name in self._nulls:
            self._nulls[name] += rows[name].null_count
        for name in self._bounded:
            if rows[name].null_count < rows.num_rows:
                bounds = pc.min_max(rows[name]).as_py()
                low, high = self._bounds.get(name, (bounds["min"], bounds["max"]))
                self._bounds[name] = (min(low, bounds["min"]), max(high, bounds["max"]))

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
