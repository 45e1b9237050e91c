"""A few closed ranges that cover many values, small enough to stand in a query as literals."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from fitness_assets.lakehouse.sql.predicates import Range

MAX_VALUES = 200
MAX_RANGES = 16
_FIRST_GAP = timedelta(minutes=1)


def covering_ranges(values: Iterable[Any]) -> list[Range]:
    """Single values where they are few, otherwise ranges; of times those between the widest gaps."""
    ordered = sorted(values)
    if ordered and isinstance(ordered[0], datetime):
        return merged_ranges([(value, value) for value in ordered])
    if len(ordered) <= MAX_VALUES:
        return [(value, value) for value in ordered]
    return [(ordered[0], ordered[-1])]


def merged_ranges(ranges: list[Range]) -> list[Range]:
    """Ranges of times, merged until those that remain are few and far apart."""
    gap = _FIRST_GAP
    while True:
        merged: list[Range] = []
        for low, high in sorted(ranges):
            if merged and low - merged[-1][1] <= gap:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        if len(merged) <= MAX_RANGES:
            return merged
        ranges, gap = merged, gap * 4
