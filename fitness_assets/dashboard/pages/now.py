"""Now: who is in the gyms, who trains, how much arrives and how late, and how fresh every table is."""

from datetime import datetime, timedelta

from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.components.bar_list import Bar, bar_list, legend
from fitness_assets.dashboard.components.cards import Content, card, card_grid, stat, stat_row
from fitness_assets.dashboard.components.charts import figures
from fitness_assets.dashboard.components.empty_state import empty_state, no_tables
from fitness_assets.dashboard.components.error_boundary import error_boundary
from fitness_assets.dashboard.components.filters.inputs import segmented_control
from fitness_assets.dashboard.components.formatting import (
    format_count,
    format_datetime,
    format_duration,
    format_minutes,
    format_number,
)
from fitness_assets.dashboard.components.heart_rate_zones import zone_pill
from fitness_assets.dashboard.components.page_header import page_header
from fitness_assets.dashboard.components.palette import BLUE, ORANGE
from fitness_assets.dashboard.components.relative_time import relative_time
from fitness_assets.dashboard.components.tables.data_table import data_table
from fitness_assets.dashboard.components.tables.download_links import download_links
from fitness_assets.dashboard.components.tables.session_table import session_path
from fitness_assets.dashboard.pages.cards.table_status import last_updates_card, table_status_rows
from fitness_assets.dashboard.pages.download_tables import to_arrow
from fitness_assets.dashboard.pages.page import Page, PageContext
from fitness_assets.dashboard.queries.now.active_workouts import get_active_workouts
from fitness_assets.dashboard.queries.now.gym_occupancy import GymOccupancy, get_gym_occupancy
from fitness_assets.dashboard.queries.now.ingest_delay import IngestDelay, get_ingest_delays
from fitness_assets.dashboard.queries.now.ingest_rate import get_ingest_rate
from fitness_assets.dashboard.queries.now.latest_event import get_latest_event_time

_OUTDATED_AFTER = timedelta(hours=1)
_MAX_ROWS = 12
_GOOD_DELAY_SECONDS = 30
_SOURCE_NAMES = {"bpm": "Heart rates", "workout": "Workouts", "user_info": "Profiles", "gym_logins": "Gym logins"}


def render_header(context: PageContext) -> Component:
    modes = (("now", "Live"), ("last", "Last recorded"))
    moment = segmented_control("at", "Moment", modes, context.url.get("at", "now"), "now")
    return page_header("Now", "Who is here, who trains, and whether the data keeps up", [moment])


def render_body(context: PageContext) -> Component:
    instant = _shown_instant(context)
    return html.Div(
        [
            error_boundary("At a glance", lambda: _glance(context, instant)),
            card_grid(
                error_boundary("People in each gym", lambda: _occupancy_card(context, instant), span=5),
                error_boundary("Workouts under way", lambda: _workouts_card(context, instant), span=7),
                error_boundary("Readings a second", lambda: _ingest_rate_card(context, instant), span=7),
                error_boundary("Delay of each source", lambda: _delays_card(context, instant), span=5),
                error_boundary("Last update of each table", lambda: last_updates_card(context), span=12),
            ),
        ],
        className="stack",
    )


def _shown_instant(context: PageContext) -> datetime:
    """The present, or that of the newest reading: with it recorded data looks as if it were live."""
    if context.url.get("at") != "last":
        return context.now
    newest_reading = get_ingest_rate(context.reader, context.now).value.newest_at
    return newest_reading or get_latest_event_time(context.reader).value or context.now


def _glance(context: PageContext, instant: datetime) -> Component:
    occupancy = get_gym_occupancy(context.reader, instant).value
    workouts = get_active_workouts(context.reader, instant, context.unmasked).value
    rate = get_ingest_rate(context.reader, instant).value
    delays = get_ingest_delays(context.reader, instant).value
    delay = next((delay for delay in delays if delay.source == "bpm"), None)
    median_seconds = delay.median_seconds if delay else None
    busy_gyms = sum(gym.people > 0 for gym in occupancy.gyms)
    newest: Content = ["newest ", relative_time(rate.newest_at, context.now)] if rate.newest_at else "no reading yet"
    tone = "" if median_seconds is None else "good" if median_seconds < _GOOD_DELAY_SECONDS else "warn"
    if delay and delay.p95_seconds is not None:
        delay_note: Content = f"19 of 20 within {format_duration(delay.p95_seconds)}"
    else:
        delay_note = newest
    stats = stat_row(
        stat(
            "People in the gyms",
            format_number(occupancy.people),
            note=f"in {busy_gyms} of {format_count(len(occupancy.gyms), 'gym')}",
        ),
        stat("Workouts under way", format_number(workouts.count), note=f"{occupancy.training:,} of them in a gym"),
        stat(
            "Readings a second",
            format_number(rate.per_second, 1),
            note=f"from {format_count(rate.wearables, 'wearable')}",
        ),
        stat("Data delay", format_duration(median_seconds), note=delay_note, tone=tone),
    )
    return html.Div([*_notices(context, instant, rate.newest_at), stats])


def _notices(context: PageContext, instant: datetime, newest_reading: datetime | None) -> list[Component]:
    """What to know before the numbers: that they are of the past, or that nothing arrives."""
    if context.url.get("at") == "last":
        message = f"This is the last recorded moment: {format_datetime(instant, seconds=True)} UTC."
        return [html.P([message, " ", dcc.Link("Go back to the present", href="/")], className="notice")]
    if newest_reading is not None and context.now - newest_reading > _OUTDATED_AFTER:
        age = relative_time(newest_reading, context.now)
        link = dcc.Link("Look at the last recorded moment", href="/?at=last")
        return [html.P(["Nothing arrives just now: the newest reading is ", age, ". ", link], className="notice")]
    return []


def _occupancy_card(context: PageContext, instant: datetime) -> Component:
    title, result = "People in each gym", get_gym_occupancy(context.reader, instant)
    if result.empty_state:
        return card(title, no_tables(result.empty_state), span=5)
    bars = [
        Bar(
            label=dcc.Link(f"Gym {gym.gym}", href=f"/gyms?gym={gym.gym}"),
            value=gym.people,
            text=format_number(gym.people),
            detail=f"· {gym.training:,} training" if gym.people else "",
            part=gym.training,
        )
        for gym in result.value.gyms
    ]
    unclosed = result.value.unclosed_visits
    return card(
        title,
        [legend([(BLUE, "in the gym"), (ORANGE, "of them training")]), bar_list(bars, BLUE, ORANGE)],
        note=f"{format_count(unclosed, 'visit')} of the last week never closed" if unclosed else "",
        span=5,
        downloads=download_links("gyms", context.url, "people in each gym"),
    )


def _ingest_rate_card(context: PageContext, instant: datetime) -> Component:
    title, result = "Readings a second", get_ingest_rate(context.reader, instant)
    if result.empty_state:
        return card(title, no_tables(result.empty_state), span=7)
    rate = result.value
    series = rate.series.to_pydict()
    hover = "%{y:,.1f} a second<extra></extra>"
    figure = figures.figure(
        [figures.area_trace("readings a second", series["time"], series["per_second"], hovertemplate=hover)],
        x={"title": "Time of measurement (UTC)", **figures.TIME_AXIS, "hoverformat": "%H:%M:%S UTC"},
        y={"title": "readings a second", "rangemode": "tozero"},
    )
    total = sum(series["per_second"]) * rate.bucket_seconds
    description = f"Readings a second over the last 15 minutes, now {rate.per_second:,.1f}"
    invalid = format_count(rate.invalid, "reading")
    return card(
        title,
        figures.chart("readings", figure, description, 270),
        note=f"{format_number(total)} readings in 15 minutes; in the last minute {invalid} without skin contact",
        span=7,
        downloads=download_links("readings", context.url, "readings a second"),
    )


def _workouts_card(context: PageContext, instant: datetime) -> Component:
    title, note = "Workouts under way", "Started less than 3 hours ago and not stopped"
    result = get_active_workouts(context.reader, instant, context.unmasked)
    if result.empty_state:
        return card(title, no_tables(result.empty_state), span=7)
    workouts = result.value.rows.to_pylist()
    if not workouts:
        link = dcc.Link("See earlier workouts", href="/workouts")
        return card(title, empty_state("Nobody trains just now.", link), note, span=7)
    cells = [
        (
            dcc.Link(workout["name"], href=session_path(workout)),
            "–" if workout["gym"] is None else f"Gym {workout['gym']}",
            f"{workout['start_time']:%H:%M}",
            format_minutes(workout["minutes"]),
            format_number(workout["heartrate"]),
            zone_pill(workout["zone"]) if workout["heartrate"] is not None else "–",
        )
        for workout in workouts[:_MAX_ROWS]
    ]
    columns = ("Person", "Gym", "Since (UTC)", "For", "bpm", "Zone")
    left_out = len(workouts) - _MAX_ROWS
    footer = [html.P(f"and {left_out:,} more in the download", className="note")] if left_out > 0 else []
    return card(
        title,
        [data_table(title, columns, cells, numeric=(3, 4), minor=(2,)), *footer],
        note,
        span=7,
        downloads=download_links("workouts", context.url, "workouts under way"),
    )


def _delays_card(context: PageContext, instant: datetime) -> Component:
    title, result = "Delay of each source", get_ingest_delays(context.reader, instant)
    if result.empty_state:
        return card(title, no_tables(result.empty_state), span=5)
    cells = [
        (
            _SOURCE_NAMES.get(delay.source, delay.source),
            format_number(delay.records),
            format_duration(delay.median_seconds),
            format_duration(delay.p95_seconds),
            relative_time(delay.last_load, context.now) if delay.last_load else "never",
        )
        for delay in result.value
    ]
    columns = ("Source", "Records", "Half within", "95 % within", "Last loaded")
    return card(
        title,
        data_table(title, columns, cells, numeric=(1, 2, 3), minor=(1,)),
        note="From happening to being in the tables, over what was loaded in the last 15 minutes",
        span=5,
        downloads=download_links("delays", context.url, "the delay of each source"),
    )


PAGE = Page(
    path="/",
    name="Now",
    icon="now",
    table_names=tuple(all_tables()),
    render_header=render_header,
    render_body=render_body,
    downloads={
        "gyms": lambda context: to_arrow(
            GymOccupancy, get_gym_occupancy(context.reader, _shown_instant(context)).value.gyms
        ),
        "readings": lambda context: get_ingest_rate(context.reader, _shown_instant(context)).value.series,
        "workouts": lambda context: (
            get_active_workouts(context.reader, _shown_instant(context), context.unmasked).value.rows
        ),
        "delays": lambda context: to_arrow(
            IngestDelay, get_ingest_delays(context.reader, _shown_instant(context)).value
        ),
        "tables": table_status_rows,
    },
    repaint_seconds=10,
)
