"""Literal bounds, which let Delta skip the files that a change cannot touch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pyarrow.compute as pc
from pyspark.sql import functions as F

from fitness_assets.lakehouse.staging import Staged

MOST_VALUES = 200
MOST_RANGES = 16
WORTH_PRUNING = 500_000
"""Below this many rows reading all is cheaper than a query with new literals, which Spark has to compile anew."""
_GAP = timedelta(hours=6)

Range = tuple[Any, Any]


@dataclass(frozen=True)
class Inside:
    """The column's value lies in one of the closed ranges."""

    column: str
    bounds: Sequence[Range]

    @property
    def spark_sql(self) -> str:
        return inside_sql(f"`{self.column}`", self.bounds)


@dataclass(frozen=True)
class Overlapping:
    """The interval from `start` to `end` meets one of the closed ranges."""

    start: str
    end: str
    bounds: Sequence[Range]

    @property
    def spark_sql(self) -> str:
        return overlapping_sql(f"`{self.start}`", f"`{self.end}`", self.bounds)


Near = Inside | Overlapping


def column_ranges(staged: Staged, name: str) -> list[Range] | None:
    """A few closed ranges that hold all values of a column but nulls; None where there are none."""
    if staged.few is None:
        row = staged.df.agg(F.min(name).alias("low"), F.max(name).alias("high")).toArrow().to_pylist()[0]
        return None if row["low"] is None else [(row["low"], row["high"])]
    values = pc.unique(staged.few.column(name).drop_null()).to_pylist()
    return ranges(values) if values else None


def interval_ranges(staged: Staged, start: str, end: str) -> list[Range] | None:
    """A few closed ranges that cover all intervals from `start` to `end`; an open one is left out."""
    if staged.few is None:
        row = staged.df.agg(F.min(start).alias("low"), F.max(end).alias("high")).toArrow().to_pylist()[0]
        return None if row["low"] is None or row["high"] is None else [(row["low"], row["high"])]
    pairs = zip(staged.few.column(start).to_pylist(), staged.few.column(end).to_pylist(), strict=True)
    return _join([(low, high) for low, high in pairs if low is not None and high is not None])


def ranges(values: Iterable[Any]) -> list[Range]:
    """Single values where they are few, ranges between the widest gaps where they are many."""
    ordered = sorted(values)
    if ordered and isinstance(ordered[0], datetime):
        return _join([(value, value) for value in ordered])
    if len(ordered) <= MOST_VALUES:
        return [(value, value) for value in ordered]
    return [(ordered[0], ordered[-1])]


def inside_sql(column: str, bounds: Sequence[Range]) -> str:
    points = [literal(low) for low, high in bounds if low == high]
    spans = [f"{column} BETWEEN {literal(low)} AND {literal(high)}" for low, high in bounds if low != high]
    parts = ([f"{column} IN ({', '.join(points)})"] if points else []) + spans
    return f"({' OR '.join(parts)})" if parts else "false"


def overlapping_sql(start: str, end: str, bounds: Sequence[Range]) -> str:
    """A condition on literals alone: the interval from `start` to `end` meets one of the ranges."""
    parts = [f"({start} <= {literal(high)} AND {end} >= {literal(low)})" for low, high in bounds]
    return f"({' OR '.join(parts)})" if parts else "false"


def literal(value: Any) -> str:
    """A value as a SQL literal, exact to the microsecond."""
    if isinstance(value, datetime):
        return f"TIMESTAMP'{value.astimezone(timezone.utc).isoformat(' ', 'microseconds')}'"
    if isinstance(value, date):
        return f"DATE'{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value)


def _join(spans: list[Range]) -> list[Range]:
    """Spans joined until those that remain are few and far apart."""
    gap = _GAP
    while True:
        joined: list[Range] = []
        for low, high in sorted(spans):
            if joined and low - joined[-1][1] <= gap:
                joined[-1] = (joined[-1][0], max(joined[-1][1], high))
            else:
                joined.append((low, high))
        if len(joined) <= MOST_RANGES:
            return joined
        spans, gap = joined, gap * 4
