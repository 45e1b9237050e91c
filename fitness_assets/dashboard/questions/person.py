"""One person: who it is, visits, workouts, and how the profile changed."""

from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from fitness_assets.dashboard.lake import Lake
from fitness_assets.dashboard.questions.answer import Answer


@dataclass(frozen=True)
class Profile:
    """What the profile says now; None where it does not say. Masked unless allowed: names, street, zip, dob, sex.

    A masked name is its first letter and dots, everything else dots; a masked date of birth is None.
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


def person(lake: Lake, user_id: int, now: datetime | None = None, unmasked: bool = False) -> Answer[Person | None]:
    """One person, or None where nothing at all is known of the id."""
    raise NotImplementedError
