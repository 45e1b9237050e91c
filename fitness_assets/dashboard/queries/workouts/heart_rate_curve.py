"""The heart-rate curve of a session, and what follows from it. Pure functions of seconds and heart rates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import fsum

import pyarrow as pa

from fitness_assets.dashboard.queries.heart_rate_zones import ZONES, lower_bound, zone_number

MAX_READING_SECONDS = 60
"""A reading stands for the time until the next one, but for no longer than this: a gap is no time in a zone."""


@dataclass(frozen=True)
class ZoneTime:
    """How long the heart was in a zone.

    Attributes:
        min_bpm, max_bpm: its bounds in beats a minute, `min_bpm` included; `max_bpm` is None for the highest zone.
        seconds: each valid reading of the session counts until the next one, the end, or 60 s, whatever comes first.
        share: of the seconds in all zones, 0 to 1; 0 where there are none.
    """

    number: int
    name: str
    min_bpm: float
    max_bpm: float | None
    seconds: float
    share: float


def measure_time_in_zones(
    times: Sequence[float], rates: Sequence[float], length: float, max_rate: float | None
) -> tuple[ZoneTime, ...]:
    """The time in each zone; none of them where the maximum heart rate is unknown.

    Args:
        times: seconds since the start of the session, in order; `length` is that of its end.
        rates: the heart rate at each of them.
    """
    if max_rate is None:
        return ()
    seconds = [0.0] * len(ZONES)
    for rate, (time, next_time) in zip(rates, pairwise([*times, length]), strict=True):
        seconds[zone_number(rate, max_rate)] += min(next_time - time, MAX_READING_SECONDS)
    lower_bounds = [lower_bound(zone, max_rate) for zone in ZONES]
    total = fsum(seconds)
    return tuple(
        ZoneTime(
            number=zone.number,
            name=zone.name,
            min_bpm=min_bpm,
            max_bpm=max_bpm,
            seconds=in_zone,
            share=in_zone / total if total else 0.0,
        )
        for zone, min_bpm, max_bpm, in_zone in zip(ZONES, lower_bounds, [*lower_bounds[1:], None], seconds, strict=True)
    )


def count_gaps(times: Sequence[float], length: float) -> int:
    """How many stretches from the start to the end are without a reading for more than a minute."""
    instants = [0.0, *times, length]
    return sum(later - earlier > MAX_READING_SECONDS for earlier, later in pairwise(instants))


def build_curve_table(
    start: datetime, times: Sequence[float], rates: Sequence[float], during: slice, max_rate: float | None
) -> pa.Table:
    """A row a reading: `time` (UTC)`, second` (since the start)`, heartrate, zone, part` ("before", "during", "after").

    Args:
        during: the places of the readings that are of the session itself.
    """
    parts = (
        ["before"] * during.start + ["during"] * (during.stop - during.start) + ["after"] * (len(times) - during.stop)
    )
    start_us = to_microseconds(start)
    instants = [start_us + round(second * 1e6) for second in times]
    zones = [None if max_rate is None else zone_number(rate, max_rate) for rate in rates]
    return pa.table(
        {
            "time": pa.array(instants, pa.int64()).cast(pa.timestamp("us", "UTC")),
            "second": pa.array(times, pa.float64()),
            "heartrate": pa.array(rates, pa.float64()),
            "zone": pa.array(zones, pa.int64()),
            "part": pa.array(parts, pa.string()),
        }
    )


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970."""
    return round(instant.timestamp() * 1_000_000)
