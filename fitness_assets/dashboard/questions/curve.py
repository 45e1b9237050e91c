"""The heart-rate curve of a session, and what is told from it. Pure functions of seconds and rates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import fsum

import pyarrow as pa

from fitness_assets.dashboard.questions.heart import ZONES, border, zone_of

LONGEST_STRETCH_SECONDS = 60
"""A reading stands for the time until the next one, but for no longer than this: a gap is no time in a zone."""


@dataclass(frozen=True)
class ZoneTime:
    """How long the heart was in a zone.

    Attributes:
        low, high: its borders in beats a minute, `low` included; `high` is None for the highest zone.
        seconds: each valid reading of the session counts until the next one, the end, or 60 s, whatever comes first.
        share: of the seconds in all zones, 0 to 1; 0 where there are none.
    """

    number: int
    name: str
    low: float
    high: float | None
    seconds: float
    share: float


def time_in_zones(
    times: Sequence[float], rates: Sequence[float], length: float, highest: float | None
) -> tuple[ZoneTime, ...]:
    if highest is None:
        return ()
    seconds = [0.0] * len(ZONES)
    for rate, (time, following) in zip(rates, pairwise([*times, length]), strict=True):
        seconds[zone_of(rate, highest)] += min(following - time, LONGEST_STRETCH_SECONDS)
    borders: list[float | None] = [border(zone, highest) for zone in ZONES]
    whole = fsum(seconds)
    return tuple(
        ZoneTime(zone.number, zone.name, border(zone, highest), high, spent, spent / whole if whole else 0.0)
        for zone, high, spent in zip(ZONES, [*borders[1:], None], seconds, strict=True)
    )


def gaps(times: Sequence[float], length: float) -> int:
    instants = [0.0, *times, length]
    return sum(later - sooner > LONGEST_STRETCH_SECONDS for sooner, later in pairwise(instants))


def curve(
    start: datetime, times: Sequence[float], rates: Sequence[float], during: tuple[int, int], highest: float | None
) -> pa.Table:
    first, last = during
    begin = microseconds(start)
    parts = ["before"] * first + ["during"] * (last - first) + ["after"] * (len(times) - last)
    instants = [begin + round(second * 1e6) for second in times]
    return pa.table(
        {
            "time": pa.array(instants, pa.int64()).cast(pa.timestamp("us", "UTC")),
            "second": pa.array(times, pa.float64()),
            "heartrate": pa.array(rates, pa.float64()),
            "zone": pa.array([None if highest is None else zone_of(rate, highest) for rate in rates], pa.int64()),
            "part": pa.array(parts, pa.string()),
        }
    )


def microseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1_000_000)
