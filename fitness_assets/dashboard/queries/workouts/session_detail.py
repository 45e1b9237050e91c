"""One session of a workout: its heart-rate curve with zones, its numbers, recovery, and the sessions before it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum
from typing import Any, NamedTuple

import pyarrow as pa

from fitness_assets.dashboard.queries.activity_limits import MAX_WORKOUT_HOURS
from fitness_assets.dashboard.queries.heart_rate_zones import age_on, max_heart_rate
from fitness_assets.dashboard.queries.masking import display_name
from fitness_assets.dashboard.queries.query import instant_or_now, query
from fitness_assets.dashboard.queries.workouts.all_sessions import SESSION_TABLES, fetch_all_sessions, status_sql
from fitness_assets.dashboard.queries.workouts.earlier_sessions import (
    SessionAverages,
    average_sessions,
    build_earlier_sessions_table,
)
from fitness_assets.dashboard.queries.workouts.heart_rate_curve import (
    ZoneTime,
    build_curve_table,
    count_gaps,
    measure_time_in_zones,
    to_microseconds,
)
from fitness_assets.dashboard.queries.workouts.recovery import (
    TOLERANCE_SECONDS,
    UNKNOWN_RECOVERY,
    WINDOW_SECONDS,
    Recovery,
    measure_recovery,
)
from fitness_assets.dashboard.queries.workouts.session_list import SessionStatus
from fitness_assets.dashboard.table_reader.predicates import Predicate, between, equal_to, one_of, sql_literal
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

CURVE_SECONDS_BEFORE = 60
CURVE_SECONDS_AFTER = 180
"""The curve shows so much before the start and after the stop, where there are readings."""
MAX_RECOVERIES = 20
"""Of so many earlier sessions, the latest ones, the recovery is looked up too."""


@dataclass(frozen=True)
class SessionDetail:
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
        max_heart_rate: the estimated one, 208 - 0.7 x age; None where the age is unknown.
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
        earlier_averages: the means of all of them.
        same_workout_averages: the means of those with the same workout_id.
    """

    user_id: int
    workout_id: int
    session_id: int
    name: str
    status: SessionStatus
    start_time: datetime
    end_time: datetime | None
    until: datetime
    minutes: float
    gym: int | None
    age: int | None
    max_heart_rate: float | None
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
    earlier_averages: SessionAverages
    same_workout_averages: SessionAverages


class _Readings(NamedTuple):
    """Readings of one person; times in seconds since the start of the session."""

    times: list[float]
    rates: list[float]
    invalid_times: list[float]


@query("silver_db.workouts", also_reads=(*SESSION_TABLES[1:], "silver_db.heart_rate"))
def get_session(
    transaction: ReadTransaction,
    user_id: int,
    workout_id: int,
    session_id: int,
    now: datetime | None = None,
    unmasked: bool = False,
) -> SessionDetail | None:
    """One session, or None where there is no start of it. Opens only files that hold readings of the person's time."""
    now = instant_or_now(now)
    sessions = transaction.register(fetch_all_sessions(transaction))
    of_person = transaction.fetch_table(
        f"SELECT *, {status_sql(now)} AS status FROM {sessions} WHERE user_id = {int(user_id)} ORDER BY start_time"
    ).to_pylist()
    key = (workout_id, session_id)
    session = next((row for row in of_person if (row["workout_id"], row["session_id"]) == key), None)
    if session is None:
        return None
    start, end = session["start_time"], session["end_time"]
    starts = sorted(row["start_time"] for row in of_person)
    until = end or _open_until(start, starts, session["status"], now)
    curve_period = between(
        start - timedelta(seconds=CURVE_SECONDS_BEFORE),
        until + timedelta(seconds=CURVE_SECONDS_AFTER if end else 0),
    )
    times, rates, invalid_times = _fetch_readings(transaction, user_id, curve_period, start)
    length = (until - start).total_seconds()
    during = slice(bisect_right(times, 0), bisect_right(times, length))
    times_during, rates_during = times[during], rates[during]
    age = age_on(session["dob"], start.date())
    max_rate = max_heart_rate(age)
    finished_before = [row for row in of_person if row["end_time"] and row["start_time"] < start]
    recoveries = _fetch_recoveries(
        transaction, user_id, [*finished_before[-MAX_RECOVERIES:], *([session] if end else [])], starts
    )
    earlier = build_earlier_sessions_table(finished_before, recoveries, workout_id)
    return SessionDetail(
        user_id=user_id,
        workout_id=workout_id,
        session_id=session_id,
        name=display_name(user_id, session["first_name"], session["last_name"], unmasked),
        status=session["status"],
        start_time=start,
        end_time=end,
        until=until,
        minutes=(length if end else times_during[-1] if times_during else 0.0) / 60,
        gym=session["gym"],
        age=age,
        max_heart_rate=max_rate,
        zones=measure_time_in_zones(times_during, rates_during, length, max_rate),
        curve=build_curve_table(start, times, rates, during, max_rate),
        min_bpm=min(rates_during, default=None),
        avg_bpm=fsum(rates_during) / len(rates_during) if rates_during else None,
        max_bpm=max(rates_during, default=None),
        readings=len(rates_during),
        invalid=sum(1 for second in invalid_times if 0 < second <= length),
        gaps=count_gaps(times_during, length),
        recovery=recoveries.get(key, UNKNOWN_RECOVERY),
        earlier=earlier,
        earlier_averages=average_sessions(earlier.to_pylist()),
        same_workout_averages=average_sessions([row for row in earlier.to_pylist() if row["same_workout"]]),
    )


def _open_until(start: datetime, starts: Sequence[datetime], status: SessionStatus, now: datetime) -> datetime:
    """Up to when a session that is not finished can have gone on."""
    next_starts = starts[bisect_right(starts, start) :]
    limits = [start + timedelta(hours=MAX_WORKOUT_HOURS), *next_starts[:1]]
    return max(start, now if status == "under way" else min(limits))


def _fetch_readings(transaction: ReadTransaction, user_id: int, period: Predicate, start: datetime) -> _Readings:
    devices = _fetch_devices(transaction, user_id)
    rows = transaction.scan("silver_db.heart_rate", "time", "heartrate", "valid", device_id=devices, time=period)
    seconds = f'epoch_us("time" - {sql_literal(start)}) / 1e6'
    readings = transaction.fetch_table(f"SELECT {seconds} AS second, heartrate, valid FROM {rows} ORDER BY second")
    valid = readings.filter(readings["valid"])
    return _Readings(
        times=valid["second"].to_pylist(),
        rates=valid["heartrate"].to_pylist(),
        invalid_times=[row["second"] for row in readings.select(["second", "valid"]).to_pylist() if not row["valid"]],
    )


def _fetch_devices(transaction: ReadTransaction, user_id: int) -> Predicate:
    rows = transaction.scan("silver_db.users", "device_id", user_id=equal_to(int(user_id)))
    return one_of(transaction.fetch_table(f"SELECT device_id FROM {rows}")["device_id"].to_pylist())


def _fetch_recoveries(
    transaction: ReadTransaction, user_id: int, sessions: Sequence[dict[str, Any]], starts: Sequence[datetime]
) -> dict[tuple[int, int], Recovery]:
    """The recovery after each of these finished sessions, by workout_id and session_id, from one scan of readings."""
    if not sessions:
        return {}
    before, after = timedelta(seconds=TOLERANCE_SECONDS), timedelta(seconds=WINDOW_SECONDS)
    ends = [session["end_time"] for session in sessions]
    rows = transaction.scan(
        "silver_db.heart_rate",
        *("time", "heartrate"),
        device_id=_fetch_devices(transaction, user_id),
        time=between(min(ends) - before, max(ends) + after),
        valid=equal_to(True),
    )
    windows = " OR ".join(f'"time" BETWEEN {sql_literal(end - before)} AND {sql_literal(end + after)}' for end in ends)
    readings = transaction.fetch_table(
        f'SELECT epoch_us("time") AS time_us, heartrate FROM {rows} WHERE {windows} ORDER BY time_us'
    )
    times, rates = readings["time_us"].to_pylist(), readings["heartrate"].to_pylist()
    recoveries = {}
    for session in sessions:
        end = session["end_time"]
        end_us = to_microseconds(end)
        first = bisect_left(times, end_us - TOLERANCE_SECONDS * 1_000_000)
        last = bisect_right(times, end_us + WINDOW_SECONDS * 1_000_000)
        seconds = [(time - end_us) / 1e6 for time in times[first:last]]
        next_starts = starts[bisect_left(starts, end) :]
        recoveries[session["workout_id"], session["session_id"]] = measure_recovery(
            list(zip(seconds, rates[first:last], strict=True)),
            next_start=(next_starts[0] - end).total_seconds() if next_starts else None,
        )
    return recoveries
