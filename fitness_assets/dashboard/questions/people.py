"""People: who they are in groups, how many come, and finding one of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pyarrow as pa

from fitness_assets.dashboard.lake import Lake
from fitness_assets.dashboard.questions.answer import Answer

Step = Literal["day", "week", "month"]


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


def groups(lake: Lake) -> Answer[Groups]:
    """Registered people by age, sex, gender and place."""
    raise NotImplementedError


def trends(
    lake: Lake,
    step: Step = "day",
    since: datetime | None = None,
    until: datetime | None = None,
    time_zone: str = "UTC",
) -> Answer[Trends]:
    """Registrations, visits and workouts over time, of what happened at or after `since` and before `until` (UTC).

    Raises:
        SettingError: there is no such time zone.
    """
    raise NotImplementedError


def search(lake: Lake, text: str = "", unmasked: bool = False, limit: int = 50) -> Answer[Found]:
    """People of whom each word of the text is the user_id or device_id, or the beginning of city, state, gender or age.

    Only where it is allowed to see them, words may also be the beginning of first or last name or of the MAC address;
    otherwise a search would tell what a mask hides. Case does not matter; no text gives everybody.
    """
    raise NotImplementedError
