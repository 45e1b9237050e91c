"""Visits by weekday and hour, and the busiest hours of the week."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from fitness_assets.dashboard.queries.activity_limits import MAX_OPEN_VISIT_HOURS
from fitness_assets.dashboard.queries.gyms.visits import visit_predicates
from fitness_assets.dashboard.queries.query import instant_or_now, query, time_zone_literal
from fitness_assets.dashboard.table_reader.predicates import sql_literal, where_sql
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

VisitMeasure = Literal["logins", "present"]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS_PER_WEEK = 7 * 24


@dataclass(frozen=True)
class VisitsByHour:
    """Visits by weekday and hour.

    Attributes:
        counts: seven rows from Monday to Sunday of 24 hours each. `logins`: visits that began in the hour; `present`:
            visits that were going on at some instant of the hour.
        means: the same divided by how many of that weekday lie between the first and the last login that match (both
            days included); 0 where there is none.
        days: how many of each weekday that are.
        time_zone: whose hours they are.
        visits: how many visits were counted.
    """

    measure: VisitMeasure
    counts: tuple[tuple[int, ...], ...]
    means: tuple[tuple[float, ...], ...]
    days: tuple[int, ...]
    time_zone: str
    visits: int


@dataclass(frozen=True)
class BusyHour:
    """One hour of the week and how many visits it has: `weekday` 0 is Monday; `mean` is for one such day."""

    weekday: int
    hour: int
    count: int
    mean: float


@query("silver_db.gym_logs")
def count_visits_by_hour(
    transaction: ReadTransaction,
    gyms: tuple[int, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    measure: VisitMeasure = "logins",
    time_zone: str = "UTC",
    now: datetime | None = None,
) -> VisitsByHour:
    """Visits by weekday and hour, of those that began at or after `since` and before `until` (UTC).

    A visit without a logout is present until now, but for no longer than 12 hours, and not after the wearable's next
    login. A visit that ends at the full hour is not present in the hour that then begins.

    Args:
        gyms: their numbers; empty for all of them.

    Raises:
        SettingError: there is no such time zone.
    """
    zone, latest_logout = time_zone_literal(time_zone), sql_literal(instant_or_now(now))
    rows = transaction.scan("silver_db.gym_logs", "mac_address", "gym", "login", "logout")
    visits = f"""
        SELECT timezone({zone}, login) AS began, timezone({zone}, coalesce(logout, greatest(login, least(
            {latest_logout}, login + INTERVAL {MAX_OPEN_VISIT_HOURS} HOURS, next_login)))) AS ended
        FROM (SELECT *, lead(login) OVER (PARTITION BY mac_address ORDER BY login, gym) AS next_login FROM {rows})
        WHERE {where_sql(visit_predicates(gyms, since, until))}"""
    first_hour = "date_trunc('hour', began)"
    # However short, a visit is present in the hour in which it began.
    hours_present = f"unnest(range({first_hour}, greatest(ended, began + INTERVAL 1 MICROSECOND), INTERVAL 1 HOUR))"
    hours = first_hour if measure == "logins" else hours_present
    rows_by_hour = transaction.fetch_table(
        f"""
        SELECT isodow(hour) - 1 AS weekday, extract(hour FROM hour) AS hour, count(*) AS visits
        FROM (SELECT {hours} AS hour FROM ({visits})) GROUP BY ALL
        """
    ).to_pylist()
    totals = transaction.fetch_row(
        f"SELECT count(*) AS visits, min(began)::DATE AS first, max(began)::DATE AS last FROM ({visits})"
    )
    counts = [[0] * 24 for _ in WEEKDAYS]
    for row in rows_by_hour:
        counts[row["weekday"]][row["hour"]] = row["visits"]
    days = _count_weekdays(totals["first"], totals["last"])
    return VisitsByHour(
        measure=measure,
        counts=tuple(map(tuple, counts)),
        means=tuple(
            tuple(count / day_count if day_count else 0.0 for count in of_weekday)
            for of_weekday, day_count in zip(counts, days, strict=True)
        ),
        days=days,
        time_zone=time_zone,
        visits=totals["visits"],
    )


def find_busiest_hours(visits: VisitsByHour, limit: int = 5) -> tuple[BusyHour, ...]:
    """The hours of the week with the highest mean, highest first; hours without a visit are left out.

    Of equal ones the greater count comes first, then the earlier in the week.
    """
    hours = [
        BusyHour(weekday=weekday, hour=hour, count=count, mean=visits.means[weekday][hour])
        for weekday, counts in enumerate(visits.counts)
        for hour, count in enumerate(counts)
        if count
    ]
    return tuple(sorted(hours, key=lambda busy: (-busy.mean, -busy.count, busy.weekday, busy.hour))[:limit])


def _count_weekdays(first: date | None, last: date | None) -> tuple[int, ...]:
    """How many of each weekday, from Monday on, there are from the first to the last day."""
    counts = [0] * len(WEEKDAYS)
    if first and last:
        for day in range((last - first).days + 1):
            counts[(first + timedelta(days=day)).weekday()] += 1
    return tuple(counts)
