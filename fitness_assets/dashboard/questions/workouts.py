"""Workouts: the list of all sessions, to be filtered and sorted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

import pyarrow as pa

from fitness_assets.contracts.silver.user_bins import AGES
from fitness_assets.dashboard.lake import View
from fitness_assets.dashboard.questions.all_sessions import SESSION_TABLES, all_sessions, status_sql
from fitness_assets.dashboard.questions.answer import present, question
from fitness_assets.dashboard.questions.masks import shown_name
from fitness_assets.lakehouse.predicates import Between, OneOf, literal

Status = Literal["finished", "under way", "no stop"]
Order = Literal["start_time", "minutes", "min_bpm", "avg_bpm", "max_bpm", "readings"]
UNKNOWN = "unknown"


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


EVERY = SessionFilter()


@dataclass(frozen=True)
class Sessions:
    """A page of the list of sessions, and numbers over all that match.

    Attributes:
        rows: a row a session: `user_id, workout_id, session_id, name` (masked unless allowed)`, status, start_time,
            end_time` (UTC; null where not finished)`, minutes` (finished ones)`, gym` (null where it did not begin
            during a visit)`, min_bpm, avg_bpm, max_bpm` (beats a minute)`, readings` (0 where there are none)`,
            age` (bin)`, gender, city, state`.
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
    """What the filters can be set to: values that occur, in order, "unknown" last where some people have none.

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


@question(*SESSION_TABLES[:1], also=SESSION_TABLES[1:])
def sessions(
    view: View,
    which: SessionFilter = EVERY,
    order: Order = "start_time",
    descending: bool = True,
    limit: int | None = 50,
    offset: int = 0,
    now: datetime | None = None,
    unmasked: bool = False,
) -> Sessions:
    """The sessions that match, sorted; nulls come last, ties go by user_id, workout_id, session_id.

    A session is everything with one (user_id, workout_id, session_id). A finished one counts as
    `silver_db.completed_workouts` has it; another starts at its latest start. One of which only a stop was seen is
    left out.

    Args:
        limit: None for all of them, for a download.
    """
    return listed(view, which, order, descending, limit, offset, present(now), unmasked)


def listed(
    view: View,
    which: SessionFilter,
    order: Order,
    descending: bool,
    limit: int | None,
    offset: int,
    now: datetime,
    unmasked: bool,
) -> Sessions:
    """What `sessions` answers, for other questions that read the same tables."""
    if order not in get_args(Order):
        raise ValueError(f"Sessions cannot be sorted by {order!r}.")
    every = view.named(all_sessions(view))
    matching = f"(SELECT *, {status_sql(now)} AS status FROM {every}) WHERE {_conditions(which)}"
    numbers = view.one(
        f"""
        SELECT count(*)::INT AS total, count(*) FILTER (status = 'finished')::INT AS finished,
            count(*) FILTER (status = 'under way')::INT AS under_way,
            count(*) FILTER (status = 'no stop')::INT AS no_stop,
            count(DISTINCT user_id)::INT AS people, coalesce(sum(minutes), 0)::DOUBLE AS minutes,
            sum(avg_bpm * readings) / nullif(sum(readings), 0) AS avg_bpm
        FROM {matching}
        """
    )
    page = f"LIMIT {'ALL' if limit is None else int(limit)} OFFSET {int(offset)}"
    rows = view.ask(
        f"""
        SELECT user_id, workout_id, session_id, first_name, last_name, status, start_time, end_time, minutes, gym,
            min_bpm, avg_bpm, max_bpm, readings, age, gender, city, state
        FROM {matching}
        ORDER BY {order} {"DESC" if descending else "ASC"} NULLS LAST, user_id, workout_id, session_id {page}
        """
    )
    return Sessions(named_rows(rows, unmasked), **numbers)


def named_rows(rows: pa.Table, unmasked: bool) -> pa.Table:
    """The rows with one column `name` in the place of first and last name."""
    people = rows.select(["user_id", "first_name", "last_name"]).to_pylist()
    names = [shown_name(one["user_id"], one["first_name"], one["last_name"], unmasked) for one in people]
    place = rows.column_names.index("first_name")
    return rows.drop_columns(["first_name", "last_name"]).add_column(place, "name", pa.array(names, pa.string()))


@question(*SESSION_TABLES[:1], also=SESSION_TABLES[1:])
def choices(view: View) -> Choices:
    """What the filters of the list can be set to."""
    every = view.named(all_sessions(view))
    found = view.one(
        f"""
        SELECT list_sort(list(DISTINCT gym) FILTER (gym IS NOT NULL)) AS gyms,
            {", ".join(f"list(DISTINCT coalesce({name}, '{UNKNOWN}')) AS {name}" for name in _OF_THE_PERSON)},
            min(start_time) AS first, max(start_time) AS last
        FROM {every}
        """
    )
    values = {name: tuple(sorted(found[name] or (), key=_in_order)) for name in _OF_THE_PERSON}
    return Choices(
        tuple(found["gyms"] or ()),
        values["age"],
        values["gender"],
        values["state"],
        values["city"],
        found["first"],
        found["last"],
    )


_OF_THE_PERSON = ("age", "gender", "state", "city")


def _in_order(value: str) -> tuple[bool, int, str]:
    return value == UNKNOWN, AGES.index(value) if value in AGES else 0, value


def _conditions(which: SessionFilter) -> str:
    parts = [Between(which.since, which.until, open=True).sql("start_time")]
    if which.user_id is not None:
        parts.append(OneOf((which.user_id,)).sql("user_id"))
    for name, values in zip(_OF_THE_PERSON, (which.ages, which.genders, which.states, which.cities), strict=True):
        if values:
            parts.append(f"coalesce({name}, '{UNKNOWN}') IN ({', '.join(map(literal, values))})")
    if which.gyms:
        parts.append(OneOf(which.gyms).sql("gym"))
    if which.statuses:
        parts.append(OneOf(which.statuses).sql("status"))
    if which.min_minutes is not None:
        parts.append(f"minutes >= CAST('{float(which.min_minutes)}' AS DOUBLE)")
    return " AND ".join(parts)
