"""Gyms: when they are visited, and time in the gym against time exercising."""

from datetime import date

from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.cards import card, card_grid, stat, stat_row
from fitness_assets.dashboard.components.charts import figures
from fitness_assets.dashboard.components.empty_state import empty_state, no_tables
from fitness_assets.dashboard.components.error_boundary import error_boundary
from fitness_assets.dashboard.components.filters.inputs import segmented_control, select
from fitness_assets.dashboard.components.filters.period import period_filter, period_label
from fitness_assets.dashboard.components.filters.time_zones import TIME_ZONE_OPTIONS
from fitness_assets.dashboard.components.formatting import MISSING, format_minutes, format_number
from fitness_assets.dashboard.components.page_header import page_header
from fitness_assets.dashboard.components.palette import BLUE, GREY, ORANGE
from fitness_assets.dashboard.components.tables.download_links import download_links
from fitness_assets.dashboard.pages.cards.visits_by_hour import (
    busiest_hours_card,
    busiest_hours_rows,
    heat_map_card,
    visits_by_hour_rows,
)
from fitness_assets.dashboard.pages.download_tables import to_arrow
from fitness_assets.dashboard.pages.gym_filters import (
    MEASURE_OPTIONS,
    selected_gyms,
    selected_measure,
    selected_since,
    selected_time_zone,
)
from fitness_assets.dashboard.pages.page import Page, PageContext
from fitness_assets.dashboard.queries.gyms.time_in_gyms import GymTime, GymTimes, get_time_in_gyms
from fitness_assets.dashboard.queries.gyms.visits import (
    count_visits_by_day,
    get_login_dates,
    list_gyms,
    list_visits_with_workouts,
)

_MAX_DOTS = 800


def render_header(context: PageContext) -> Component:
    url = context.url
    gyms = [(str(gym), f"Gym {gym}") for gym in list_gyms(context.reader).value]
    filters = [
        select("gym", "Gym", [("", "All gyms"), *gyms], url.get("gym")),
        select("zone", "Hours of the day in", TIME_ZONE_OPTIONS, selected_time_zone(context), "UTC"),
        segmented_control("count", "Count", MEASURE_OPTIONS, selected_measure(context), "logins"),
        period_filter(url.get("period", "all")),
    ]
    return page_header("Gyms", "When are they busy, and how much of the time is spent exercising", filters)


def render_body(context: PageContext) -> Component:
    login_dates = get_login_dates(context.reader)
    if login_dates.empty_state:
        return card_grid(card("Gyms", no_tables(login_dates.empty_state), span=12))
    times = _fetch_times(context)
    if not times.total.visits:
        content = empty_state("No visit matches.", "Choose another gym or a longer period.")
        return card_grid(card("Gyms", content, span=12))
    first, last = login_dates.value or (None, None)
    cards = card_grid(
        error_boundary("Visits by hour and weekday", lambda: heat_map_card(context), span=8),
        error_boundary("Busiest hours", lambda: busiest_hours_card(context), span=4),
        error_boundary("In the gym against exercising", lambda: _time_card(context, times), span=6),
        error_boundary("Visits a day", lambda: _days_card(context), span=6),
        error_boundary("Each visit", lambda: _visits_card(context), span=12),
    )
    glance = _glance(times.total, period_label(selected_since(context), first, last))
    return html.Div([glance, cards], className="stack")


def _fetch_times(context: PageContext) -> GymTimes:
    return get_time_in_gyms(context.reader, selected_gyms(context), selected_since(context)).value


def _glance(total: GymTime, period: str) -> Component:
    share = total.exercising_share
    return stat_row(
        stat("Visits", format_number(total.visits), note=period),
        stat("People", format_number(total.people), note=f"{total.visits / total.people:,.1f} visits each"),
        stat(
            "A visit lasts",
            format_minutes(total.mean_visit_minutes),
            note=f"{total.open_visits:,} still open or never closed",
        ),
        stat("Spent exercising", MISSING if share is None else f"{100 * share:.0f} %", note="of the time in the gym"),
    )


def _time_card(context: PageContext, times: GymTimes) -> Component:
    labels = [str(gym.gym) for gym in times.gyms]
    in_gym = [gym.minutes_in_gym / 60 for gym in times.gyms]
    exercising = [gym.minutes_exercising / 60 for gym in times.gyms]
    hover = "%{y:,.1f} h"
    figure = figures.figure(
        [
            figures.bar_trace("in the gym", labels, in_gym, BLUE, hovertemplate=hover),
            figures.bar_trace("exercising", labels, exercising, ORANGE, hovertemplate=hover),
        ],
        x={"title": "gym", "type": "category"},
        y={"title": "hours"},
        barmode="group",
        bargap=0.3,
    )
    description = "Hours in each gym against hours exercising there"
    return card(
        "In the gym against exercising",
        figures.chart("time-in-gyms", figure, description, 280, with_legend=True),
        note="Hours of closed visits, and of finished workouts that began during them",
        span=6,
        downloads=download_links("time_in_gyms", context.url, "time in each gym"),
    )


def _days_card(context: PageContext) -> Component:
    time_zone = selected_time_zone(context)
    rows = count_visits_by_day(
        context.reader, selected_gyms(context), selected_since(context), time_zone=time_zone
    ).value.to_pylist()
    visits: dict[date, int] = {}
    for row in rows:
        visits[row["day"]] = visits.get(row["day"], 0) + row["visits"]
    hover = "%{y:,} visits<extra></extra>"
    figure = figures.figure(
        [figures.bar_trace("visits", list(visits), list(visits.values()), hovertemplate=hover)],
        x={"title": f"Day ({time_zone})", "type": "date", **figures.DATE_AXIS},
        y={"title": "visits"},
        bargap=0.15,
    )
    return card(
        "Visits a day",
        figures.chart("days", figure, "Visits of each day", 300),
        note="By the day of the login; the download has each gym",
        span=6,
        downloads=download_links("days", context.url, "visits a day"),
    )


def _visits_card(context: PageContext) -> Component:
    visits = list_visits_with_workouts(
        context.reader, selected_gyms(context), selected_since(context), limit=_MAX_DOTS
    ).value.to_pydict()
    if not visits["gym"]:
        return card("Each visit", empty_state("No visit with a finished workout matches."), span=12)
    labels = [
        f"Gym {gym}, {login:%a} {login.day} {login:%b %H:%M} UTC"
        for gym, login in zip(visits["gym"], visits["login"], strict=True)
    ]
    dots = {
        "type": "scatter", "mode": "markers", "name": "a visit", "text": labels,
        "x": visits["minutes_in_gym"], "y": visits["minutes_exercising"],
        "hovertemplate": "%{text}<br>%{x:.0f} min in the gym, %{y:.0f} exercising<extra></extra>",
        "marker": {"color": BLUE, "size": 7, "opacity": 0.45},
    }  # fmt: skip
    longest = max(*visits["minutes_in_gym"], *visits["minutes_exercising"])
    diagonal = figures.line_trace("all of it exercising", [0, longest], [0, longest], GREY, hoverinfo="skip")
    diagonal["line"] |= {"dash": "dot", "width": 1.5}
    figure = figures.figure(
        [dots, diagonal],
        x={"title": "minutes in the gym", "rangemode": "tozero"},
        y={"title": "minutes exercising", "rangemode": "tozero"},
        hovermode="closest",
    )
    count = f"the latest {_MAX_DOTS:,}" if len(labels) == _MAX_DOTS else f"{len(labels):,} in all"
    description = "Minutes in the gym against minutes exercising, a dot a visit"
    return card(
        "Each visit",
        figures.chart("visits", figure, description, 320, with_legend=True),
        note=f"A dot a visit with a finished workout; {count}",
        span=12,
        downloads=download_links("visits", context.url, "visits with workouts"),
    )


PAGE = Page(
    path="/gyms",
    name="Gyms",
    icon="gyms",
    table_names=("silver_db.gym_logs", "silver_db.completed_workouts", "silver_db.users", "gold_db.gym_summary"),
    render_header=render_header,
    render_body=render_body,
    downloads={
        "hours": visits_by_hour_rows,
        "busiest_hours": busiest_hours_rows,
        "time_in_gyms": lambda context: to_arrow(GymTime, _fetch_times(context).gyms),
        "days": lambda context: (
            count_visits_by_day(
                context.reader, selected_gyms(context), selected_since(context), time_zone=selected_time_zone(context)
            ).value
        ),
        "visits": lambda context: (
            list_visits_with_workouts(context.reader, selected_gyms(context), selected_since(context), limit=None).value
        ),
    },
)
