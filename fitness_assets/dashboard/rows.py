"""What questions find as plain values, as rows for a download."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any, TypeVar

import pyarrow as pa

from fitness_assets.dashboard.pages.page import View

T = TypeVar("T")


def as_rows(kind: type, found: Iterable[object], **more: Iterable[Any]) -> pa.Table:
    """A row for each, a column for each field; without any the columns are there all the same.

    Args:
        kind: the data class that they are of.
        more: further columns, which come first.
    """
    every = list(found)
    columns = {name: list(values) for name, values in more.items()}
    columns |= {one.name: [_plain(getattr(each, one.name)) for each in every] for one in fields(kind)}
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def rows_of(find: Callable[[View], T | None], rows: Callable[[T], pa.Table]) -> Callable[[View], pa.Table]:
    """Rows of the one thing that a page is about; none where there is no such thing."""

    def found(view: View) -> pa.Table:
        one = find(view)
        return pa.table({}) if one is None else rows(one)

    return found


def _plain(value: Any) -> Any:
    """A list is told in words, as a CSV file has none."""
    if not isinstance(value, tuple):
        return value
    return ", ".join(" ".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in value)
