"""One person: who it is, visits, workouts, and how the profile changed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fitness_assets.dashboard.lake import View
from fitness_assets.dashboard.questions.all_sessions import OPEN_AT_MOST_HOURS, SESSION_TABLES
from fitness_assets.dashboard.questions.answer import present, question
from fitness_assets.dashboard.questions.masks import hidden, masked, shown_name
from fitness_assets.dashboard.questions.profile_changes import profile_changes
from fitness_assets.dashboard.questions.workouts import SessionFilter, listed
from fitness_assets.lakehouse.predicates import OneOf, literal


@dataclass(frozen=True)
class Profile:
    """What the profile says now; None where it does not say. Masked unless allowed: names, street, zip, dob, sex.

    A masked name is its first letter and dots, everything else dots; a masked date of birth is None.

    Attributes:
        age: the bin that `silver_db.user_bins` has; None for people who are not registered.
        updated: when the profile was last changed, UTC.
    """

    first_name: str | None
    last_name: str | None
    dob: date | None
    age: str | None
    sex: str | None
    gender: str | None
    street_address: str | None
    city: str | None
    state: str | None
    zip: str | None
    updated: datetime


@dataclass(frozen=True)
class Person:
    """One person.

    Attributes:
        name: first and last name, masked unless allowed; "Person 123" where there is no profile.
        registered: when the wearable was registered, UTC; None where only a profile, or only workouts are known.
        device_id, mac_address: of the earliest registration, the MAC address masked unless allowed.
        other_devices: device ids of further registrations, which the tables above bronze do not use.
        profile: None where there is none, or where it was deleted.
        in_gym: the gym where the person is now; None for nowhere.
        visits: `gym, login, logout` (UTC; null while open)`, minutes, sessions, minutes_exercising`, the latest first.
        workouts: the columns of `workouts.Sessions.rows`, the latest first.
        changes: the profile's events, the latest first: `time` (UTC)`, kind` ("new", "update", "delete")`, what` (the
            fields that became other than in the event before, joined by ", ")`, before, after` (their values, masked
            unless allowed)`. An event that came twice is there once; refused ones are not there.
        minutes_in_gym: of closed visits. `minutes_exercising`: of finished sessions.
        masked: whether names and the like are hidden.
    """

    user_id: int
    name: str
    registered: datetime | None
    device_id: int | None
    mac_address: str | None
    other_devices: tuple[int, ...]
    profile: Profile | None
    in_gym: int | None
    visits: pa.Table
    workouts: pa.Table
    changes: pa.Table
    minutes_in_gym: float
    minutes_exercising: float
    masked: bool


@question(
    "silver_db.users",
    "silver_db.user_profile",
    also=(
        *(name for name in SESSION_TABLES if name not in ("silver_db.users", "silver_db.user_profile")),
        "gold_db.gym_summary",
        "bronz_db.registered_users_bz",
        "bronz_db.kafka_multiplex_bz",
    ),
)
def person(view: View, user_id: int, now: datetime | None = None, unmasked: bool = False) -> Person | None:
    """One person, or None where nothing at all is known of the id."""
    user_id, at = int(user_id), present(now)
    user = _row(view, "silver_db.users", user_id, "device_id", "mac_address", "registration_timestamp")
    profile = _row(view, "silver_db.user_profile", user_id, *_PROFILE)
    workouts = listed(view, SessionFilter(user_id=user_id), "start_time", True, None, 0, at, unmasked)
    changes = profile_changes(view, user_id, unmasked)
    if user is None and profile is None and not workouts.total and not changes.num_rows:
        return None
    visits = _visits(view, user["mac_address"] if user else None)
    devices = view.rows("bronz_db.registered_users_bz", "device_id", user_id=OneOf((user_id,)))
    known = view.ask(f"SELECT DISTINCT device_id FROM {devices} WHERE device_id IS NOT NULL ORDER BY 1")["device_id"]
    device = user["device_id"] if user else None
    bins = _row(view, "silver_db.user_bins", user_id, "age")
    return Person(
        user_id=user_id,
        name=shown_name(
            user_id, profile["first_name"] if profile else None, profile["last_name"] if profile else None, unmasked
        ),
        registered=user["registration_timestamp"] if user else None,
        device_id=device,
        mac_address=hidden(user["mac_address"], unmasked) if user else None,
        other_devices=tuple(one for one in known.to_pylist() if one != device),
        profile=_profile(profile, bins["age"] if bins else None, unmasked) if profile else None,
        in_gym=_in_gym(view, visits, at),
        visits=visits,
        workouts=workouts.rows,
        changes=changes,
        minutes_in_gym=float(pc.sum(visits["minutes"]).as_py() or 0),
        minutes_exercising=workouts.minutes,
        masked=not unmasked,
    )


_PROFILE = (
    *("dob", "sex", "gender", "first_name", "last_name", "street_address", "city", "state", "zip"),
    "updated",
)


def _row(view: View, table: str, user_id: int, *columns: str) -> dict[str, Any] | None:
    rows = view.ask(f"SELECT * FROM {view.rows(table, *columns, user_id=OneOf((user_id,)))} LIMIT 1").to_pylist()
    return rows[0] if rows else None


def _profile(row: dict[str, Any], age: str | None, unmasked: bool) -> Profile:
    return Profile(
        first_name=masked(row["first_name"], unmasked),
        last_name=masked(row["last_name"], unmasked),
        dob=row["dob"] if unmasked else None,
        age=age,
        sex=hidden(row["sex"], unmasked),
        gender=row["gender"],
        street_address=hidden(row["street_address"], unmasked),
        city=row["city"],
        state=row["state"],
        zip=hidden(row["zip"], unmasked),
        updated=row["updated"],
    )


def _visits(view: View, mac_address: str | None) -> pa.Table:
    mine = OneOf(() if mac_address is None else (mac_address,))
    visits = view.rows("silver_db.gym_logs", "gym", "login", "logout", mac_address=mine)
    worked = view.rows("gold_db.gym_summary", "gym", "login", "minutes_exercising", mac_address=mine)
    return view.ask(
        f"""
        SELECT gym, login, logout, epoch_us(logout - login) / 6e7 AS minutes, coalesce(w.sessions, 0) AS sessions,
            coalesce(w.minutes, 0)::DOUBLE AS minutes_exercising
        FROM {visits} LEFT JOIN (
            SELECT gym, login, count(*)::INT AS sessions, sum(minutes_exercising) AS minutes FROM {worked} GROUP BY ALL
        ) w USING (gym, login) ORDER BY login DESC, gym DESC
        """
    )


def _in_gym(view: View, visits: pa.Table, at: datetime) -> int | None:
    """The gym of the latest visit up to now, if it is not over."""
    rows = view.ask(
        f"""
        SELECT gym FROM (SELECT * FROM {view.named(visits)} WHERE login <= {literal(at)}
            ORDER BY login DESC, gym DESC LIMIT 1)
        WHERE coalesce(logout > {literal(at)}, login > {literal(at)} - INTERVAL {OPEN_AT_MOST_HOURS} HOURS)
        """
    ).to_pylist()
    return rows[0]["gym"] if rows else None
