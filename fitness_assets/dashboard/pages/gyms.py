"""Gyms: when they are visited, and time in the gym against time exercising."""

from datetime import date, datetime

import pyarrow as pa
from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.pages.page import Page, View
from fitness_assets.dashboard.questions import gyms as ask
from fitness_assets.dashboard.rows import as_rows
from fitness_assets.dashboard.view import figures
from fitness_assets.dashboard.view.bar_list import Bar, bar_list
from fitness_assets.dashboard.view.cards import card, downloads, empty, grid, guarded, stat, stats
from fitness_assets.dashboard.view.controls import choice, switch
from fitness_assets.dashboard.view.heads import head as page_head
from fitness_assets.dashboard.view.palette import BLUE, GREY, ORANGE
from fitness_assets.dashboard.view.periods import beginning, in_words, period_filter
from fitness_assets.dashboard.view.time_zones import TIME_ZONES
from fitness_assets.dashboard.view.words import counted, minutes, number

_SHORT = tuple(name[:3] for name in ask.WEEKDAYS)
_TICKS = (0, 6, 12, 18)
_MOST_HOURS, _MOST_DOTS = 12, 800
_COUNTED: tuple[tuple[ask.Measure, str], ...] = (("logins", "Arrivals"), ("present", "People there"))


def head(view: View) -> Component:
    chosen = view.address
    gyms = [("", "All gyms"), *((str(gym), f"Gym {gym}") for gym in ask.gyms(view.lake).value)]
    filters = [
        choice("gym", "Gym", gyms, chosen.get("gym")),
        choice("zone", "Hours of the day in", TIME_ZONES, _zone(view), "UTC"),
        switch("count", "Count", _COUNTED, _measure(view), "logins"),
        period_filter(chosen.get("period", "all")),
    ]
    return page_head("Gyms", "When are they busy, and how much of the time is spent exercising", filters)


def body(view: View) -> Component:
    days = ask.span(view.lake)
    if days.nothing:
        return grid(card("Gyms", empty(days.nothing.what, days.nothing.do), span=12))
    times = ask.time_in_gyms(view.lake, _which(view), _since(view)).value
    if not times.all.visits:
        return grid(card("Gyms", empty("No visit matches.", "Choose another gym or a longer period."), span=12))
    first, last = days.value or (None, None)
    whole = times.all
    glance = stats(
        stat("Visits", number(whole.visits), "", in_words(_since(view), first, last)),
        stat("People", number(whole.people), "", f"{whole.visits / whole.people:,.1f} visits each"),
        stat("A visit lasts", minutes(whole.mean_visit), "", f"{whole.open_visits:,} still open or never closed"),
        stat(
            "Spent exercising",
            "–" if whole.share is None else f"{100 * whole.share:.0f} %",
            "",
            "of the time in the gym",
        ),
    )
    cards = grid(
        guarded("Visits by hour and weekday", lambda: _heat(view), span=8),
        guarded("Busiest hours", lambda: _busiest(view), span=4),
        guarded("In the gym against exercising", lambda: _times(view, times), span=6),
        guarded("Visits a day", lambda: _days(view), span=6),
        guarded("Each visit", lambda: _visits(view), span=12),
    )
    return html.Div([glance, cards], className="stack")


def _which(view: View) -> tuple[int, ...]:
    gym = view.address.number("gym")
    return () if gym is None else (gym,)


def _measure(view: View) -> ask.Measure:
    return next((measure for measure, _ in _COUNTED if measure == view.address.get("count")), "logins")


def _zone(view: View) -> str:
    return view.address.get("zone", "UTC")


def _since(view: View) -> datetime | None:
    days = ask.span(view.lake).value
    return beginning(view.address.get("period", "all"), days[1] if days else None)


def _week(view: View) -> ask.Week:
    return ask.visits_by_hour(
        view.lake, _which(view), _since(view), measure=_measure(view), time_zone=_zone(view), now=view.now
    ).value


def _heat(view: View) -> Component:
    week = _week(view)
    what = "arrivals" if week.measure == "logins" else "people there"
    drawn = figures.figure(
        [
            figures.heat_map(
                list(range(24)),
                _SHORT,
                week.means,
                f"{what} an hour",
                "%{y} %{x}:00–%{x}:59<br>%{z:.1f} " + what + "<extra></extra>",
            )
        ],
        x={
            "title": f"Hour of the day ({_zone(view)})",
            "tickvals": _TICKS,
            "ticktext": [f"{hour:02d}:00" for hour in _TICKS],
            "ticks": "",
        },
        y={"autorange": "reversed", "showgrid": False, "ticks": ""},
        hovermode="closest",
    )
    says = f"Heat map of {what} by weekday and hour in {_zone(view)}; the busiest hours are listed in words"
    note = f"{what.capitalize()} an hour, the mean over all such weekdays; {counted(week.visits, 'visit')}"
    return card(
        "Visits by hour and weekday",
        figures.chart("week", drawn, says, 350),
        note,
        8,
        downloads("week", view.address, "the hours of the week"),
    )


def _busiest(view: View) -> Component:
    bars = [
        Bar(f"{_SHORT[one.weekday]} {one.hour:02d}:00", one.mean, f"{one.mean:,.1f}", f"· {one.count:,} in all")
        for one in ask.busiest_hours(_week(view), _MOST_HOURS)
    ]
    what = "arrivals" if _measure(view) == "logins" else "people there"
    files = downloads("busiest", view.address, "the busiest hours")
    return card("Busiest hours", bar_list(bars), f"Mean {what} an hour, {_zone(view)}", 4, files)


def _times(view: View, times: ask.GymTimes) -> Component:
    labels = [str(one.gym) for one in times.gyms]
    drawn = figures.figure(
        [
            figures.bars(
                "in the gym", labels, [one.minutes_in_gym / 60 for one in times.gyms], BLUE, hovertemplate="%{y:,.1f} h"
            ),
            figures.bars(
                "exercising",
                labels,
                [one.minutes_exercising / 60 for one in times.gyms],
                ORANGE,
                hovertemplate="%{y:,.1f} h",
            ),
        ],
        x={"title": "gym", "type": "category"},
        y={"title": "hours"},
        barmode="group",
        bargap=0.3,
    )
    note = "Hours of closed visits, and of finished workouts that began during them"
    graph = figures.chart("times", drawn, "Hours in each gym against hours exercising there", 280, named=True)
    return card("In the gym against exercising", graph, note, 6, downloads("times", view.address, "time in each gym"))


def _days(view: View) -> Component:
    rows = ask.visits_by_day(view.lake, _which(view), _since(view), time_zone=_zone(view)).value.to_pylist()
    visits: dict[date, int] = {}
    for row in rows:
        visits[row["day"]] = visits.get(row["day"], 0) + row["visits"]
    drawn = figures.figure(
        [figures.bars("visits", list(visits), list(visits.values()), hovertemplate="%{y:,} visits<extra></extra>")],
        x={"title": f"Day ({_zone(view)})", "type": "date", **figures.DAYS},
        y={"title": "visits"},
        bargap=0.15,
    )
    graph = figures.chart("days", drawn, "Visits of each day", 300)
    note = "By the day of the login; the download has each gym"
    return card("Visits a day", graph, note, 6, downloads("days", view.address, "visits a day"))


def _visits(view: View) -> Component:
    rows = ask.visits_with_workouts(view.lake, _which(view), _since(view), most=_MOST_DOTS).value.to_pydict()
    if not rows["gym"]:
        return card("Each visit", empty("No visit with a finished workout matches."), span=12)
    longest = max(*rows["minutes_in_gym"], *rows["minutes_exercising"])
    text = [
        f"Gym {gym}, {login:%a} {login.day} {login:%b %H:%M} UTC"
        for gym, login in zip(rows["gym"], rows["login"], strict=True)
    ]
    dots = {
        "type": "scatter", "mode": "markers", "name": "a visit", "text": text,
        "x": rows["minutes_in_gym"], "y": rows["minutes_exercising"],
        "hovertemplate": "%{text}<br>%{x:.0f} min in the gym, %{y:.0f} exercising<extra></extra>",
        "marker": {"color": BLUE, "size": 7, "opacity": 0.45},
    }  # fmt: skip
    even = figures.line("all of it exercising", [0, longest], [0, longest], GREY, hoverinfo="skip")
    even["line"] |= {"dash": "dot", "width": 1.5}
    drawn = figures.figure(
        [dots, even],
        x={"title": "minutes in the gym", "rangemode": "tozero"},
        y={"title": "minutes exercising", "rangemode": "tozero"},
        hovermode="closest",
    )
    which = f"the latest {_MOST_DOTS:,}" if len(text) == _MOST_DOTS else f"{len(text):,} in all"
    note = f"A dot a visit with a finished workout; {which}"
    says = "Minutes in the gym against minutes exercising, a dot a visit"
    graph = figures.chart("visits", drawn, says, 320, named=True)
    return card("Each visit", graph, note, 12, downloads("visits", view.address, "visits with workouts"))


def _week_rows(view: View) -> pa.Table:
    week = _week(view)
    return pa.Table.from_pylist([_hour(week, day, hour) for day in range(7) for hour in range(24)])


def _busiest_rows(view: View) -> pa.Table:
    """All hours of the week with a visit, of which the card shows the first."""
    week = _week(view)
    return pa.Table.from_pylist([_hour(week, one.weekday, one.hour) for one in ask.busiest_hours(week, 7 * 24)])


def _hour(week: ask.Week, day: int, hour: int) -> dict[str, object]:
    return {
        "weekday": ask.WEEKDAYS[day],
        "hour": hour,
        "time_zone": week.time_zone,
        week.measure: week.counts[day][hour],
        "mean": week.means[day][hour],
    }


PAGE = Page(
    path="/gyms",
    name="Gyms",
    icon="gyms",
    tables=("silver_db.gym_logs", "silver_db.completed_workouts", "silver_db.users", "gold_db.gym_summary"),
    head=head,
    body=body,
    files={
        "week": _week_rows,
        "busiest": _busiest_rows,
        "times": lambda view: as_rows(ask.GymTime, ask.time_in_gyms(view.lake, _which(view), _since(view)).value.gyms),
        "days": lambda view: ask.visits_by_day(view.lake, _which(view), _since(view), time_zone=_zone(view)).value,
        "visits": lambda view: ask.visits_with_workouts(view.lake, _which(view), _since(view), most=None).value,
    },
)
