"""The cards of visits by hour and weekday, a part of the page on gyms."""

import pyarrow as pa
from dash.development.base_component import Component

from fitness_assets.dashboard.components.bar_list import Bar, bar_list
from fitness_assets.dashboard.components.cards import card
from fitness_assets.dashboard.components.charts import figures
from fitness_assets.dashboard.components.formatting import format_count
from fitness_assets.dashboard.components.tables.download_links import download_links
from fitness_assets.dashboard.pages.gym_filters import (
    selected_gyms,
    selected_measure,
    selected_since,
    selected_time_zone,
)
from fitness_assets.dashboard.pages.page import PageContext
from fitness_assets.dashboard.queries.gyms.visits_by_hour import (
    HOURS_PER_WEEK,
    WEEKDAYS,
    VisitMeasure,
    VisitsByHour,
    count_visits_by_hour,
    find_busiest_hours,
)

_WEEKDAY_LABELS = tuple(name[:3] for name in WEEKDAYS)
_HOUR_TICKS = (0, 6, 12, 18)
_MAX_BUSIEST_HOURS = 12
_MEASURE_NOUNS: dict[VisitMeasure, str] = {"logins": "arrivals", "present": "people there"}


def heat_map_card(context: PageContext) -> Component:
    """A square an hour of the week."""
    visits, noun, time_zone = _fetch(context), _measure_noun(context), selected_time_zone(context)
    hover = "%{y} %{x}:00–%{x}:59<br>%{z:.1f} " + noun + "<extra></extra>"
    figure = figures.figure(
        [figures.heat_map_trace(list(range(24)), _WEEKDAY_LABELS, visits.means, f"{noun} an hour", hover)],
        x={
            "title": f"Hour of the day ({time_zone})",
            "tickvals": _HOUR_TICKS,
            "ticktext": [f"{hour:02d}:00" for hour in _HOUR_TICKS],
            "ticks": "",
        },
        y={"autorange": "reversed", "showgrid": False, "ticks": ""},
        hovermode="closest",
    )
    description = f"Heat map of {noun} by weekday and hour in {time_zone}; the busiest hours are listed in words"
    counted = format_count(visits.visits, "visit")
    return card(
        "Visits by hour and weekday",
        figures.chart("visits-by-hour", figure, description, 350),
        note=f"{noun.capitalize()} an hour, the mean over all such weekdays; {counted}",
        span=8,
        downloads=download_links("hours", context.url, "the hours of the week"),
    )


def busiest_hours_card(context: PageContext) -> Component:
    """A bar an hour, the busiest first."""
    bars = [
        Bar(
            label=f"{_WEEKDAY_LABELS[busy.weekday]} {busy.hour:02d}:00",
            value=busy.mean,
            text=f"{busy.mean:,.1f}",
            detail=f"· {busy.count:,} in all",
        )
        for busy in find_busiest_hours(_fetch(context), _MAX_BUSIEST_HOURS)
    ]
    return card(
        "Busiest hours",
        bar_list(bars),
        note=f"Mean {_measure_noun(context)} an hour, {selected_time_zone(context)}",
        span=4,
        downloads=download_links("busiest_hours", context.url, "the busiest hours"),
    )


def visits_by_hour_rows(context: PageContext) -> pa.Table:
    """A row an hour of the week."""
    visits = _fetch(context)
    return pa.Table.from_pylist([_row(visits, weekday, hour) for weekday in range(7) for hour in range(24)])


def busiest_hours_rows(context: PageContext) -> pa.Table:
    """All hours of the week with a visit, of which the card shows the first."""
    visits = _fetch(context)
    return pa.Table.from_pylist(
        [_row(visits, busy.weekday, busy.hour) for busy in find_busiest_hours(visits, HOURS_PER_WEEK)]
    )


def _fetch(context: PageContext) -> VisitsByHour:
    return count_visits_by_hour(
        context.reader,
        selected_gyms(context),
        selected_since(context),
        measure=selected_measure(context),
        time_zone=selected_time_zone(context),
        now=context.now,
    ).value


def _measure_noun(context: PageContext) -> str:
    return _MEASURE_NOUNS[selected_measure(context)]


def _row(visits: VisitsByHour, weekday: int, hour: int) -> dict[str, object]:
    return {
        "weekday": WEEKDAYS[weekday],
        "hour": hour,
        "time_zone": visits.time_zone,
        visits.measure: visits.counts[weekday][hour],
        "mean": visits.means[weekday][hour],
    }
