"""One session: its heart-rate curve with zones, its numbers, the recovery, and the sessions before it."""

import pyarrow as pa
from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.cards import card, card_grid, pill, stat, stat_row
from fitness_assets.dashboard.components.charts.earlier_sessions import earlier_sessions_chart
from fitness_assets.dashboard.components.charts.heart_rate_curve import heart_rate_curve_chart
from fitness_assets.dashboard.components.charts.recovery_curve import recovery_chart
from fitness_assets.dashboard.components.empty_state import empty_state
from fitness_assets.dashboard.components.error_boundary import error_boundary
from fitness_assets.dashboard.components.formatting import format_count, format_date, format_number
from fitness_assets.dashboard.components.heart_rate_zones import zone_times
from fitness_assets.dashboard.components.page_header import page_header
from fitness_assets.dashboard.components.tables.download_links import download_links
from fitness_assets.dashboard.page_url import parse_int
from fitness_assets.dashboard.pages.download_tables import rows_if_found, to_arrow
from fitness_assets.dashboard.pages.page import Page, PageContext
from fitness_assets.dashboard.queries.workouts.heart_rate_curve import ZoneTime
from fitness_assets.dashboard.queries.workouts.session_detail import SessionDetail, get_session

_PARENT = ("/workouts", "Workouts")
_STATUS_TONES = {"under way": "good", "no stop": "warn"}


def render_header(context: PageContext) -> Component:
    session = _find_session(context)
    if session is None:
        return page_header("No such session", "Its start is not in the tables", parent=_PARENT)
    gym = session.gym
    pills = [
        dcc.Link(session.name, href=f"/people/{session.user_id}", className="pill"),
        *([] if gym is None else [dcc.Link(f"Gym {gym}", href=f"/gyms?gym={gym}", className="pill")]),
        pill("age unknown" if session.age is None else f"{session.age} years"),
        pill(session.status, _STATUS_TONES.get(session.status, "")),
    ]
    end = f"{session.end_time:%H:%M}" if session.end_time else "…"
    title = f"{format_date(session.start_time)}, {session.start_time:%H:%M} – {end} UTC"
    return page_header(title, html.Span(pills, className="chips"), parent=_PARENT)


def render_body(context: PageContext) -> Component:
    session = _find_session(context)
    if session is None:
        link = dcc.Link("See all workouts", href="/workouts", className="button")
        content = empty_state("No start of this session is known.", link)
        return card_grid(card("No such session", content, span=12))
    return html.Div(
        [
            _glance(session),
            card_grid(
                _curve_card(context, session),
                error_boundary("Time in zones", lambda: _zones_card(context, session), span=5),
                error_boundary("Recovery after the stop", lambda: _recovery_card(context, session), span=7),
                error_boundary("Against earlier sessions", lambda: _earlier_card(context, session), span=12),
            ),
        ],
        className="stack",
    )


def _find_session(context: PageContext) -> SessionDetail | None:
    """The session whose user_id, workout_id and session_id the path ends with."""
    ids = [parse_int(part) for part in context.url.last_segment.split("-")]
    if len(ids) != 3 or None in ids:
        return None
    user_id, workout_id, session_id = (number or 0 for number in ids)
    return get_session(context.reader, user_id, workout_id, session_id, context.now, context.unmasked).value


def _glance(session: SessionDetail) -> Component:
    usual, drop_60 = session.earlier_averages, session.recovery.drop_60
    figures = (
        ("Length", session.minutes, usual.minutes, "min"),
        ("Average heart rate", session.avg_bpm, usual.avg_bpm, "bpm"),
        ("Highest", session.max_bpm, usual.max_bpm, "bpm"),
        ("Lowest", session.min_bpm, usual.min_bpm, "bpm"),
        ("Recovery in 1 min", drop_60, usual.drop_60, "bpm"),
    )
    return stat_row(
        *(
            stat(label, format_number(value), unit, _compare(value, mean, unit, usual.sessions))
            for label, value, mean, unit in figures
        )
    )


def _compare(value: float | None, mean: float | None, unit: str, earlier_sessions: int) -> str:
    """A number against the mean of the sessions before it."""
    if not earlier_sessions:
        return "the first session"
    if value is None or mean is None:
        return "nothing to compare with"
    difference = value - mean
    if abs(difference) < 0.5:
        return "as in earlier sessions"
    return f"{abs(difference):,.0f} {unit} {'more' if difference > 0 else 'less'} than before"


def _curve_card(context: PageContext, session: SessionDetail) -> Component:
    omissions = [
        *([f"{format_count(session.invalid, 'reading')} without skin contact left out"] if session.invalid else []),
        *([f"{format_count(session.gaps, 'gap')} of more than a minute"] if session.gaps else []),
    ]
    readings = f"{format_count(session.readings, 'valid reading')}, beats a minute over time (UTC)"
    if session.curve.num_rows:
        content = heart_rate_curve_chart(session)
    else:
        hint = "Late readings appear here by themselves."
        content = empty_state("No heart rate was received for this session.", hint)
    return card(
        "Heart rate",
        content,
        note="; ".join([readings, *omissions]),
        span=12,
        downloads=download_links("curve", context.url, "the readings of the session"),
    )


def _zones_card(context: PageContext, session: SessionDetail) -> Component:
    title = "Time in zones"
    if not session.zones:
        hint = "They appear when the profile has a date of birth."
        return card(title, empty_state("The age is not known, so there are no zones.", hint), span=5)
    formula = f"{session.max_heart_rate:.0f} bpm = 208 − 0.7 × {session.age} years (Tanaka 2001)"
    return card(
        title,
        zone_times(session.zones),
        note=f"Shares of the highest heart rate, {formula}",
        span=5,
        downloads=download_links("zones", context.url, "the time in each zone"),
    )


def _recovery_card(context: PageContext, session: SessionDetail) -> Component:
    title, note = "Recovery after the stop", "How far the heart rate falls; faster is fitter"
    if session.end_time is None:
        return card(title, empty_state("The session has no stop yet."), note, span=7)
    if session.recovery.at_stop is None or session.recovery.after_60 is None:
        content = empty_state("There are too few readings after the stop.", "One minute of them is needed.")
        return card(title, content, note, span=7)
    return card(
        title,
        recovery_chart(session),
        note,
        span=7,
        downloads=download_links("recovery", context.url, "the recovery"),
    )


def _earlier_card(context: PageContext, session: SessionDetail) -> Component:
    title, count = "Against earlier sessions", session.earlier.num_rows
    if not count:
        return card(title, empty_state("This is the person's first finished session."), span=12)
    same_workout = f"{session.same_workout_averages.sessions:,} of the same workout ({session.workout_id})"
    bars = "bars from the lowest to the highest heart rate"
    return card(
        title,
        earlier_sessions_chart(session),
        note=f"{format_count(count, 'earlier session')}, {same_workout}; {bars}",
        span=12,
        downloads=download_links("earlier", context.url, "earlier sessions"),
    )


def _recovery_rows(session: SessionDetail) -> pa.Table:
    """The heart rate at the stop and at the instants after it, with what it had fallen by."""
    recovery = session.recovery
    rates = (recovery.at_stop, recovery.after_60, recovery.after_120)
    drops = (None, recovery.drop_60, recovery.drop_120)
    return pa.table(
        {
            "seconds_after_stop": pa.array([0, 60, 120]),
            "heartrate": pa.array(rates, pa.float64()),
            "fell_by": pa.array(drops, pa.float64()),
        }
    )


PAGE = Page(
    path="/workouts",
    name="Session",
    icon="workouts",
    table_names=(
        "silver_db.workouts",
        "silver_db.completed_workouts",
        "silver_db.heart_rate",
        "silver_db.users",
        "silver_db.user_profile",
    ),
    render_header=render_header,
    render_body=render_body,
    downloads={
        "curve": rows_if_found(_find_session, lambda session: session.curve),
        "zones": rows_if_found(_find_session, lambda session: to_arrow(ZoneTime, session.zones)),
        "recovery": rows_if_found(_find_session, _recovery_rows),
        "earlier": rows_if_found(_find_session, lambda session: session.earlier),
    },
    is_in_navigation=False,
)
