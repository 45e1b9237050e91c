"""Workouts: the list of all sessions, to be filtered and sorted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pyarrow as pa

from fitness_assets.dashboard.lake import Lake
from fitness_assets.dashboard.questions.answer import Answer

Status = Literal["finished", "under way", "no stop"]
Order = Literal["start_time", "minutes", "min_bpm", "avg_bpm", "max_bpm", "readings"]


@dataclass(frozen=True)
class SessionFilter:
    """Which sessions; None and empty mean any. All conditions must hold.

    Attributes:
        since: started at or after this instant, UTC.
        until: started before this instant, UTC.
        ages, genders, states, cities: of the person, as `silver_db.user_bins` has them; "unknown" for people without
            a profile, or without that value in it.
        gyms: started during a visit to one of these gyms.
        statuses: finished, under way, or no stop (neither).
        min_minutes: finished sessions of at least so many minutes.
    """

    user_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    ages: tuple[str, ...] = ()
    genders: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    gyms: tuple[int, ...] = ()
    statuses: tuple[Status, ...] = ()
    min_minutes: float | None = None


@dataclass(frozen=True)
class Sessions:
    """A page of the list of sessions, and numbers over all that match.

    Attributes:
        rows: a row a session: `user_id, workout_id, session_id, name` (masked unless allowed), `status, start_time,
            end_time` (UTC; null where not finished), `minutes` (finished ones), `gym` (null where it did not begin during
            a visit), `min_bpm, avg_bpm, max_bpm` (beats a minute), `readings` (0 where there are none), `age` (bin)`,
            gender, city, state`.
        total: how many sessions match.
        finished, under_way, no_stop: how many of them are what.
        people: how many different people they belong to.
        minutes: of the finished ones, summed.
        avg_bpm: mean heart rate over all readings of the finished ones; None where there are none.
    """

    rows: pa.Table
    total: int
    finished: int
    under_way: int
    no_stop: int
    people: int
    minutes: float
    avg_bpm: float | None


@dataclass(frozen=True)
class Choices:
    """What the filters can be set to, in order: values that occur, "unknown" last where some sessions' people have none.

    Attributes:
        first, last: the earliest and the latest start of a session, UTC.
    """

    gyms: tuple[int, ...]
    ages: tuple[str, ...]
    genders: tuple[str, ...]
    states: tuple[str, ...]
    cities: tuple[str, ...]
    first: datetime | None
    last: datetime | None


def sessions(
    lake: Lake,
    which: SessionFilter = SessionFilter(),
    order: Order = "start_time",
    descending: bool = True,
    limit: int | None = 50,
    offset: int = 0,
    now: datetime | None = None,
    unmasked: bool = False,
) -> Answer[Sessions]:
    """The sessions that match, sorted; nulls come last, ties go by user_id, workout_id, session_id.

    A session is everything with one (user_id, workout_id, session_id). A finished one counts as
    `silver_db.completed_workouts` has it; another starts at its latest start. One of which only a stop was seen is
    left out.

    Args:
        limit: None for all of them, for a download.
    """
    raise NotImplementedError


def choices(lake: Lake) -> Answer[Choices]:
    """What the filters of the list can be set to."""
    raise NotImplementedError
