"""One session: its heart-rate curve with zones, its numbers, the recovery, and the sessions before it."""

import pyarrow as pa
from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.address import as_number
from fitness_assets.dashboard.pages.page import Page, View
from fitness_assets.dashboard.questions.session import Comparison, Session, ZoneTime
from fitness_assets.dashboard.questions.session import session as ask
from fitness_assets.dashboard.rows import as_rows, rows_of
from fitness_assets.dashboard.view.cards import card, downloads, empty, grid, guarded, pill, stat, stats
from fitness_assets.dashboard.view.curves import curve_chart, earlier_chart, recovery_chart
from fitness_assets.dashboard.view.heads import head as page_head
from fitness_assets.dashboard.view.hearts import time_in_zones
from fitness_assets.dashboard.view.words import counted, day, number


def head(view: View) -> Component:
    found = _found(view)
    if found is None:
        return page_head("No such session", "Its start is not in the tables", back=("/workouts", "Workouts"))
    end = f"{found.end_time:%H:%M}" if found.end_time else "…"
    where = [] if found.gym is None else [dcc.Link(f"Gym {found.gym}", href=f"/gyms?gym={found.gym}", className="pill")]
    chips = [
        dcc.Link(found.name, href=f"/people/{found.user_id}", className="pill"),
        *where,
        pill("age unknown" if found.age is None else f"{found.age} years"),
        pill(found.status, "good" if found.status == "under way" else "warn" if found.status == "no stop" else ""),
    ]
    title = f"{day(found.start_time)}, {found.start_time:%H:%M} – {end} UTC"
    return page_head(title, html.Span(chips, className="chips"), back=("/workouts", "Workouts"))


def body(view: View) -> Component:
    found = _found(view)
    if found is None:
        link = dcc.Link("See all workouts", href="/workouts", className="button")
        return grid(card("No such session", empty("No start of this session is known.", link), span=12))
    return html.Div(
        [
            _glance(found),
            grid(
                _curve(view, found),
                guarded("Time in zones", lambda: _zones(view, found), span=5),
                guarded("Recovery after the stop", lambda: _recovery(view, found), span=7),
                guarded("Against earlier sessions", lambda: _earlier(view, found), span=12),
            ),
        ],
        className="stack",
    )


def _found(view: View) -> Session | None:
    parts = [as_number(part) for part in view.address.last.split("-")]
    if len(parts) != 3 or None in parts:
        return None
    user_id, workout_id, session_id = (part or 0 for part in parts)
    return ask(view.lake, user_id, workout_id, session_id, view.now, view.unmasked).value


def _glance(found: Session) -> Component:
    before = found.against_all
    recovery = found.recovery.drop_60
    return stats(
        stat("Length", number(found.minutes), "min", _than(found.minutes, before.minutes, "min", before)),
        stat("Average heart rate", number(found.avg_bpm), "bpm", _than(found.avg_bpm, before.avg_bpm, "bpm", before)),
        stat("Highest", number(found.max_bpm), "bpm", _than(found.max_bpm, before.max_bpm, "bpm", before)),
        stat("Lowest", number(found.min_bpm), "bpm", _than(found.min_bpm, before.min_bpm, "bpm", before)),
        stat("Recovery in 1 min", number(recovery), "bpm", _than(recovery, before.drop_60, "bpm", before)),
    )


def _than(value: float | None, usual: float | None, unit: str, before: Comparison) -> str:
    """A number against the mean of the sessions before it."""
    if not before.sessions:
        return "the first session"
    if value is None or usual is None:
        return "nothing to compare with"
    difference = value - usual
    if abs(difference) < 0.5:
        return "as in earlier sessions"
    return f"{abs(difference):,.0f} {unit} {'more' if difference > 0 else 'less'} than before"


def _curve(view: View, found: Session) -> Component:
    missing = [
        *([f"{counted(found.invalid, 'reading')} without skin contact left out"] if found.invalid else []),
        *([f"{counted(found.gaps, 'gap')} of more than a minute"] if found.gaps else []),
    ]
    note = "; ".join([f"{counted(found.readings, 'valid reading')}, beats a minute over time (UTC)", *missing])
    files = downloads("curve", view.address, "the readings of the session")
    if not found.curve.num_rows:
        said = empty("No heart rate was received for this session.", "Late readings appear here by themselves.")
        return card("Heart rate", said, note, 12, files)
    return card("Heart rate", curve_chart(found), note, 12, files)


def _zones(view: View, found: Session) -> Component:
    if not found.zones:
        said = empty(
            "The age is not known, so there are no zones.", "They appear when the profile has a date of birth."
        )
        return card("Time in zones", said, span=5)
    note = f"Shares of the highest heart rate, {found.highest:.0f} bpm = 208 − 0.7 × {found.age} years (Tanaka 2001)"
    files = downloads("zones", view.address, "the time in each zone")
    return card("Time in zones", time_in_zones(found.zones), note, 5, files)


def _recovery(view: View, found: Session) -> Component:
    title, note = "Recovery after the stop", "How far the heart rate falls; faster is fitter"
    if found.end_time is None:
        return card(title, empty("The session has no stop yet."), note, 7)
    if found.recovery.at_stop is None or found.recovery.after_60 is None:
        said = empty("There are too few readings after the stop.", "One minute of them is needed.")
        return card(title, said, note, 7)
    return card(title, recovery_chart(found), note, 7, downloads("recovery", view.address, "the recovery"))


def _earlier(view: View, found: Session) -> Component:
    title = "Against earlier sessions"
    if not found.earlier.num_rows:
        return card(title, empty("This is the person's first finished session."), span=12)
    same = found.against_same.sessions
    note = f"{counted(found.earlier.num_rows, 'earlier session')}, {same:,} of the same workout ({found.workout_id})"
    note += "; bars from the lowest to the highest heart rate"
    return card(title, earlier_chart(found), note, 12, downloads("earlier", view.address, "earlier sessions"))


def _recovery_rows(found: Session) -> pa.Table:
    """The heart rate at the stop and at the instants after it, with what it had fallen by."""
    recovery = found.recovery
    rates = (recovery.at_stop, recovery.after_60, recovery.after_120)
    fell = (None, recovery.drop_60, recovery.drop_120)
    return pa.table(
        {
            "seconds_after_stop": pa.array([0, 60, 120]),
            "heartrate": pa.array(rates, pa.float64()),
            "fell_by": pa.array(fell, pa.float64()),
        }
    )


PAGE = Page(
    path="/workouts",
    name="Session",
    icon="workouts",
    tables=(
        "silver_db.workouts",
        "silver_db.completed_workouts",
        "silver_db.heart_rate",
        "silver_db.users",
        "silver_db.user_profile",
    ),
    head=head,
    body=body,
    files={
        "curve": rows_of(_found, lambda found: found.curve),
        "zones": rows_of(_found, lambda found: as_rows(ZoneTime, found.zones)),
        "recovery": rows_of(_found, _recovery_rows),
        "earlier": rows_of(_found, lambda found: found.earlier),
    },
    listed=False,
)
