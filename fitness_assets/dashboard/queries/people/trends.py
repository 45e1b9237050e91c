"""Registrations, visits and workouts over time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

import pyarrow as pa

from fitness_assets.dashboard.queries.query import instant_or_now, query, time_zone_literal
from fitness_assets.dashboard.table_reader.predicates import time_range, where_sql
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

TimeUnit = Literal["day", "week", "month"]
_SESSION_KEY = ("user_id", "workout_id", "session_id")
_MEASURES = ("registrations", "visits", "visitors", "workouts", "started", "exercisers", "minutes")


@dataclass(frozen=True)
class Trends:
    """Counts over time, each day, week or month from the first to the last with any of them, those without too.

    Attributes:
        rows: `begin` (the first day of the unit; a week begins on Monday)`, registrations` (of people, by the time of
            registration)`, visits` (by login)`, visitors` (different wearables)`, workouts` (finished, by start)`,
            started` (sessions, by earliest start)`, exercisers` (different people who started one)`, minutes` (of the
            finished ones)`.
        unit: day, week or month.
        time_zone: whose days they are.
    """

    rows: pa.Table
    unit: TimeUnit
    time_zone: str


@query("silver_db.users", "silver_db.gym_logs", "silver_db.workouts", also_reads=("silver_db.completed_workouts",))
def get_trends(
    transaction: ReadTransaction,
    unit: TimeUnit = "day",
    since: datetime | None = None,
    until: datetime | None = None,
    time_zone: str = "UTC",
) -> Trends:
    """Registrations, visits and workouts over time, of what happened at or after `since` and before `until` (UTC).

    What a wrong clock puts into the future does not count.

    Raises:
        SettingError: there is no such time zone.
    """
    if unit not in get_args(TimeUnit):
        raise ValueError(f"There is no unit {unit!r} of time.")
    zone = time_zone_literal(time_zone)
    period = time_range(since, until or instant_or_now(None) + timedelta(days=1))
    scan, session_key = transaction.scan, ", ".join(_SESSION_KEY)
    registered = scan("silver_db.users", "user_id", "registration_timestamp", registration_timestamp=period)
    visits = scan("silver_db.gym_logs", "mac_address", "login", login=period)
    starts = scan("silver_db.workouts", *_SESSION_KEY, "action", "time")
    finished = scan("silver_db.completed_workouts", *_SESSION_KEY, "start_time", "end_time", start_time=period)

    def begin_sql(column: str) -> str:
        return f"date_trunc('{unit}', timezone({zone}, {column}))::DATE AS begin"

    rows = transaction.fetch_table(
        f"""
        WITH registered AS (
            SELECT {begin_sql("registration_timestamp")}, count(*)::INT AS registrations FROM {registered} GROUP BY ALL
        ), visited AS (
            SELECT {begin_sql("login")}, count(*)::INT AS visits, count(DISTINCT mac_address)::INT AS visitors
            FROM {visits} GROUP BY ALL
        ), finished AS (
            SELECT {begin_sql("start_time")}, count(*)::INT AS workouts,
                sum(epoch_us(end_time - start_time) / 6e7)::DOUBLE AS minutes FROM {finished} GROUP BY ALL
        ), started AS (
            SELECT {begin_sql("first_start")}, count(*)::INT AS started, count(DISTINCT user_id)::INT AS exercisers
            FROM (
                SELECT {session_key}, min("time") AS first_start FROM {starts} WHERE action = 'start' GROUP BY ALL
            ) WHERE {where_sql({"first_start": period})} GROUP BY ALL
        ), bounds AS (
            SELECT min(begin) AS first, max(begin) AS last FROM (
                SELECT begin FROM registered UNION ALL SELECT begin FROM visited
                UNION ALL SELECT begin FROM finished UNION ALL SELECT begin FROM started)
        ), units AS (SELECT unnest(generate_series(first, last, INTERVAL 1 {unit}))::DATE AS begin FROM bounds)
        SELECT begin, {", ".join(f"coalesce({measure}, 0) AS {measure}" for measure in _MEASURES)}
        FROM units LEFT JOIN registered USING (begin) LEFT JOIN visited USING (begin)
            LEFT JOIN finished USING (begin) LEFT JOIN started USING (begin)
        ORDER BY begin
        """
    )
    return Trends(rows, unit, time_zone)
