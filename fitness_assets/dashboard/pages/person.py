"""One person: who it is, visits, workouts, and how the profile changed."""

import pyarrow as pa
import pyarrow.compute as pc
from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.address import as_number
from fitness_assets.dashboard.pages.page import Page, View
from fitness_assets.dashboard.questions.person import Person
from fitness_assets.dashboard.questions.person import person as ask
from fitness_assets.dashboard.rows import rows_of
from fitness_assets.dashboard.view import figures
from fitness_assets.dashboard.view.cards import card, downloads, empty, grid, guarded, pill, stat, stats
from fitness_assets.dashboard.view.heads import head as page_head
from fitness_assets.dashboard.view.palette import BLUE, ORANGE
from fitness_assets.dashboard.view.sessions import session_table
from fitness_assets.dashboard.view.tables import short_moment, table
from fitness_assets.dashboard.view.words import counted, day, minutes, moment, number, share, years

_MOST = 12
_MOST_HEARTS = 200
_MASK = "•"


def head(view: View) -> Component:
    found = _found(view)
    if found is None:
        return page_head("Nobody known", "No table has a person of this number", back=("/people", "People"))
    profile = found.profile
    known = (
        [profile.age and f"{years(profile.age)} years", profile.gender, _address(found)] if profile else ["no profile"]
    )
    here = [dcc.Link(f"in gym {found.in_gym} now", href="/", className="pill good")] if found.in_gym is not None else []
    chips = [*here, *(pill(one) for one in known if one), pill(f"number {found.user_id}")]
    return page_head(found.name, html.Span(chips, className="chips"), back=("/people", "People"))


def body(view: View) -> Component:
    found = _found(view)
    if found is None:
        link = dcc.Link("See everybody", href="/people", className="button")
        return grid(card("Nobody known", empty(f"Nothing is known of person {view.address.last}.", link), span=12))
    finished = [row for row in found.workouts.to_pylist() if row["status"] == "finished"]
    glance = stats(
        stat("Visits", number(found.visits.num_rows), "", f"{number(found.minutes_in_gym / 60, 1)} hours in the gym"),
        stat("Workouts", number(len(finished)), "", f"{number(found.minutes_exercising / 60, 1)} hours exercising"),
        stat(
            "A workout lasts", minutes(found.minutes_exercising / len(finished) if finished else None), "", "on average"
        ),
        stat(
            "Spent exercising",
            share(found.minutes_exercising, found.minutes_in_gym),
            "",
            "of the time in the gym",
        ),
        stat("Registered", day(found.registered).partition(" ")[2] or "–", "", _device(found)),
    )
    cards = grid(
        guarded("Heart rate of each workout", lambda: _hearts(view, found), span=8),
        guarded("Profile changes", lambda: _changes(view, found), span=4),
        guarded("Workouts", lambda: _workouts(view, found), span=8),
        guarded("Visits", lambda: _visits(view, found), span=4),
    )
    return html.Div([glance, cards], className="stack")


def _found(view: View) -> Person | None:
    number_ = as_number(view.address.last)
    return None if number_ is None else ask(view.lake, number_, view.now, view.unmasked).value


def _address(found: Person) -> str:
    profile = found.profile
    parts = (profile.street_address, profile.city, profile.state, profile.zip) if profile else ()
    return ", ".join(part for part in parts if part and set(part) != {_MASK})


def _device(found: Person) -> str:
    if found.device_id is None:
        return "no wearable known"
    more = f" and {len(found.other_devices):,} more" if found.other_devices else ""
    return f"wearable {found.device_id}{more}"


def _hearts(view: View, found: Person) -> Component:
    rows = _with_hearts(found).to_pylist()[-_MOST_HEARTS:]
    if not rows:
        return card("Heart rate of each workout", empty("No workout with heart rates yet."), span=8)
    times = [row["start_time"] for row in rows]
    mode = {"mode": "lines+markers", "hovertemplate": "%{y:.0f} bpm", "marker": {"size": 6}}
    drawn = figures.figure(
        [
            figures.line("highest", times, [row["max_bpm"] for row in rows], ORANGE, **mode),
            figures.line("average", times, [row["avg_bpm"] for row in rows], BLUE, **mode),
        ],
        x={"title": "Start of the workout (UTC)", **figures.DAYS, "hoverformat": "%a %e %b %Y, %H:%M UTC"},
        y={"title": "beats a minute"},
    )
    graph = figures.chart("hearts", drawn, "Average and highest heart rate of each workout over time", 260, named=True)
    note = f"{counted(len(rows), 'workout')}, beats a minute"
    files = downloads("hearts", view.address, "the heart rate of each workout")
    return card("Heart rate of each workout", graph, note, 8, files)


def _with_hearts(found: Person) -> pa.Table:
    """The workouts whose heart rate is known, oldest first."""
    rows = found.workouts.filter(pc.is_valid(found.workouts["avg_bpm"])).sort_by("start_time")
    return rows.select(["workout_id", "session_id", "start_time", "avg_bpm", "max_bpm"])


def _workouts(view: View, found: Person) -> Component:
    rows = found.workouts.to_pylist()
    if not rows:
        return card("Workouts", empty("No workout yet."), span=8)
    more = dcc.Link(f"See all {len(rows):,}", href=f"/workouts?person={found.user_id}", className="button")
    foot = (
        [html.Div([html.Span(f"The latest {_MOST} of {len(rows):,}"), more], className="more")]
        if len(rows) > _MOST
        else []
    )
    shown = html.Div([session_table("Workouts", rows[:_MOST], person=False), *foot])
    note = "A start leads to its heart-rate curve; heart rates in beats a minute"
    return card("Workouts", shown, note, 8, downloads("workouts", view.address, "all workouts of the person"))


def _visits(view: View, found: Person) -> Component:
    rows = found.visits.to_pylist()
    if not rows:
        return card("Visits", empty("No visit to a gym yet."), span=4)
    cells = [
        (
            short_moment(row["login"]),
            f"Gym {row['gym']}",
            minutes(row["minutes"]) if row["logout"] else pill("open"),
            minutes(row["minutes_exercising"]) if row["sessions"] else "–",
        )
        for row in rows[:_MOST]
    ]
    shown = table("Visits", ("Came (UTC)", "Gym", "Stayed", "Exercised"), cells, numbers=(2, 3))
    note = f"The latest {_MOST} of {len(rows):,}" if len(rows) > _MOST else counted(len(rows), "visit")
    return card("Visits", shown, note, 4, downloads("visits", view.address, "all visits of the person"))


def _changes(view: View, found: Person) -> Component:
    words = {"new": "Profile made", "update": "Profile changed", "delete": "Profile deleted"}
    entries = [
        html.Li(
            [
                html.Strong(words.get(row["kind"], row["kind"])),
                html.Span(f" {moment(row['time'])} UTC", className="note"),
                html.Div(_difference(row), className="note"),
            ]
        )
        for row in found.changes.to_pylist()[:_MOST]
    ]
    if not entries:
        return card("Profile changes", empty("No profile was ever sent."), span=4)
    note = "Names, addresses and dates of birth are masked" if found.masked else ""
    return card(
        "Profile changes",
        html.Div(html.Ol(entries, className="timeline"), className="tall"),
        note,
        4,
        downloads("changes", view.address, "profile changes"),
    )


def _difference(row: dict[str, str | None]) -> str:
    if row["kind"] != "update":
        return ""
    if not row["what"]:
        return "nothing became other"
    return f"{row['what'].replace('_', ' ')}: {row['before'] or '–'} → {row['after'] or '–'}"


PAGE = Page(
    path="/people",
    name="Person",
    icon="people",
    tables=(
        "bronz_db.kafka_multiplex_bz",
        "silver_db.users",
        "silver_db.user_profile",
        "silver_db.user_bins",
        "silver_db.gym_logs",
        "silver_db.workouts",
        "silver_db.completed_workouts",
        "gold_db.workout_bpm_summary",
    ),
    head=head,
    body=body,
    files={
        "hearts": rows_of(_found, _with_hearts),
        "workouts": rows_of(_found, lambda found: found.workouts),
        "visits": rows_of(_found, lambda found: found.visits),
        "changes": rows_of(_found, lambda found: found.changes),
    },
    listed=False,
)
