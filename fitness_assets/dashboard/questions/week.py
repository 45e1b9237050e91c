"""The week of a gym: visits by weekday and hour, and the busiest hours."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from fitness_assets.dashboard.lake import View
from fitness_assets.dashboard.questions.all_sessions import OPEN_AT_MOST_HOURS
from fitness_assets.dashboard.questions.answer import present, question, zone_named
from fitness_assets.lakehouse.predicates import Between, Condition, OneOf, literal

Measure = Literal["logins", "present"]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Week:
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

    measure: Measure
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


@question("silver_db.gym_logs")
def visits_by_hour(
    view: View,
    which: tuple[int, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    measure: Measure = "logins",
    time_zone: str = "UTC",
    now: datetime | None = None,
) -> Week:
    """Visits by weekday and hour, of those that began at or after `since` and before `until` (UTC).

    A visit without a logout is present until now, but for no longer than 12 hours, and not after the wearable's next
    login. A visit that ends at the full hour is not present in the hour that then begins.

    Args:
        which: the gyms; empty for all of them.

    Raises:
        SettingError: there is no such time zone.
    """
    zone, at = zone_named(time_zone), literal(present(now))
    rows = view.rows("silver_db.gym_logs", "mac_address", "gym", "login", "logout")
    conditions = " AND ".join(condition.sql(column) for column, condition in of_gyms(which, since, until).items())
    visits = f"""
        SELECT timezone({zone}, login) AS began, timezone({zone}, coalesce(logout, greatest(login, least(
            {at}, login + INTERVAL {OPEN_AT_MOST_HOURS} HOURS, next_login)))) AS ended
        FROM (SELECT *, lead(login) OVER (PARTITION BY mac_address ORDER BY login, gym) AS next_login FROM {rows})
        WHERE {conditions or "true"}"""
    first = "date_trunc('hour', began)"
    # However short, a visit is there in the hour in which it began.
    present_in = f"unnest(range({first}, greatest(ended, began + INTERVAL 1 MICROSECOND), INTERVAL 1 HOUR))"
    hours = first if measure == "logins" else present_in
    counts = view.ask(
        f"""
        SELECT isodow(hour) - 1 AS weekday, extract(hour FROM hour) AS hour, count(*) AS visits
        FROM (SELECT {hours} AS hour FROM ({visits})) GROUP BY ALL
        """
    ).to_pylist()
    found = view.one(f"SELECT count(*) AS visits, min(began)::DATE AS first, max(began)::DATE AS last FROM ({visits})")
    days = _weekdays(found["first"], found["last"])
    table = [[0] * 24 for _ in WEEKDAYS]
    for row in counts:
        table[row["weekday"]][row["hour"]] = row["visits"]
    means = tuple(tuple(count / of if of else 0.0 for count in hours_) for hours_, of in zip(table, days, strict=True))
    return Week(measure, tuple(map(tuple, table)), means, days, time_zone, found["visits"])


def busiest_hours(week: Week, most: int = 5) -> tuple[BusyHour, ...]:
    """The hours of the week with the highest mean, highest first; hours without a visit are left out.

    Of equal ones the greater count comes first, then the earlier in the week.
    """
    hours = [
        BusyHour(weekday, hour, count, week.means[weekday][hour])
        for weekday, counts in enumerate(week.counts)
        for hour, count in enumerate(counts)
        if count
    ]
    return tuple(sorted(hours, key=lambda one: (-one.mean, -one.count, one.weekday, one.hour))[:most])


def of_gyms(which: tuple[int, ...], since: datetime | None, until: datetime | None) -> dict[str, Condition]:
    """The conditions on visits that began in these gyms, at or after `since` and before `until`."""
    where: dict[str, Condition] = {"login": Between(since, until, open=True)} if since or until else {}
    return where | ({"gym": OneOf(tuple(map(int, which)))} if which else {})


def _weekdays(first: date | None, last: date | None) -> tuple[int, ...]:
    """How many of each weekday, from Monday on, there are from the first to the last day."""
    counts = [0] * len(WEEKDAYS)
    if first and last:
        for day in range((last - first).days + 1):
            counts[(first + timedelta(days=day)).weekday()] += 1
    return tuple(counts)
