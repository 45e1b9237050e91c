"""Now: who is in the gyms, who trains, how much arrives, and how late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from fitness_assets.dashboard.lake import View
from fitness_assets.dashboard.questions.all_sessions import OPEN_AT_MOST_HOURS, TRAINS_AT_MOST_HOURS
from fitness_assets.dashboard.questions.answer import present, question
from fitness_assets.dashboard.questions.arriving import Delay, Readings, delays, latest_moment, readings
from fitness_assets.dashboard.questions.heart import age_on, highest_rate, zone_of
from fitness_assets.dashboard.questions.masks import shown_name
from fitness_assets.lakehouse.predicates import Between, literal

__all__ = [
    "Delay",
    "GymNow",
    "GymsNow",
    "Readings",
    "UnderWay",
    "delays",
    "in_the_gyms",
    "latest_moment",
    "readings",
    "workouts_under_way",
]

FORGOTTEN_FOR_DAYS = 7
FRESH_MINUTES = 5
"""A heart rate is shown beside a workout that is under way if it is no older."""


@dataclass(frozen=True)
class GymNow:
    """One gym at the moment.

    Attributes:
        people: wearables whose latest visit is here and going on.
        training: how many of them have a workout under way.
        since: the login of the one who is here longest, UTC; None where nobody is here.
        last_login: the latest login at the gym up to now, UTC.
        forgotten: visits of the last 7 days that were never closed and cannot be going on any more: the wearable logged
            in elsewhere or again since, or the login is 12 hours ago or more.
    """

    gym: int
    people: int
    training: int
    since: datetime | None
    last_login: datetime | None
    forgotten: int


@dataclass(frozen=True)
class GymsNow:
    """Every gym that had a visit up to now, by number, with nobody in it too; the counts are sums over them."""

    gyms: tuple[GymNow, ...]
    people: int
    training: int
    forgotten: int


@dataclass(frozen=True)
class UnderWay:
    """The workouts that are going on, the latest started first.

    Attributes:
        workouts: a row a workout: `user_id, workout_id, session_id, name` (masked unless allowed)`, start_time` (UTC)`,
            minutes` (since the start)`, gym` (null where the person is in none)`, heartrate` (the latest valid reading
            since the start and within 5 minutes, beats a minute, null where there is none)`, read_at` (its time, UTC)`,
            zone` (0 to 5, null where the age or the heart rate is unknown)`.
    """

    workouts: pa.Table

    @property
    def count(self) -> int:
        return int(self.workouts.num_rows)


@question("silver_db.gym_logs", also=("silver_db.users", "silver_db.workouts"))
def in_the_gyms(view: View, now: datetime | None = None) -> GymsNow:
    """How many people are in each gym.

    A wearable is where its latest login is, if that visit is not over: its logout is after now, or it has none and
    began less than 12 hours ago.
    """
    at = present(now)
    found = view.ask(
        f"""
        WITH {_visits_now(view, at)}, training AS ({_under_way(view, at)})
        SELECT gym, count(*) FILTER (here)::INT AS people,
            count(*) FILTER (here AND mac_address IN (
                SELECT mac_address FROM {view.rows("silver_db.users", "user_id", "mac_address")}
                SEMI JOIN training USING (user_id)))::INT AS training,
            min(login) FILTER (here) AS since, max(login) AS last_login,
            count(*) FILTER (forgotten)::INT AS forgotten
        FROM visits GROUP BY gym ORDER BY gym
        """
    )
    gyms = tuple(GymNow(**row) for row in found.to_pylist())
    return GymsNow(
        gyms, sum(gym.people for gym in gyms), sum(gym.training for gym in gyms), sum(gym.forgotten for gym in gyms)
    )


@question(
    "silver_db.workouts",
    also=("silver_db.users", "silver_db.user_profile", "silver_db.gym_logs", "silver_db.heart_rate"),
)
def workouts_under_way(view: View, now: datetime | None = None, unmasked: bool = False) -> UnderWay:
    """The workouts that are going on.

    The last event of the session is a start less than 3 hours ago, and the person started no other session since.
    """
    at = present(now)
    users = view.rows("silver_db.users", "user_id", "device_id", "mac_address")
    fresh = Between(at - timedelta(minutes=FRESH_MINUTES), at)
    readings = view.rows("silver_db.heart_rate", "device_id", "time", "heartrate", "valid", time=fresh)
    rows = view.ask(
        f"""
        WITH {_visits_now(view, at)}, training AS ({_under_way(view, at)}), latest AS (
            SELECT t.user_id, max(struct_pack(read_at := r."time", heartrate := r.heartrate)) AS reading
            FROM training t JOIN {users} u USING (user_id) JOIN {readings} r USING (device_id)
            WHERE r.valid AND r."time" > t.start_time GROUP BY ALL
        )
        SELECT t.user_id, t.workout_id, t.session_id, p.first_name, p.last_name, p.dob, t.start_time,
            epoch_us({literal(at)} - t.start_time) / 6e7 AS minutes, v.gym, l.reading.heartrate, l.reading.read_at
        FROM training t
        LEFT JOIN {users} u USING (user_id)
        LEFT JOIN (SELECT * FROM visits WHERE here) v USING (mac_address)
        LEFT JOIN {view.rows("silver_db.user_profile", "user_id", "first_name", "last_name", "dob")} p USING (user_id)
        LEFT JOIN latest l USING (user_id)
        ORDER BY t.start_time DESC, t.user_id
        """
    )
    people = rows.select(["user_id", "first_name", "last_name", "dob", "heartrate"]).to_pylist()
    names = [shown_name(one["user_id"], one["first_name"], one["last_name"], unmasked) for one in people]
    zones = [_zone(one, at) for one in people]
    rows = rows.drop_columns(["first_name", "last_name", "dob"])
    rows = rows.add_column(3, "name", pa.array(names, pa.string()))
    return UnderWay(rows.append_column("zone", pa.array(zones, pa.int64())))


def _visits_now(view: View, at: datetime) -> str:
    """A table expression `visits` of all that began: whether the wearable is `here`, whether it was `forgotten`."""
    rows = view.rows("silver_db.gym_logs", "mac_address", "gym", "login", "logout", login=Between(high=at))
    here = f"last AND coalesce(logout > {literal(at)}, login > {literal(at - timedelta(hours=OPEN_AT_MOST_HOURS))})"
    lately = f"login > {literal(at - timedelta(days=FORGOTTEN_FOR_DAYS))}"
    return f"""
        visits AS (
            SELECT mac_address, gym, login, {here} AS here, logout IS NULL AND {lately} AND NOT ({here}) AS forgotten
            FROM (SELECT *, lead(login) OVER (PARTITION BY mac_address ORDER BY login, gym) IS NULL AS last FROM {rows})
        )"""


def _under_way(view: View, at: datetime) -> str:
    """A query for the sessions that are going on: `user_id, workout_id, session_id, start_time`."""
    since = at - timedelta(hours=TRAINS_AT_MOST_HOURS)
    rows = view.rows(
        "silver_db.workouts", "user_id", "workout_id", "session_id", "action", "time", time=Between(since, at)
    )
    return f"""
        SELECT user_id, workout_id, session_id, start_time FROM (
            SELECT user_id, workout_id, session_id, max("time") FILTER (action = 'start') AS start_time,
                max("time") FILTER (action = 'stop') AS stopped
            FROM {rows} GROUP BY user_id, workout_id, session_id HAVING start_time > {literal(since)}
            QUALIFY row_number() OVER (
                PARTITION BY user_id ORDER BY start_time DESC, workout_id DESC, session_id DESC) = 1
        ) WHERE stopped IS NULL OR stopped <= start_time"""


def _zone(one: dict[str, Any], at: datetime) -> int | None:
    highest = highest_rate(age_on(one["dob"], at.date()))
    return None if highest is None or one["heartrate"] is None else zone_of(one["heartrate"], highest)
