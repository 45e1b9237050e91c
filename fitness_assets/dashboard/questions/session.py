"""One session of a workout: its heart-rate curve with zones, its numbers, recovery, and the sessions before it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum
from typing import Any

import pyarrow as pa

from fitness_assets.dashboard.lake import View
from fitness_assets.dashboard.questions.all_sessions import (
    SESSION_TABLES,
    TRAINS_AT_MOST_HOURS,
    all_sessions,
    status_sql,
)
from fitness_assets.dashboard.questions.answer import present, question
from fitness_assets.dashboard.questions.curve import ZoneTime, curve, gaps, microseconds, time_in_zones
from fitness_assets.dashboard.questions.earlier import Comparison, compared, earlier_rows
from fitness_assets.dashboard.questions.heart import age_on, highest_rate
from fitness_assets.dashboard.questions.masks import shown_name
from fitness_assets.dashboard.questions.recovery import (
    LOOKS_AHEAD_SECONDS,
    NEAR_SECONDS,
    UNKNOWN_RECOVERY,
    Recovery,
    recovery,
)
from fitness_assets.dashboard.questions.workouts import Status
from fitness_assets.lakehouse.predicates import Between, OneOf, literal

__all__ = ["Comparison", "Recovery", "Session", "ZoneTime", "session"]

BEFORE_SECONDS = 60
AFTER_SECONDS = 180
"""The curve shows so much before the start and after the stop, where there are readings."""
RECOVERIES = 20
"""Of so many sessions before, the latest ones, the recovery is looked up too."""


@dataclass(frozen=True)
class Session:
    """One session.

    Attributes:
        name: of the person; masked unless allowed.
        status: finished, under way, or no stop.
        start_time, end_time: UTC; `end_time` is None where it is not finished.
        until: up to when readings were looked at: the end; now where it is under way; where there is no stop the next
            start of the person, or 3 hours after the start.
        minutes: from start to end, for one that is not finished to the last valid reading (0 where there is none).
        gym: where it took place; None where it did not begin during a visit.
        age: of the person in whole years on the day of the start (UTC); None where unknown.
        highest: the estimated highest heart rate, 208 - 0.7 x age; None where the age is unknown.
        zones: from the lowest to the highest; empty where the age is unknown.
        curve: `time` (UTC)`, second` (since the start, negative before it)`, heartrate` (beats a minute, valid readings
            only)`, zone` (0 to 5; null where the age is unknown)`, part` ("before", "during" or "after").
        min_bpm, avg_bpm, max_bpm: over the valid readings after the start, up to and at the end; None without any.
        readings: how many those are.
        invalid: readings of that time that are not above zero.
        gaps: stretches of that time of more than 60 s without a valid reading.
        earlier: the person's finished sessions before this one, oldest first: `workout_id, session_id, start_time`
            (UTC)`, minutes, min_bpm, avg_bpm, max_bpm, readings, drop_60, drop_120` (of the latest 20; null where
            unknown)`, same_workout`.
        against_all: the means of all of them.
        against_same: the means of those with the same workout_id.
    """

    user_id: int
    workout_id: int
    session_id: int
    name: str
    status: Status
    start_time: datetime
    end_time: datetime | None
    until: datetime
    minutes: float
    gym: int | None
    age: int | None
    highest: float | None
    zones: tuple[ZoneTime, ...]
    curve: pa.Table
    min_bpm: float | None
    avg_bpm: float | None
    max_bpm: float | None
    readings: int
    invalid: int
    gaps: int
    recovery: Recovery
    earlier: pa.Table
    against_all: Comparison
    against_same: Comparison


@question("silver_db.workouts", also=(*SESSION_TABLES[1:], "silver_db.heart_rate"))
def session(
    view: View,
    user_id: int,
    workout_id: int,
    session_id: int,
    now: datetime | None = None,
    unmasked: bool = False,
) -> Session | None:
    """One session, or None where there is no start of it. Opens only files that hold readings of the person's time."""
    at = present(now)
    every = view.named(all_sessions(view))
    mine = view.ask(
        f"SELECT *, {status_sql(at)} AS status FROM {every} WHERE user_id = {int(user_id)} ORDER BY start_time"
    ).to_pylist()
    one = next((row for row in mine if (row["workout_id"], row["session_id"]) == (workout_id, session_id)), None)
    if one is None:
        return None
    start, end = one["start_time"], one["end_time"]
    starts = sorted(row["start_time"] for row in mine)
    until = end or _until(start, starts, one["status"], at)
    shown = Between(start - timedelta(seconds=BEFORE_SECONDS), until + timedelta(seconds=AFTER_SECONDS if end else 0))
    times, rates, invalid = _readings(view, user_id, shown, start)
    length = (until - start).total_seconds()
    first, last = bisect_right(times, 0), bisect_right(times, length)
    during = rates[first:last]
    age = age_on(one["dob"], start.date())
    highest = highest_rate(age)
    before = [row for row in mine if row["end_time"] and row["start_time"] < start]
    drops = _recoveries(view, user_id, [*before[-RECOVERIES:], *([one] if end else [])], starts)
    earlier = earlier_rows(before, drops, workout_id)
    return Session(
        user_id=user_id,
        workout_id=workout_id,
        session_id=session_id,
        name=shown_name(user_id, one["first_name"], one["last_name"], unmasked),
        status=one["status"],
        start_time=start,
        end_time=end,
        until=until,
        minutes=(length if end else times[last - 1] if last > first else 0.0) / 60,
        gym=one["gym"],
        age=age,
        highest=highest,
        zones=time_in_zones(times[first:last], during, length, highest),
        curve=curve(start, times, rates, (first, last), highest),
        min_bpm=min(during, default=None),
        avg_bpm=fsum(during) / len(during) if during else None,
        max_bpm=max(during, default=None),
        readings=len(during),
        invalid=sum(1 for second in invalid if 0 < second <= length),
        gaps=gaps(times[first:last], length),
        recovery=drops.get((workout_id, session_id), UNKNOWN_RECOVERY),
        earlier=earlier,
        against_all=compared(earlier.to_pylist()),
        against_same=compared([row for row in earlier.to_pylist() if row["same_workout"]]),
    )


def _until(start: datetime, starts: Sequence[datetime], status: str, now: datetime) -> datetime:
    following = starts[bisect_right(starts, start) :]
    limits = [start + timedelta(hours=TRAINS_AT_MOST_HOURS), *following[:1]]
    return max(start, now if status == "under way" else min(limits))


def _readings(view: View, user_id: int, when: Between, start: datetime) -> tuple[list[float], list[float], list[float]]:
    """The person's readings: seconds since the start and heart rates of the valid ones, and seconds of the others."""
    devices = _devices(view, user_id)
    rows = view.rows("silver_db.heart_rate", "time", "heartrate", "valid", device_id=devices, time=when)
    seconds = f'epoch_us("time" - {literal(start)}) / 1e6'
    found = view.ask(f"SELECT {seconds} AS second, heartrate, valid FROM {rows} ORDER BY second")
    valid = found.filter(found["valid"])
    return (
        valid["second"].to_pylist(),
        valid["heartrate"].to_pylist(),
        [row["second"] for row in found.select(["second", "valid"]).to_pylist() if not row["valid"]],
    )


def _devices(view: View, user_id: int) -> OneOf:
    rows = view.rows("silver_db.users", "device_id", user_id=OneOf((int(user_id),)))
    return OneOf(tuple(view.ask(f"SELECT device_id FROM {rows}")["device_id"].to_pylist()))


def _recoveries(
    view: View, user_id: int, sessions: Sequence[dict[str, Any]], starts: Sequence[datetime]
) -> dict[tuple[int, int], Recovery]:
    """The recovery after each of these finished sessions, from one look at the readings."""
    if not sessions:
        return {}
    ends = [row["end_time"] for row in sessions]
    before, after = timedelta(seconds=NEAR_SECONDS), timedelta(seconds=LOOKS_AHEAD_SECONDS)
    when = Between(min(ends) - before, max(ends) + after)
    rows = view.rows(
        "silver_db.heart_rate", "time", "heartrate", device_id=_devices(view, user_id), time=when, valid=OneOf((True,))
    )
    near = " OR ".join(f'"time" BETWEEN {literal(end - before)} AND {literal(end + after)}' for end in ends)
    found = view.ask(f'SELECT epoch_us("time") AS instant, heartrate FROM {rows} WHERE {near} ORDER BY instant')
    times, rates = found["instant"].to_pylist(), found["heartrate"].to_pylist()
    drops = {}
    for row in sessions:
        end = row["end_time"]
        stop = microseconds(end)
        first = bisect_left(times, stop - NEAR_SECONDS * 1_000_000)
        last = bisect_right(times, stop + LOOKS_AHEAD_SECONDS * 1_000_000)
        following = starts[bisect_left(starts, end) :]
        rests = (following[0] - end).total_seconds() if following else None
        seconds = [(time - stop) / 1e6 for time in times[first:last]]
        drops[row["workout_id"], row["session_id"]] = recovery(
            list(zip(seconds, rates[first:last], strict=True)), rests
        )
    return drops
