"""Gyms: when they are visited, and time in the gym against time exercising."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import pyarrow as pa

from fitness_assets.dashboard.lake import Lake
from fitness_assets.dashboard.questions.answer import Answer

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


@dataclass(frozen=True)
class GymTime:
    """Time in one gym against time exercising there, for visits that began in the time looked at.

    Attributes:
        gym: None for all gyms together.
        visits: all of them; `open_visits` of them have no logout.
        with_workout: closed visits during which a finished session began.
        people: different wearables.
        minutes_in_gym: of closed visits, each counted once however many sessions it has.
        minutes_exercising: of finished sessions that began during a closed visit, each counted once (they may end after
            the logout, so this can be more than the minutes in the gym).
        mean_visit: minutes of a closed visit; None where there is none.
        share: minutes exercising for one minute in the gym; None where there are none in the gym.
    """

    gym: int | None
    visits: int
    open_visits: int
    with_workout: int
    people: int
    minutes_in_gym: float
    minutes_exercising: float
    mean_visit: float | None
    share: float | None


@dataclass(frozen=True)
class GymTimes:
    """All gyms that match, by number, and all of them together."""

    gyms: tuple[GymTime, ...]
    all: GymTime


def gyms(lake: Lake) -> Answer[tuple[int, ...]]:
    """Every gym that ever had a visit, by number."""
    raise NotImplementedError


def visits_by_hour(
    lake: Lake,
    which: tuple[int, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    measure: Measure = "logins",
    time_zone: str = "UTC",
    now: datetime | None = None,
) -> Answer[Week]:
    """Visits by weekday and hour, of those that began at or after `since` and before `until` (UTC).

    A visit without a logout is present until now, but for no longer than 12 hours, and not after the wearable's next
    login. A visit to the full hour is not present in the hour that then begins.

    Args:
        which: the gyms; empty for all of them.

    Raises:
        SettingError: there is no such time zone.
    """
    raise NotImplementedError


def busiest_hours(week: Week, most: int = 5) -> tuple[BusyHour, ...]:
    """The hours of the week with the highest mean, highest first (ties: the greater count, then the earlier in the week);
    hours without a visit are left out."""
    raise NotImplementedError


def time_in_gyms(
    lake: Lake, which: tuple[int, ...] = (), since: datetime | None = None, until: datetime | None = None
) -> Answer[GymTimes]:
    """Time in each gym against time exercising there."""
    raise NotImplementedError


def visits_with_workouts(
    lake: Lake,
    which: tuple[int, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    most: int | None = 2000,
) -> Answer[pa.Table]:
    """A row a closed visit during which a finished session began, the latest first: `gym, date, login` (UTC)`, user_id,
    minutes_in_gym, minutes_exercising` (summed over its sessions)`, sessions`."""
    raise NotImplementedError


def visits_by_day(
    lake: Lake,
    which: tuple[int, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    time_zone: str = "UTC",
) -> Answer[pa.Table]:
    """A row a day and gym with a visit: `day, gym, visits, people`, in that order. `day` is the day of the login."""
    raise NotImplementedError


def span(lake: Lake) -> Answer[tuple[date, date] | None]:
    """The first and the last day (UTC) with a login; None without visits."""
    raise NotImplementedError
