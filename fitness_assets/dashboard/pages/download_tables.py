"""What queries give as dataclasses, as rows for a download."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any, TypeVar

import pyarrow as pa

T = TypeVar("T")
Context = TypeVar("Context")


def to_arrow(record_type: type, records: Iterable[object], **extra_columns: Iterable[Any]) -> pa.Table:
    """A row for each record, a column for each field; without any records the columns are there all the same.

    Args:
        record_type: the dataclass that they are of.
        extra_columns: further columns, which come first.
    """
    rows = list(records)
    columns = {name: list(values) for name, values in extra_columns.items()}
    columns |= {field.name: [_to_cell(getattr(row, field.name)) for row in rows] for field in fields(record_type)}
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def rows_if_found(
    find: Callable[[Context], T | None], to_rows: Callable[[T], pa.Table]
) -> Callable[[Context], pa.Table]:
    """The download of a page that is about one thing: its rows, or none where there is no such thing."""

    def download(context: Context) -> pa.Table:
        subject = find(context)
        return pa.table({}) if subject is None else to_rows(subject)

    return download


def _to_cell(value: Any) -> Any:
    """A list as text, as a CSV file has none."""
    if not isinstance(value, tuple):
        return value
    return ", ".join(" ".join(map(str, item)) if isinstance(item, tuple) else str(item) for item in value)
