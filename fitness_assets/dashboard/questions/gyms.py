"""Gyms: when they are visited, and time in the gym against time exercising."""

from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from fitness_assets.dashboard.lake import View
from fitness_assets.dashboard.questions.answer import question, zone_named
from fitness_assets.dashboard.questions.week import (
    WEEKDAYS,
    BusyHour,
    Measure,
    Week,
    busiest_hours,
    of_gyms,
    visits_by_hour,
)

__all__ = [
    "WEEKDAYS",
    "BusyHour",
    "GymTime",
    "GymTimes",
    "Measure",
    "Week",
    "busiest_hours",
    "gyms",
    "span",
    "time_in_gyms",
    "visits_by_day",
    "visits_by_hour",
    "visits_with_workouts",
]


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


@question("silver_db.gym_logs")
def gyms(view: View) -> tuple[int, ...]:
    """Every gym that ever had a visit, by number."""
    return tuple(view.ask(f"SELECT DISTINCT gym FROM {view.rows(_VISITS, 'gym')} ORDER BY gym")["gym"].to_pylist())


@question("silver_db.gym_logs", also=("gold_db.gym_summary",))
def time_in_gyms(
    view: View, which: tuple[int, ...] = (), since: datetime | None = None, until: datetime | None = None
) -> GymTimes:
    """Time in each gym against time exercising there."""
    where = of_gyms(which, since, until)
    visits = view.rows(_VISITS, "mac_address", "gym", "login", "logout", **where)
    worked = view.rows(_SUMMARY, *_VISIT, *_SESSION, "minutes_exercising", **where)
    rows = view.ask(
        f"""
        WITH visits AS (
            SELECT gym, count(*)::INT AS visits, count(*) FILTER (logout IS NULL)::INT AS open_visits,
                count(DISTINCT mac_address)::INT AS people,
                coalesce(sum(epoch_us(logout - login) / 6e7), 0)::DOUBLE AS minutes_in_gym
            FROM {visits} GROUP BY GROUPING SETS ((gym), ())
        ), sessions AS (
            SELECT gym, {", ".join(_SESSION)}, any_value(minutes_exercising) AS minutes
            FROM {worked} GROUP BY GROUPING SETS ((gym, {", ".join(_SESSION)}), ({", ".join(_SESSION)}))
        ), exercised AS (
            SELECT gym, sum(minutes)::DOUBLE AS minutes FROM sessions GROUP BY gym
        ), worked AS (
            SELECT gym, count(DISTINCT (mac_address, gym, login))::INT AS with_workout
            FROM {worked} GROUP BY GROUPING SETS ((gym), ())
        )
        SELECT v.gym, visits, open_visits, coalesce(with_workout, 0) AS with_workout, people, minutes_in_gym,
            coalesce(minutes, 0) AS minutes_exercising, minutes_in_gym / nullif(visits - open_visits, 0) AS mean_visit,
            coalesce(minutes, 0) / nullif(minutes_in_gym, 0) AS share
        FROM visits v LEFT JOIN worked w ON w.gym IS NOT DISTINCT FROM v.gym
            LEFT JOIN exercised e ON e.gym IS NOT DISTINCT FROM v.gym
        ORDER BY v.gym NULLS LAST
        """
    ).to_pylist()
    times = [GymTime(**row) for row in rows]
    return GymTimes(tuple(times[:-1]), times[-1])


@question("gold_db.gym_summary")
def visits_with_workouts(
    view: View,
    which: tuple[int, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    most: int | None = 2000,
) -> pa.Table:
    """A row a closed visit during which a finished session began, the latest first.

    `gym, date, login` (UTC)`, user_id, minutes_in_gym, minutes_exercising` (summed over its sessions)`, sessions`.

    Args:
        most: None for all of them, for a download.
    """
    names = ("date", *_VISIT, *_SESSION, "minutes_in_gym", "minutes_exercising")
    return view.ask(
        f"""
        SELECT gym, "date", login, user_id, any_value(minutes_in_gym) AS minutes_in_gym,
            sum(minutes_exercising) AS minutes_exercising, count(*)::INT AS sessions
        FROM {view.rows(_SUMMARY, *names, **of_gyms(which, since, until))}
        GROUP BY gym, "date", login, user_id, mac_address
        ORDER BY login DESC, gym, user_id LIMIT {"ALL" if most is None else int(most)}
        """
    )


@question("silver_db.gym_logs")
def visits_by_day(
    view: View,
    which: tuple[int, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    time_zone: str = "UTC",
) -> pa.Table:
    """A row a day and gym with a visit: `day, gym, visits, people`, in that order. `day` is the day of the login."""
    rows = view.rows(_VISITS, "mac_address", "gym", "login", **of_gyms(which, since, until))
    return view.ask(
        f"""
        SELECT timezone({zone_named(time_zone)}, login)::DATE AS day, gym, count(*)::INT AS visits,
            count(DISTINCT mac_address)::INT AS people
        FROM {rows} GROUP BY ALL ORDER BY day, gym
        """
    )


@question("silver_db.gym_logs")
def span(view: View) -> tuple[date, date] | None:
    """The first and the last day (UTC) with a login; None without visits."""
    found = view.one(f"SELECT min(login)::DATE AS first, max(login)::DATE AS last FROM {view.rows(_VISITS, 'login')}")
    return (found["first"], found["last"]) if found["first"] else None


_VISITS, _SUMMARY = "silver_db.gym_logs", "gold_db.gym_summary"
_VISIT = ("mac_address", "gym", "login")
_SESSION = ("user_id", "workout_id", "session_id")
