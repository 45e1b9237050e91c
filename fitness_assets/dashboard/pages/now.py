"""Now: who is in the gyms, who trains, how much arrives and how late, and how fresh every table is."""

from datetime import datetime, timedelta

from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.pages.page import Page, View
from fitness_assets.dashboard.questions import now as ask
from fitness_assets.dashboard.questions import quality
from fitness_assets.dashboard.rows import as_rows
from fitness_assets.dashboard.view import figures
from fitness_assets.dashboard.view.bar_list import Bar, bar_list, legend
from fitness_assets.dashboard.view.cards import Body, card, downloads, empty, grid, guarded, pill, since, stat, stats
from fitness_assets.dashboard.view.controls import switch
from fitness_assets.dashboard.view.heads import head as page_head
from fitness_assets.dashboard.view.hearts import zone_chip
from fitness_assets.dashboard.view.palette import BLUE, ORANGE
from fitness_assets.dashboard.view.tables import table
from fitness_assets.dashboard.view.words import counted, minutes, moment, number, span

_OLD = timedelta(hours=1)
_MOST_SHOWN = 12
_TILES = {"waiting": "waiting", "empty": "nothing", "not there": "nothing"}
_SOURCES = {"bpm": "Heart rates", "workout": "Workouts", "user_info": "Profiles", "gym_logins": "Gym logins"}


def head(view: View) -> Component:
    modes = (("now", "Live"), ("last", "Last recorded"))
    chosen = switch("at", "Moment", modes, view.address.get("at", "now"), "now")
    return page_head("Now", "Who is here, who trains, and whether the data keeps up", [chosen])


def body(view: View) -> Component:
    at = _moment(view)
    return html.Div(
        [
            guarded("At a glance", lambda: _glance(view, at)),
            grid(
                guarded("People in each gym", lambda: _gyms(view, at), span=5),
                guarded("Workouts under way", lambda: _workouts(view, at), span=7),
                guarded("Readings a second", lambda: _readings(view, at), span=7),
                guarded("Delay of each source", lambda: _delays(view, at), span=5),
                guarded("Last update of each table", lambda: _tables(view), span=12),
            ),
        ],
        className="stack",
    )


def _moment(view: View) -> datetime:
    """The present, or that of the newest reading: with it recorded data looks as if it were live."""
    if view.address.get("at") == "last":
        return ask.readings(view.lake, view.now).value.newest or ask.latest_moment(view.lake).value or view.now
    return view.now


def _glance(view: View, at: datetime) -> Component:
    gyms = ask.in_the_gyms(view.lake, at).value
    under_way = ask.workouts_under_way(view.lake, at, view.unmasked).value
    readings = ask.readings(view.lake, at).value
    hearts = next((one for one in ask.delays(view.lake, at).value if one.source == "bpm"), None)
    late = hearts.median_seconds if hearts else None
    busy = sum(gym.people > 0 for gym in gyms.gyms)
    newest: Body = ["newest ", since(readings.newest, view.now)] if readings.newest else "no reading yet"
    slow = "" if late is None else "good" if late < 30 else "warn"
    worst = f"19 of 20 within {span(hearts.p95_seconds)}" if hearts and hearts.p95_seconds is not None else newest
    shown = stats(
        stat("People in the gyms", number(gyms.people), "", f"in {busy} of {counted(len(gyms.gyms), 'gym')}"),
        stat("Workouts under way", number(under_way.count), "", f"{gyms.training:,} of them in a gym"),
        stat(
            "Readings a second", number(readings.per_second, 1), "", f"from {counted(readings.wearables, 'wearable')}"
        ),
        stat("Data delay", span(late), "", worst, slow),
    )
    return html.Div([*_quiet(view, at, readings.newest), shown])


def _quiet(view: View, at: datetime, newest: datetime | None) -> list[Component]:
    """What to know before the numbers: that they are of the past, or that nothing arrives."""
    if view.address.get("at") == "last":
        said = f"This is the last recorded moment: {moment(at, seconds=True)} UTC."
        return [html.P([said, " ", dcc.Link("Go back to the present", href="/")], className="notice")]
    if newest is not None and view.now - newest > _OLD:
        link = dcc.Link("Look at the last recorded moment", href="/?at=last")
        return [
            html.P(
                ["Nothing arrives just now: the newest reading is ", since(newest, view.now), ". ", link],
                className="notice",
            )
        ]
    return []


def _gyms(view: View, at: datetime) -> Component:
    answer = ask.in_the_gyms(view.lake, at)
    if answer.nothing:
        return card("People in each gym", empty(answer.nothing.what, answer.nothing.do), span=5)
    bars = [
        Bar(
            dcc.Link(f"Gym {gym.gym}", href=f"/gyms?gym={gym.gym}"),
            gym.people,
            number(gym.people),
            f"· {gym.training:,} training" if gym.people else "",
            gym.training,
        )
        for gym in answer.value.gyms
    ]
    note = f"{counted(answer.value.forgotten, 'visit')} of the last week never closed" if answer.value.forgotten else ""
    keys = legend([(BLUE, "in the gym"), (ORANGE, "of them training")])
    files = downloads("gyms", view.address, "people in each gym")
    return card("People in each gym", [keys, bar_list(bars, BLUE, ORANGE)], note, 5, files)


def _readings(view: View, at: datetime) -> Component:
    answer = ask.readings(view.lake, at)
    if answer.nothing:
        return card("Readings a second", empty(answer.nothing.what, answer.nothing.do), span=7)
    series = answer.value.series.to_pydict()
    drawn = figures.figure(
        [
            figures.area(
                "readings a second",
                series["time"],
                series["per_second"],
                hovertemplate="%{y:,.1f} a second<extra></extra>",
            )
        ],
        x={"title": "Time of measurement (UTC)", **figures.TIMES, "hoverformat": "%H:%M:%S UTC"},
        y={"title": "readings a second", "rangemode": "tozero"},
    )
    total = sum(series["per_second"]) * answer.value.stretch_seconds
    invalid = counted(answer.value.invalid, "reading")
    note = f"{number(total)} readings in 15 minutes; in the last minute {invalid} without skin contact"
    graph = figures.chart(
        "readings", drawn, f"Readings a second over the last 15 minutes, now {answer.value.per_second:,.1f}", 270
    )
    return card("Readings a second", graph, note, 7, downloads("readings", view.address, "readings a second"))


def _workouts(view: View, at: datetime) -> Component:
    answer = ask.workouts_under_way(view.lake, at, view.unmasked)
    title, note = "Workouts under way", "Started less than 3 hours ago and not stopped"
    if answer.nothing:
        return card(title, empty(answer.nothing.what, answer.nothing.do), span=7)
    rows = answer.value.workouts.to_pylist()
    if not rows:
        return card(
            title, empty("Nobody trains just now.", dcc.Link("See earlier workouts", href="/workouts")), note, 7
        )
    cells = [
        (
            dcc.Link(row["name"], href=f"/workouts/{row['user_id']}-{row['workout_id']}-{row['session_id']}"),
            "–" if row["gym"] is None else f"Gym {row['gym']}",
            f"{row['start_time']:%H:%M}",
            minutes(row["minutes"]),
            number(row["heartrate"]),
            zone_chip(row["zone"]) if row["heartrate"] is not None else "–",
        )
        for row in rows[:_MOST_SHOWN]
    ]
    shown = table(title, ("Person", "Gym", "Since (UTC)", "For", "bpm", "Zone"), cells, numbers=(3, 4), minor=(2,))
    left = len(rows) - _MOST_SHOWN
    more = [html.P(f"and {left:,} more in the download", className="note")] if left > 0 else []
    return card(title, [shown, *more], note, 7, downloads("workouts", view.address, "workouts under way"))


def _delays(view: View, at: datetime) -> Component:
    title, answer = "Delay of each source", ask.delays(view.lake, at)
    if answer.nothing:
        return card(title, empty(answer.nothing.what, answer.nothing.do), span=5)
    cells = [
        (
            _SOURCES.get(one.source, one.source),
            number(one.records),
            span(one.median_seconds),
            span(one.p95_seconds),
            since(one.last_load, view.now) if one.last_load else "never",
        )
        for one in answer.value
    ]
    names = ("Source", "Records", "Half within", "95 % within", "Last loaded")
    note = "From happening to being in the tables, over what was loaded in the last 15 minutes"
    files = downloads("delays", view.address, "the delay of each source")
    return card(title, table(title, names, cells, numbers=(1, 2, 3), minor=(1,)), note, 5, files)


def _tables(view: View) -> Component:
    title = "Last update of each table"
    tiles = [
        html.Li(
            [
                html.Span(one.table.partition(".")[2], className="name"),
                html.Span(since(one.changed, view.now) if one.changed else one.state, className="when"),
                html.Span([number(one.rows), " rows"], className="note"),
                *([pill(one.state, "warn")] if one.state == "waiting" else []),
            ],
            className=_TILES.get(one.state, ""),
            title=f"{one.table}: {one.state}",
        )
        for one in quality.tables(view.lake, view.now)
    ]
    note: Body = ["Sources first; ", dcc.Link("more under Data quality", href="/quality")]
    files = downloads("tables", view.address, "the state of each table")
    return card(title, html.Ul(tiles, className="freshness"), note, 12, files)


PAGE = Page(
    path="/",
    name="Now",
    icon="now",
    tables=tuple(all_tables()),
    head=head,
    body=body,
    files={
        "gyms": lambda view: as_rows(ask.GymNow, ask.in_the_gyms(view.lake, _moment(view)).value.gyms),
        "readings": lambda view: ask.readings(view.lake, _moment(view)).value.series,
        "workouts": lambda view: ask.workouts_under_way(view.lake, _moment(view), view.unmasked).value.workouts,
        "delays": lambda view: as_rows(ask.Delay, ask.delays(view.lake, _moment(view)).value),
        "tables": lambda view: as_rows(quality.TableState, quality.tables(view.lake, view.now)),
    },
    repaint_seconds=10,
)
