"""The list of all sessions, to be filtered and sorted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

import pyarrow as pa

from fitness_assets.contracts.silver.user_bins import AGES
from fitness_assets.dashboard.queries.masking import with_display_names
from fitness_assets.dashboard.queries.query import instant_or_now, query
from fitness_assets.dashboard.queries.workouts.all_sessions import SESSION_TABLES, fetch_all_sessions, status_sql
from fitness_assets.dashboard.table_reader.predicates import (
    Predicate,
    equal_to,
    one_of,
    sql_literal,
    time_range,
    where_sql,
)
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

SessionStatus = Literal["finished", "under way", "no stop"]
SortColumn = Literal["start_time", "minutes", "min_bpm", "avg_bpm", "max_bpm", "readings"]
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
    statuses: tuple[SessionStatus, ...] = ()
    min_minutes: float | None = None


NO_FILTER = SessionFilter()


@dataclass(frozen=True)
class SessionList:
    """A page of the list of sessions, and numbers over all that match.

    Attributes:
        rows: a row a session: `user_id, workout_id, session_id, name` (masked unless allowed)`, status, start_time,
            end_time` (UTC; null where not finished)`, minutes` (finished ones)`, gym` (null where it did not begin
            during a visit)`, min_bpm, avg_bpm, max_bpm` (beats a minute)`, readings` (0 where there are none)`,
            age` (bin)`, gender, city, state`.
        total: how many sessions match.
        finished, under_way, no_stop: how many of them have each status.
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
class FilterOptions:
    """What the filters can be set to: values that occur, in order, "unknown" last where some people have none.

    Attributes:
        first_start, last_start: the earliest and the latest start of a session, UTC.
    """

    gyms: tuple[int, ...]
    ages: tuple[str, ...]
    genders: tuple[str, ...]
    states: tuple[str, ...]
    cities: tuple[str, ...]
    first_start: datetime | None
    last_start: datetime | None


@query(*SESSION_TABLES[:1], also_reads=SESSION_TABLES[1:])
def list_sessions(
    transaction: ReadTransaction,
    session_filter: SessionFilter = NO_FILTER,
    sort_by: SortColumn = "start_time",
    descending: bool = True,
    limit: int | None = 50,
    offset: int = 0,
    now: datetime | None = None,
    unmasked: bool = False,
) -> SessionList:
    """The sessions that match, sorted; nulls come last, ties go by user_id, workout_id, session_id.

    A session is everything with one (user_id, workout_id, session_id). A finished one counts as
    `silver_db.completed_workouts` has it; another starts at its latest start. One of which only a stop was seen is
    left out.

    Args:
        limit: None for all of them, for a download.
    """
    return select_sessions(
        transaction,
        session_filter,
        sort_by=sort_by,
        descending=descending,
        limit=limit,
        offset=offset,
        now=instant_or_now(now),
        unmasked=unmasked,
    )


def select_sessions(
    transaction: ReadTransaction,
    session_filter: SessionFilter,
    *,
    sort_by: SortColumn = "start_time",
    descending: bool = True,
    limit: int | None,
    offset: int = 0,
    now: datetime,
    unmasked: bool,
) -> SessionList:
    """What `list_sessions` gives, for other queries that read the same tables."""
    if sort_by not in get_args(SortColumn):
        raise ValueError(f"Sessions cannot be sorted by {sort_by!r}.")
    sessions = transaction.register(fetch_all_sessions(transaction))
    matching = f"(SELECT *, {status_sql(now)} AS status FROM {sessions}) WHERE {_filter_sql(session_filter)}"
    totals = transaction.fetch_row(
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
    rows = transaction.fetch_table(
        f"""
        SELECT user_id, workout_id, session_id, first_name, last_name, status, start_time, end_time, minutes, gym,
            min_bpm, avg_bpm, max_bpm, readings, age, gender, city, state
        FROM {matching}
        ORDER BY {sort_by} {"DESC" if descending else "ASC"} NULLS LAST, user_id, workout_id, session_id {page}
        """
    )
    return SessionList(with_display_names(rows, unmasked), **totals)


@query(*SESSION_TABLES[:1], also_reads=SESSION_TABLES[1:])
def get_filter_options(transaction: ReadTransaction) -> FilterOptions:
    """What the filters of the list can be set to."""
    sessions = transaction.register(fetch_all_sessions(transaction))
    row = transaction.fetch_row(
        f"""
        SELECT list_sort(list(DISTINCT gym) FILTER (gym IS NOT NULL)) AS gyms,
            {", ".join(f"list(DISTINCT coalesce({name}, '{UNKNOWN}')) AS {name}" for name in _PERSON_COLUMNS)},
            min(start_time) AS first_start, max(start_time) AS last_start
        FROM {sessions}
        """
    )
    values = {name: tuple(sorted(row[name] or (), key=_option_order)) for name in _PERSON_COLUMNS}
    return FilterOptions(
        gyms=tuple(row["gyms"] or ()),
        ages=values["age"],
        genders=values["gender"],
        states=values["state"],
        cities=values["city"],
        first_start=row["first_start"],
        last_start=row["last_start"],
    )


_PERSON_COLUMNS = ("age", "gender", "state", "city")


def _option_order(value: str) -> tuple[bool, int, str]:
    return value == UNKNOWN, AGES.index(value) if value in AGES else 0, value


def _filter_sql(session_filter: SessionFilter) -> str:
    predicates: dict[str, Predicate] = {"start_time": time_range(session_filter.since, session_filter.until)}
    if session_filter.user_id is not None:
        predicates["user_id"] = equal_to(session_filter.user_id)
    if session_filter.gyms:
        predicates["gym"] = one_of(session_filter.gyms)
    if session_filter.statuses:
        predicates["status"] = one_of(session_filter.statuses)
    conditions = [where_sql(predicates)]
    of_person = (session_filter.ages, session_filter.genders, session_filter.states, session_filter.cities)
    for name, values in zip(_PERSON_COLUMNS, of_person, strict=True):
        if values:
            conditions.append(f"coalesce({name}, '{UNKNOWN}') IN ({', '.join(map(sql_literal, values))})")
    if session_filter.min_minutes is not None:
        conditions.append(f"minutes >= CAST('{float(session_filter.min_minutes)}' AS DOUBLE)")
    return " AND ".join(conditions)
