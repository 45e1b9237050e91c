"""Workouts: all sessions, to be filtered and sorted; each leads to its heart-rate curve."""

from typing import get_args

import pyarrow as pa
from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.address import Address
from fitness_assets.dashboard.pages.page import Page, View
from fitness_assets.dashboard.questions.workouts import Order, SessionFilter, Status, choices, sessions
from fitness_assets.dashboard.view.cards import card, downloads, empty, grid, stat, stats
from fitness_assets.dashboard.view.controls import choice, typed
from fitness_assets.dashboard.view.heads import head as page_head
from fitness_assets.dashboard.view.paging import PER_PAGE, offset_of, paging
from fitness_assets.dashboard.view.periods import beginning, period_filter
from fitness_assets.dashboard.view.sessions import session_table
from fitness_assets.dashboard.view.words import counted, number, span, years

_ORDERS: dict[Order, str] = {
    "start_time": "Latest first",
    "minutes": "Longest first",
    "avg_bpm": "Highest average",
    "max_bpm": "Highest peak",
    "readings": "Most readings",
}
_FILTERS = ("person", "gym", "age", "gender", "state", "status", "period")


def head(view: View) -> Component:
    chosen, known = view.address, choices(view.lake).value
    gyms = [("", "All gyms"), *((str(gym), f"Gym {gym}") for gym in known.gyms)]
    filters = [
        typed("person", "Person (number)", chosen.get("person"), "such as 10000"),
        choice("gym", "Gym", gyms, chosen.get("gym")),
        choice("age", "Age", [("", "All ages"), *((one, years(one)) for one in known.ages)], chosen.get("age")),
        choice("gender", "Gender", [("", "All genders"), *_same(known.genders)], chosen.get("gender")),
        choice("state", "State", [("", "All states"), *_same(known.states)], chosen.get("state")),
        choice(
            "status",
            "Status",
            [("", "Any status"), *((one, one.capitalize()) for one in get_args(Status))],
            chosen.get("status"),
        ),
        choice("sort", "Order", list(_ORDERS.items()), _order(chosen), default="start_time"),
        period_filter(chosen.get("period", "all")),
    ]
    return page_head("Workouts", "Which sessions were there, and how hard were they", filters)


def body(view: View) -> Component:
    answer = sessions(
        view.lake,
        _which(view),
        _order(view.address),
        limit=PER_PAGE,
        offset=offset_of(view.address),
        now=view.now,
        unmasked=view.unmasked,
    )
    found = answer.value
    if answer.nothing:
        return grid(card("Workouts", empty(answer.nothing.what, answer.nothing.do), span=12))
    if not found.total:
        said = empty("No workout matches.", dcc.Link("Take all filters away", href="/workouts", className="button"))
        return grid(card("Workouts", said, span=12))
    mean = found.minutes / found.finished if found.finished else None
    glance = stats(
        stat(
            "Sessions",
            number(found.total),
            "",
            f"{found.finished:,} finished, {found.under_way:,} under way, {found.no_stop:,} without a stop",
        ),
        stat(
            "People",
            number(found.people),
            "",
            f"{found.total / found.people:,.1f} sessions each" if found.people else "",
        ),
        stat(
            "Time exercising",
            number(found.minutes / 60),
            "hours",
            f"{span(mean * 60)} a finished session" if mean else "",
        ),
        stat("Average heart rate", number(found.avg_bpm), "bpm", "over all readings of finished sessions"),
    )
    rows = found.rows.to_pylist()
    shown = html.Div([session_table("Workouts", rows), paging(view.address, found.total)])
    order = _ORDERS[_order(view.address)].lower()
    note = f"{counted(found.total, 'session')}, {order}; times in UTC, heart rates in beats a minute"
    files = downloads("sessions", view.address, "all sessions that match")
    return html.Div([glance, grid(card("Sessions", shown, note, 12, files))], className="stack")


def _which(view: View) -> SessionFilter:
    chosen = view.address
    period = chosen.get("period", "all")
    since = beginning(period, choices(view.lake).value.last) if period != "all" else None
    gym, person = chosen.number("gym"), chosen.get("person").strip()
    return SessionFilter(
        user_id=(chosen.number("person") if chosen.number("person") is not None else -1) if person else None,
        since=since,
        ages=_one(chosen, "age"),
        genders=_one(chosen, "gender"),
        states=_one(chosen, "state"),
        gyms=() if gym is None else (gym,),
        statuses=tuple(one for one in get_args(Status) if one == chosen.get("status")),
    )


def _order(chosen: Address) -> Order:
    return next((name for name in _ORDERS if name == chosen.get("sort")), "start_time")


def _one(chosen: Address, name: str) -> tuple[str, ...]:
    return (chosen.get(name),) if chosen.get(name) else ()


def _same(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


def _all_rows(view: View) -> pa.Table:
    return sessions(
        view.lake, _which(view), _order(view.address), limit=None, now=view.now, unmasked=view.unmasked
    ).value.rows


PAGE = Page(
    path="/workouts",
    name="Workouts",
    icon="workouts",
    tables=(
        "silver_db.workouts",
        "silver_db.completed_workouts",
        "silver_db.gym_logs",
        "silver_db.users",
        "silver_db.user_bins",
        "gold_db.workout_bpm_summary",
    ),
    head=head,
    body=body,
    files={"sessions": _all_rows},
)
