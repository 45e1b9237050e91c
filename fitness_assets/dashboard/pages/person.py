"""One person: who it is, visits, workouts, and how the profile changed."""

import pyarrow as pa
import pyarrow.compute as pc
from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.cards import card, card_grid, pill, stat, stat_row
from fitness_assets.dashboard.components.charts import figures
from fitness_assets.dashboard.components.empty_state import empty_state
from fitness_assets.dashboard.components.error_boundary import error_boundary
from fitness_assets.dashboard.components.formatting import (
    format_age_group,
    format_count,
    format_date,
    format_datetime,
    format_minutes,
    format_number,
    format_share,
)
from fitness_assets.dashboard.components.page_header import page_header
from fitness_assets.dashboard.components.palette import BLUE, ORANGE
from fitness_assets.dashboard.components.tables.data_table import data_table, short_datetime
from fitness_assets.dashboard.components.tables.download_links import download_links
from fitness_assets.dashboard.components.tables.session_table import session_table
from fitness_assets.dashboard.page_url import parse_int
from fitness_assets.dashboard.pages.download_tables import rows_if_found
from fitness_assets.dashboard.pages.page import Page, PageContext
from fitness_assets.dashboard.queries.masking import MASK
from fitness_assets.dashboard.queries.people.person import Person, Profile, get_person

_PARENT = ("/people", "People")
_MAX_ROWS = 12
_MAX_WORKOUTS_IN_CHART = 200
_UPDATE_LABELS = {"new": "Profile made", "update": "Profile changed", "delete": "Profile deleted"}


def render_header(context: PageContext) -> Component:
    person = _find_person(context)
    if person is None:
        return page_header("Nobody known", "No table has a person of this number", parent=_PARENT)
    pills = [pill(label) for label in _profile_labels(person.profile)]
    if person.current_gym is not None:
        pills.insert(0, dcc.Link(f"in gym {person.current_gym} now", href="/", className="pill good"))
    pills.append(pill(f"number {person.user_id}"))
    return page_header(person.name, html.Span(pills, className="chips"), parent=_PARENT)


def render_body(context: PageContext) -> Component:
    person = _find_person(context)
    if person is None:
        link = dcc.Link("See everybody", href="/people", className="button")
        content = empty_state(f"Nothing is known of person {context.url.last_segment}.", link)
        return card_grid(card("Nobody known", content, span=12))
    cards = card_grid(
        error_boundary("Heart rate of each workout", lambda: _heart_rates_card(context, person), span=8),
        error_boundary("Profile changes", lambda: _profile_card(context, person), span=4),
        error_boundary("Workouts", lambda: _workouts_card(context, person), span=8),
        error_boundary("Visits", lambda: _visits_card(context, person), span=4),
    )
    return html.Div([_glance(person), cards], className="stack")


def _find_person(context: PageContext) -> Person | None:
    """The person whose user_id the path ends with."""
    user_id = parse_int(context.url.last_segment)
    return None if user_id is None else get_person(context.reader, user_id, context.now, context.unmasked).value


def _profile_labels(profile: Profile | None) -> list[str]:
    if profile is None:
        return ["no profile"]
    age = f"{format_age_group(profile.age)} years" if profile.age else None
    address_parts = (profile.street_address, profile.city, profile.state, profile.zip)
    address = ", ".join(part for part in address_parts if part and part != MASK)
    return [label for label in (age, profile.gender, address) if label]


def _glance(person: Person) -> Component:
    finished = sum(row["status"] == "finished" for row in person.workouts.to_pylist())
    wearable = "no wearable known"
    if person.device_id is not None:
        others = f" and {len(person.other_devices):,} more" if person.other_devices else ""
        wearable = f"wearable {person.device_id}{others}"
    return stat_row(
        stat(
            "Visits",
            format_number(person.visits.num_rows),
            note=f"{format_number(person.minutes_in_gym / 60, 1)} hours in the gym",
        ),
        stat(
            "Workouts",
            format_number(finished),
            note=f"{format_number(person.minutes_exercising / 60, 1)} hours exercising",
        ),
        stat(
            "A workout lasts",
            format_minutes(person.minutes_exercising / finished if finished else None),
            note="on average",
        ),
        stat(
            "Spent exercising",
            format_share(person.minutes_exercising, person.minutes_in_gym),
            note="of the time in the gym",
        ),
        stat("Registered", format_date(person.registered).partition(" ")[2] or "–", note=wearable),
    )


def _heart_rates_card(context: PageContext, person: Person) -> Component:
    title, workouts = "Heart rate of each workout", _heart_rate_rows(person).to_pylist()[-_MAX_WORKOUTS_IN_CHART:]
    if not workouts:
        return card(title, empty_state("No workout with heart rates yet."), span=8)
    times = [row["start_time"] for row in workouts]
    line = {"mode": "lines+markers", "hovertemplate": "%{y:.0f} bpm", "marker": {"size": 6}}
    figure = figures.figure(
        [
            figures.line_trace("highest", times, [row["max_bpm"] for row in workouts], ORANGE, **line),
            figures.line_trace("average", times, [row["avg_bpm"] for row in workouts], BLUE, **line),
        ],
        x={"title": "Start of the workout (UTC)", **figures.DATE_AXIS, "hoverformat": "%a %e %b %Y, %H:%M UTC"},
        y={"title": "beats a minute"},
    )
    description = "Average and highest heart rate of each workout over time"
    return card(
        title,
        figures.chart("heart-rates", figure, description, 260, with_legend=True),
        note=f"{format_count(len(workouts), 'workout')}, beats a minute",
        span=8,
        downloads=download_links("heart_rates", context.url, "the heart rate of each workout"),
    )


def _heart_rate_rows(person: Person) -> pa.Table:
    """The workouts whose heart rate is known, oldest first."""
    workouts = person.workouts.filter(pc.is_valid(person.workouts["avg_bpm"])).sort_by("start_time")
    return workouts.select(["workout_id", "session_id", "start_time", "avg_bpm", "max_bpm"])


def _workouts_card(context: PageContext, person: Person) -> Component:
    workouts = person.workouts.to_pylist()
    if not workouts:
        return card("Workouts", empty_state("No workout yet."), span=8)
    footer = []
    if len(workouts) > _MAX_ROWS:
        link = dcc.Link(f"See all {len(workouts):,}", href=f"/workouts?person={person.user_id}", className="button")
        footer = [html.Div([html.Span(f"The latest {_MAX_ROWS} of {len(workouts):,}"), link], className="list-footer")]
    return card(
        "Workouts",
        html.Div([session_table("Workouts", workouts[:_MAX_ROWS], with_person=False), *footer]),
        note="A start leads to its heart-rate curve; heart rates in beats a minute",
        span=8,
        downloads=download_links("workouts", context.url, "all workouts of the person"),
    )


def _visits_card(context: PageContext, person: Person) -> Component:
    visits = person.visits.to_pylist()
    if not visits:
        return card("Visits", empty_state("No visit to a gym yet."), span=4)
    cells = [
        (
            short_datetime(visit["login"]),
            f"Gym {visit['gym']}",
            format_minutes(visit["minutes"]) if visit["logout"] else pill("open"),
            format_minutes(visit["minutes_exercising"]) if visit["sessions"] else "–",
        )
        for visit in visits[:_MAX_ROWS]
    ]
    note = format_count(len(visits), "visit")
    if len(visits) > _MAX_ROWS:
        note = f"The latest {_MAX_ROWS} of {len(visits):,}"
    return card(
        "Visits",
        data_table("Visits", ("Came (UTC)", "Gym", "Stayed", "Exercised"), cells, numeric=(2, 3)),
        note,
        span=4,
        downloads=download_links("visits", context.url, "all visits of the person"),
    )


def _profile_card(context: PageContext, person: Person) -> Component:
    title = "Profile changes"
    entries = [
        html.Li(
            [
                html.Strong(_UPDATE_LABELS.get(change["update_type"], change["update_type"])),
                html.Span(f" {format_datetime(change['time'])} UTC", className="note"),
                html.Div(_describe_change(change), className="note"),
            ]
        )
        for change in person.profile_history.to_pylist()[:_MAX_ROWS]
    ]
    if not entries:
        return card(title, empty_state("No profile was ever sent."), span=4)
    return card(
        title,
        html.Div(html.Ol(entries, className="timeline"), className="scrollable"),
        note="Names, addresses and dates of birth are masked" if person.is_masked else "",
        span=4,
        downloads=download_links("profile_changes", context.url, "profile changes"),
    )


def _describe_change(change: dict[str, str | None]) -> str:
    if change["update_type"] != "update":
        return ""
    if not change["fields"]:
        return "nothing became other"
    return f"{change['fields'].replace('_', ' ')}: {change['before'] or '–'} → {change['after'] or '–'}"


PAGE = Page(
    path="/people",
    name="Person",
    icon="people",
    table_names=(
        "bronz_db.kafka_multiplex_bz",
        "silver_db.users",
        "silver_db.user_profile",
        "silver_db.user_bins",
        "silver_db.gym_logs",
        "silver_db.workouts",
        "silver_db.completed_workouts",
        "gold_db.workout_bpm_summary",
    ),
    render_header=render_header,
    render_body=render_body,
    downloads={
        "heart_rates": rows_if_found(_find_person, _heart_rate_rows),
        "workouts": rows_if_found(_find_person, lambda person: person.workouts),
        "visits": rows_if_found(_find_person, lambda person: person.visits),
        "profile_changes": rows_if_found(_find_person, lambda person: person.profile_history),
    },
    is_in_navigation=False,
)
