"""One person: who it is, visits, workouts, and how the profile changed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fitness_assets.dashboard.queries.activity_limits import MAX_OPEN_VISIT_HOURS
from fitness_assets.dashboard.queries.masking import display_name, mask_name, mask_value
from fitness_assets.dashboard.queries.people.profile_history import fetch_profile_history
from fitness_assets.dashboard.queries.query import instant_or_now, query
from fitness_assets.dashboard.queries.workouts.all_sessions import SESSION_TABLES
from fitness_assets.dashboard.queries.workouts.session_list import SessionFilter, select_sessions
from fitness_assets.dashboard.table_reader.predicates import equal_to, one_of, sql_literal
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

_SUBJECTS = ("silver_db.users", "silver_db.user_profile")
_PROFILE_COLUMNS = (
    *("dob", "sex", "gender", "first_name", "last_name", "street_address", "city", "state", "zip"),
    "updated",
)


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
        current_gym: the gym where the person is now; None for nowhere.
        visits: `gym, login, logout` (UTC; null while open)`, minutes, sessions, minutes_exercising`, the latest first.
        workouts: the columns of `SessionList.rows`, the latest first.
        profile_history: the profile's events, the latest first: `time` (UTC)`, update_type` ("new", "update",
            "delete")`, fields` (those that became other than in the event before, joined by ", ")`, before, after`
            (their values, masked unless allowed)`. An event that came twice is there once; rejected ones are not there.
        minutes_in_gym: of closed visits. `minutes_exercising`: of finished sessions.
        is_masked: whether names and the like are hidden.
    """

    user_id: int
    name: str
    registered: datetime | None
    device_id: int | None
    mac_address: str | None
    other_devices: tuple[int, ...]
    profile: Profile | None
    current_gym: int | None
    visits: pa.Table
    workouts: pa.Table
    profile_history: pa.Table
    minutes_in_gym: float
    minutes_exercising: float
    is_masked: bool


@query(
    *_SUBJECTS,
    also_reads=(
        *(table_name for table_name in SESSION_TABLES if table_name not in _SUBJECTS),
        "gold_db.gym_summary",
        "bronz_db.registered_users_bz",
        "bronz_db.kafka_multiplex_bz",
    ),
)
def get_person(
    transaction: ReadTransaction, user_id: int, now: datetime | None = None, unmasked: bool = False
) -> Person | None:
    """One person, or None where nothing at all is known of the id."""
    user_id, now = int(user_id), instant_or_now(now)
    user = _fetch_first(transaction, "silver_db.users", user_id, "device_id", "mac_address", "registration_timestamp")
    profile = _fetch_first(transaction, "silver_db.user_profile", user_id, *_PROFILE_COLUMNS)
    workouts = select_sessions(transaction, SessionFilter(user_id=user_id), limit=None, now=now, unmasked=unmasked)
    history = fetch_profile_history(transaction, user_id, unmasked)
    if user is None and profile is None and not workouts.total and not history.num_rows:
        return None
    visits = _fetch_visits(transaction, user["mac_address"] if user else None)
    device_id = user["device_id"] if user else None
    bins = _fetch_first(transaction, "silver_db.user_bins", user_id, "age")
    first_name, last_name = (profile["first_name"], profile["last_name"]) if profile else (None, None)
    return Person(
        user_id=user_id,
        name=display_name(user_id, first_name, last_name, unmasked),
        registered=user["registration_timestamp"] if user else None,
        device_id=device_id,
        mac_address=mask_value(user["mac_address"], unmasked) if user else None,
        other_devices=tuple(other for other in _fetch_device_ids(transaction, user_id) if other != device_id),
        profile=_masked_profile(profile, bins["age"] if bins else None, unmasked) if profile else None,
        current_gym=_find_current_gym(transaction, visits, now),
        visits=visits,
        workouts=workouts.rows,
        profile_history=history,
        minutes_in_gym=float(pc.sum(visits["minutes"]).as_py() or 0),
        minutes_exercising=workouts.minutes,
        is_masked=not unmasked,
    )


def _fetch_first(transaction: ReadTransaction, table_name: str, user_id: int, *columns: str) -> dict[str, Any] | None:
    """The person's first row of a table."""
    rows = transaction.scan(table_name, *columns, user_id=equal_to(user_id))
    first = transaction.fetch_table(f"SELECT * FROM {rows} LIMIT 1").to_pylist()
    return first[0] if first else None


def _fetch_device_ids(transaction: ReadTransaction, user_id: int) -> list[int]:
    """The devices of all registrations of the person."""
    rows = transaction.scan("bronz_db.registered_users_bz", "device_id", user_id=equal_to(user_id))
    devices = f"SELECT DISTINCT device_id FROM {rows} WHERE device_id IS NOT NULL ORDER BY 1"
    device_ids: list[int] = transaction.fetch_table(devices)["device_id"].to_pylist()
    return device_ids


def _masked_profile(row: dict[str, Any], age: str | None, unmasked: bool) -> Profile:
    return Profile(
        first_name=mask_name(row["first_name"], unmasked),
        last_name=mask_name(row["last_name"], unmasked),
        dob=row["dob"] if unmasked else None,
        age=age,
        sex=mask_value(row["sex"], unmasked),
        gender=row["gender"],
        street_address=mask_value(row["street_address"], unmasked),
        city=row["city"],
        state=row["state"],
        zip=mask_value(row["zip"], unmasked),
        updated=row["updated"],
    )


def _fetch_visits(transaction: ReadTransaction, mac_address: str | None) -> pa.Table:
    wearable = one_of(() if mac_address is None else (mac_address,))
    visits = transaction.scan("silver_db.gym_logs", "gym", "login", "logout", mac_address=wearable)
    visit_sessions = transaction.scan("gold_db.gym_summary", "gym", "login", "minutes_exercising", mac_address=wearable)
    return transaction.fetch_table(
        f"""
        SELECT gym, login, logout, epoch_us(logout - login) / 6e7 AS minutes, coalesce(s.sessions, 0) AS sessions,
            coalesce(s.minutes, 0)::DOUBLE AS minutes_exercising
        FROM {visits} LEFT JOIN (
            SELECT gym, login, count(*)::INT AS sessions, sum(minutes_exercising) AS minutes
            FROM {visit_sessions} GROUP BY ALL
        ) s USING (gym, login) ORDER BY login DESC, gym DESC
        """
    )


def _find_current_gym(transaction: ReadTransaction, visits: pa.Table, now: datetime) -> int | None:
    """The gym of the latest visit up to now, if it is not over."""
    instant = sql_literal(now)
    rows = transaction.fetch_table(
        f"""
        SELECT gym FROM (SELECT * FROM {transaction.register(visits)} WHERE login <= {instant}
            ORDER BY login DESC, gym DESC LIMIT 1)
        WHERE coalesce(logout > {instant}, login > {instant} - INTERVAL {MAX_OPEN_VISIT_HOURS} HOURS)
        """
    ).to_pylist()
    return rows[0]["gym"] if rows else None
