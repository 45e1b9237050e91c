"""People: who they are in groups, how many come, and finding one of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

import pyarrow as pa

from fitness_assets.contracts.silver.user_bins import AGES
from fitness_assets.dashboard.lake import View
from fitness_assets.dashboard.questions.answer import present, question, zone_named
from fitness_assets.dashboard.questions.workouts import UNKNOWN, named_rows
from fitness_assets.lakehouse.predicates import Between, literal

Step = Literal["day", "week", "month"]
_SESSION = ("user_id", "workout_id", "session_id")
_LIVED = ("silver_db.gym_logs", "silver_db.workouts", "silver_db.completed_workouts")
_COUNTED = ("registrations", "visits", "visitors", "workouts", "started", "exercisers", "minutes")


@dataclass(frozen=True)
class Group:
    """How many registered people have a value; `share` is of all registered people, 0 to 1."""

    value: str
    people: int
    share: float


@dataclass(frozen=True)
class Groups:
    """Registered people in groups.

    Attributes:
        registered: all of them.
        without_profile: those of whom no profile is known, or whose profile was deleted. They are in no group below.
        ages: by age bin on the as-of date of `silver_db.user_bins`, every bin, the youngest first, "invalid age" last.
        sexes, genders: the largest first; "unknown" where the profile has none.
        places: `state, city, people`, the largest first; null where the profile has none.
    """

    registered: int
    without_profile: int
    ages: tuple[Group, ...]
    sexes: tuple[Group, ...]
    genders: tuple[Group, ...]
    places: pa.Table


@dataclass(frozen=True)
class Trends:
    """Counts over time, each day, week or month from the first to the last with any of them, those without too.

    Attributes:
        rows: `begin` (the first day of the step; a week begins on Monday)`, registrations` (of people, by the time of
            registration)`, visits` (by login)`, visitors` (different wearables)`, workouts` (finished, by start)`,
            started` (sessions, by earliest start)`, exercisers` (different people who started one)`, minutes` (of the
            finished ones)`.
        step: day, week or month.
        time_zone: whose days they are.
    """

    rows: pa.Table
    step: Step
    time_zone: str


@dataclass(frozen=True)
class Found:
    """People that match, by user_id.

    Attributes:
        rows: `user_id, device_id, name` (masked unless allowed)`, age` (bin)`, gender, city, state, registered` (UTC)`,
            visits, workouts` (finished)`, last_seen` (the latest login or start, UTC; null for never)`. What no profile
            tells is null.
        total: how many match, of which `rows` are the first.
    """

    rows: pa.Table
    total: int


@question("silver_db.users", also=("silver_db.user_profile", "silver_db.user_bins"))
def groups(view: View) -> Groups:
    """Registered people by age, sex, gender and place."""
    users = view.rows("silver_db.users", "user_id")
    bins = view.rows("silver_db.user_bins", "user_id", "age", "gender", "city", "state")
    profiles = view.rows("silver_db.user_profile", "user_id", "sex")
    people = view.named(
        view.ask(
            f"""
            SELECT b.user_id IS NOT NULL AS known, b.age, coalesce(p.sex, '{UNKNOWN}') AS sex,
                coalesce(b.gender, '{UNKNOWN}') AS gender, b.city, b.state
            FROM {users} u LEFT JOIN {bins} b USING (user_id) LEFT JOIN {profiles} p USING (user_id)
            """
        )
    )
    counts = view.one(f"SELECT count(*)::INT AS registered, count(*) FILTER (known)::INT AS known FROM {people}")
    registered = counts["registered"]

    def by(column: str) -> tuple[Group, ...]:
        counted = f"SELECT {column} AS value, count(*)::INT AS people FROM {people} WHERE known GROUP BY ALL"
        found = view.ask(f"{counted} ORDER BY people DESC, value").to_pylist()
        return tuple(Group(one["value"], one["people"], one["people"] / registered) for one in found)

    of_age = {group.value: group for group in by("age")}
    places = f"SELECT state, city, count(*)::INT AS people FROM {people} WHERE known GROUP BY ALL"
    return Groups(
        registered,
        registered - counts["known"],
        tuple(of_age.get(age, Group(age, 0, 0.0)) for age in AGES),
        by("sex"),
        by("gender"),
        view.ask(f"{places} ORDER BY people DESC, state NULLS LAST, city NULLS LAST"),
    )


@question("silver_db.users", "silver_db.gym_logs", "silver_db.workouts", also=("silver_db.completed_workouts",))
def trends(
    view: View,
    step: Step = "day",
    since: datetime | None = None,
    until: datetime | None = None,
    time_zone: str = "UTC",
) -> Trends:
    """Registrations, visits and workouts over time, of what happened at or after `since` and before `until` (UTC).

    What a wrong clock puts into the future does not count.

    Raises:
        SettingError: there is no such time zone.
    """
    if step not in get_args(Step):
        raise ValueError(f"There is no step {step!r} of time.")
    zone, when = zone_named(time_zone), Between(since, until or present(None) + timedelta(days=1), open=True)
    registered = view.rows("silver_db.users", "user_id", "registration_timestamp", registration_timestamp=when)
    visits = view.rows("silver_db.gym_logs", "mac_address", "login", login=when)
    starts = view.rows("silver_db.workouts", *_SESSION, "action", "time")
    finished = view.rows("silver_db.completed_workouts", *_SESSION, "start_time", "end_time", start_time=when)

    def begin(column: str) -> str:
        return f"date_trunc('{step}', timezone({zone}, {column}))::DATE AS begin"

    rows = view.ask(
        f"""
        WITH registered AS (
            SELECT {begin("registration_timestamp")}, count(*)::INT AS registrations FROM {registered} GROUP BY ALL
        ), visited AS (
            SELECT {begin("login")}, count(*)::INT AS visits, count(DISTINCT mac_address)::INT AS visitors
            FROM {visits} GROUP BY ALL
        ), finished AS (
            SELECT {begin("start_time")}, count(*)::INT AS workouts,
                sum(epoch_us(end_time - start_time) / 6e7)::DOUBLE AS minutes FROM {finished} GROUP BY ALL
        ), started AS (
            SELECT {begin("first")}, count(*)::INT AS started, count(DISTINCT user_id)::INT AS exercisers
            FROM (
                SELECT {", ".join(_SESSION)}, min("time") AS first FROM {starts} WHERE action = 'start' GROUP BY ALL
            ) WHERE {when.sql("first")} GROUP BY ALL
        ), days AS (
            SELECT min(begin) AS first, max(begin) AS last FROM (
                SELECT begin FROM registered UNION ALL SELECT begin FROM visited
                UNION ALL SELECT begin FROM finished UNION ALL SELECT begin FROM started)
        ), steps AS (SELECT unnest(generate_series(first, last, INTERVAL 1 {step}))::DATE AS begin FROM days)
        SELECT begin, {", ".join(f"coalesce({name}, 0) AS {name}" for name in _COUNTED)}
        FROM steps LEFT JOIN registered USING (begin) LEFT JOIN visited USING (begin)
            LEFT JOIN finished USING (begin) LEFT JOIN started USING (begin)
        ORDER BY begin
        """
    )
    return Trends(rows, step, time_zone)


@question("silver_db.users", "silver_db.user_profile", also=("silver_db.user_bins", *_LIVED))
def search(view: View, text: str = "", unmasked: bool = False, limit: int = 50) -> Found:
    """People of whom each word of the text is the user_id or device_id, or begins a word of city, state, gender or age.

    Only where it is allowed to see them, words may also begin a first or last name or be the MAC address; otherwise
    a search would tell what a mask hides. Case and accents do not matter; no text gives everybody.
    """
    people = view.named(view.kept("people", tuple(view.snapshots), lambda: _people(view)))
    said = ["city", "state", "gender", "age", *(("first_name", "last_name", "mac_address") if unmasked else ())]
    words = f"' ' || lower(strip_accents(concat_ws(' ', {', '.join(said)})))"
    conditions = [
        f"(user_id::TEXT = {one} OR device_id::TEXT = {one} OR contains({words}, ' ' || lower(strip_accents({one}))))"
        for one in map(literal, text.split())
    ]
    matching = f"{people} WHERE {' AND '.join(conditions) or 'true'}"
    rows = view.ask(f"SELECT * EXCLUDE (mac_address) FROM {matching} ORDER BY user_id LIMIT {int(limit)}")
    return Found(named_rows(rows, unmasked), view.one(f"SELECT count(*)::INT AS total FROM {matching}")["total"])


def _people(view: View) -> pa.Table:
    users = view.rows("silver_db.users", "user_id", "device_id", "mac_address", "registration_timestamp")
    profiles = view.rows("silver_db.user_profile", "user_id", "first_name", "last_name", "gender", "city", "state")
    bins = view.rows("silver_db.user_bins", "user_id", "age")
    visits = view.rows("silver_db.gym_logs", "mac_address", "login")
    starts = view.rows("silver_db.workouts", "user_id", "action", "time")
    finished = view.rows("silver_db.completed_workouts", "user_id")
    return view.ask(
        f"""
        WITH visited AS (SELECT mac_address, count(*)::INT AS visits, max(login) AS login FROM {visits} GROUP BY ALL),
            trained AS (SELECT user_id, max("time") AS start FROM {starts} WHERE action = 'start' GROUP BY ALL),
            finished AS (SELECT user_id, count(*)::INT AS workouts FROM {finished} GROUP BY ALL)
        SELECT user_id, device_id, first_name, last_name, age, gender, city, state,
            registration_timestamp AS registered, coalesce(visits, 0) AS visits, coalesce(workouts, 0) AS workouts,
            greatest(login, start) AS last_seen, mac_address
        FROM {users} u FULL JOIN {profiles} p USING (user_id) LEFT JOIN {bins} b USING (user_id)
            LEFT JOIN visited USING (mac_address) LEFT JOIN trained USING (user_id) LEFT JOIN finished USING (user_id)
        """
    )
