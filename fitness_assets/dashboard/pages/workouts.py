"""Workouts: all sessions, to be filtered and sorted; each leads to its heart-rate curve."""

from datetime import datetime
from typing import get_args

import pyarrow as pa
from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.cards import card, card_grid, stat, stat_row
from fitness_assets.dashboard.components.empty_state import empty_state, no_tables
from fitness_assets.dashboard.components.filters.inputs import Option, select, text_input
from fitness_assets.dashboard.components.filters.period import period_filter, period_start
from fitness_assets.dashboard.components.formatting import (
    format_age_group,
    format_count,
    format_duration,
    format_number,
)
from fitness_assets.dashboard.components.page_header import page_header
from fitness_assets.dashboard.components.tables.download_links import download_links
from fitness_assets.dashboard.components.tables.pagination import PAGE_SIZE, page_offset, pagination
from fitness_assets.dashboard.components.tables.session_table import session_table
from fitness_assets.dashboard.page_url import PageUrl
from fitness_assets.dashboard.pages.page import Page, PageContext
from fitness_assets.dashboard.queries.workouts.session_list import (
    SessionFilter,
    SessionList,
    SessionStatus,
    SortColumn,
    get_filter_options,
    list_sessions,
)

_SORT_LABELS: dict[SortColumn, str] = {
    "start_time": "Latest first",
    "minutes": "Longest first",
    "avg_bpm": "Highest average",
    "max_bpm": "Highest peak",
    "readings": "Most readings",
}
_NO_SUCH_PERSON = -1


def render_header(context: PageContext) -> Component:
    url, options = context.url, get_filter_options(context.reader).value
    gyms = [(str(gym), f"Gym {gym}") for gym in options.gyms]
    ages = [(ages, format_age_group(ages)) for ages in options.ages]
    statuses = [(status, status.capitalize()) for status in get_args(SessionStatus)]
    filters = [
        text_input("person", "Person (number)", url.get("person"), "such as 10000"),
        select("gym", "Gym", [("", "All gyms"), *gyms], url.get("gym")),
        select("age", "Age", [("", "All ages"), *ages], url.get("age")),
        select("gender", "Gender", [("", "All genders"), *_as_options(options.genders)], url.get("gender")),
        select("state", "State", [("", "All states"), *_as_options(options.states)], url.get("state")),
        select("status", "Status", [("", "Any status"), *statuses], url.get("status")),
        select("sort", "Order", list(_SORT_LABELS.items()), _sort_column(url), default="start_time"),
        period_filter(url.get("period", "all")),
    ]
    return page_header("Workouts", "Which sessions were there, and how hard were they", filters)


def render_body(context: PageContext) -> Component:
    result = list_sessions(
        context.reader,
        _session_filter(context),
        _sort_column(context.url),
        limit=PAGE_SIZE,
        offset=page_offset(context.url),
        now=context.now,
        unmasked=context.unmasked,
    )
    if result.empty_state:
        return card_grid(card("Workouts", no_tables(result.empty_state), span=12))
    sessions = result.value
    if not sessions.total:
        link = dcc.Link("Take all filters away", href="/workouts", className="button")
        return card_grid(card("Workouts", empty_state("No workout matches.", link), span=12))
    order = _SORT_LABELS[_sort_column(context.url)].lower()
    list_card = card(
        "Sessions",
        html.Div([session_table("Workouts", sessions.rows.to_pylist()), pagination(context.url, sessions.total)]),
        note=f"{format_count(sessions.total, 'session')}, {order}; times in UTC, heart rates in beats a minute",
        span=12,
        downloads=download_links("sessions", context.url, "all sessions that match"),
    )
    return html.Div([_glance(sessions), card_grid(list_card)], className="stack")


def _glance(sessions: SessionList) -> Component:
    mean_minutes = sessions.minutes / sessions.finished if sessions.finished else None
    open_sessions = f"{sessions.under_way:,} under way, {sessions.no_stop:,} without a stop"
    return stat_row(
        stat("Sessions", format_number(sessions.total), note=f"{sessions.finished:,} finished, {open_sessions}"),
        stat(
            "People",
            format_number(sessions.people),
            note=f"{sessions.total / sessions.people:,.1f} sessions each" if sessions.people else "",
        ),
        stat(
            "Time exercising",
            format_number(sessions.minutes / 60),
            "hours",
            f"{format_duration(mean_minutes * 60)} a finished session" if mean_minutes else "",
        ),
        stat("Average heart rate", format_number(sessions.avg_bpm), "bpm", "over all readings of finished sessions"),
    )


def _session_filter(context: PageContext) -> SessionFilter:
    url = context.url
    gym, person = url.get_int("gym"), url.get_int("person")
    if person is None and url.get("person").strip():
        person = _NO_SUCH_PERSON
    return SessionFilter(
        user_id=person,
        since=_since(context),
        ages=_parameter_values(url, "age"),
        genders=_parameter_values(url, "gender"),
        states=_parameter_values(url, "state"),
        gyms=() if gym is None else (gym,),
        statuses=tuple(status for status in get_args(SessionStatus) if status == url.get("status")),
    )


def _since(context: PageContext) -> datetime | None:
    period = context.url.get("period", "all")
    return period_start(period, get_filter_options(context.reader).value.last_start) if period != "all" else None


def _sort_column(url: PageUrl) -> SortColumn:
    return next((column for column in _SORT_LABELS if column == url.get("sort")), "start_time")


def _parameter_values(url: PageUrl, name: str) -> tuple[str, ...]:
    return (url.get(name),) if url.get(name) else ()


def _as_options(values: tuple[str, ...]) -> list[Option]:
    return [(value, value) for value in values]


def _all_rows(context: PageContext) -> pa.Table:
    return list_sessions(
        context.reader,
        _session_filter(context),
        _sort_column(context.url),
        limit=None,
        now=context.now,
        unmasked=context.unmasked,
    ).value.rows


PAGE = Page(
    path="/workouts",
    name="Workouts",
    icon="workouts",
    table_names=(
        "silver_db.workouts",
        "silver_db.completed_workouts",
        "silver_db.gym_logs",
        "silver_db.users",
        "silver_db.user_bins",
        "gold_db.workout_bpm_summary",
    ),
    render_header=render_header,
    render_body=render_body,
    downloads={"sessions": _all_rows},
)
