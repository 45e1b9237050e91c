"""People: who they are in groups, how many come, and finding one of them."""

from typing import Any, get_args

import pyarrow as pa
from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.bar_list import Bar, bar_list
from fitness_assets.dashboard.components.cards import card, card_grid, stat, stat_row
from fitness_assets.dashboard.components.charts import figures
from fitness_assets.dashboard.components.empty_state import empty_state, no_tables
from fitness_assets.dashboard.components.error_boundary import error_boundary
from fitness_assets.dashboard.components.filters.inputs import segmented_control, text_input
from fitness_assets.dashboard.components.formatting import (
    format_age_group,
    format_count,
    format_date,
    format_number,
)
from fitness_assets.dashboard.components.page_header import page_header
from fitness_assets.dashboard.components.palette import BLUE, GREEN, ORANGE
from fitness_assets.dashboard.components.relative_time import relative_time
from fitness_assets.dashboard.components.tables.data_table import data_table
from fitness_assets.dashboard.components.tables.download_links import download_links
from fitness_assets.dashboard.pages.download_tables import to_arrow
from fitness_assets.dashboard.pages.page import Page, PageContext
from fitness_assets.dashboard.queries.people.demographics import Demographics, PeopleGroup, get_demographics
from fitness_assets.dashboard.queries.people.search import search_people
from fitness_assets.dashboard.queries.people.trends import TimeUnit, get_trends

_MAX_PLACES, _MATCHES_PER_PAGE, _MAX_MATCHES, _MAX_DOWNLOAD = 10, 25, 2_500, 1_000_000
_MAX_MARKERS = 60


def render_header(context: PageContext) -> Component:
    units = [(unit, f"By {unit}") for unit in get_args(TimeUnit)]
    example = "name, city …" if context.unmasked else "number, city …"
    filters = [
        text_input("find", "Find a person", context.url.get("find"), example),
        segmented_control("step", "Trend", units, _time_unit(context), "day"),
    ]
    return page_header("People", "Who trains here, where do they come from, and are there more of them", filters)


def render_body(context: PageContext) -> Component:
    result = get_demographics(context.reader)
    if result.empty_state:
        return card_grid(card("People", no_tables(result.empty_state), span=12))
    demographics = result.value
    places = demographics.places.to_pylist()
    matches = error_boundary("Find a person", lambda: _matches_card(context), span=12)
    cards = [
        error_boundary("Age", lambda: _ages_card(context, demographics), span=5),
        error_boundary(
            "Sex and gender", lambda: _sexes_card(context, demographics), span=3 if demographics.sexes else 4
        ),
        error_boundary("Places", lambda: _places_card(context, places), span=4),
        error_boundary("Trends", lambda: _trends_card(context), span=12),
    ]
    ordered = [matches, *cards] if context.url.get("find") else [*cards, matches]
    return html.Div([_glance(demographics, places), card_grid(*ordered)], className="stack")


def _time_unit(context: PageContext) -> TimeUnit:
    return next((unit for unit in get_args(TimeUnit) if unit == context.url.get("step")), "day")


def _glance(demographics: Demographics, places: list[dict[str, Any]]) -> Component:
    largest = max(demographics.ages, key=lambda group: group.people, default=None)
    people = format_count(largest.people, "person", "people") if largest else ""
    return stat_row(
        stat("Registered", format_number(demographics.registered), note="people with a wearable"),
        stat("Without a profile", format_number(demographics.without_profile), note="in no group below"),
        stat(
            "Largest age group",
            format_age_group(largest.value) if largest and largest.people else "–",
            note=f"{people}, {100 * largest.share:.0f} % of all" if largest else "",
        ),
        stat(
            "Places",
            format_number(len(places)),
            note=f"most from {_place_name(places[0])}" if places else "",
        ),
    )


def _ages_card(context: PageContext, demographics: Demographics) -> Component:
    groups = [group for group in demographics.ages if group.people or group.value != "invalid age"]
    return card(
        "Age",
        bar_list([_group_bar(format_age_group(group.value), group) for group in groups]),
        note="Years; the lower bound belongs to the group",
        span=5,
        downloads=download_links("ages", context.url, "people by age"),
    )


def _sexes_card(context: PageContext, demographics: Demographics) -> Component:
    content: list[Component] = []
    for heading, groups, colour in (("Sex", demographics.sexes, BLUE), ("Gender", demographics.genders, GREEN)):
        content += [html.H3(heading), bar_list([_group_bar(group.value, group) for group in groups], colour)]
    return card(
        "Sex and gender",
        content,
        note="Shares of all registered people",
        span=3,
        downloads=download_links("sexes", context.url, "people by sex and gender"),
    )


def _group_bar(label: str, group: PeopleGroup) -> Bar:
    return Bar(label=label, value=group.people, text=format_number(group.people), detail=f"· {100 * group.share:.0f} %")


def _places_card(context: PageContext, places: list[dict[str, Any]]) -> Component:
    bars = [
        Bar(label=_place_name(place), value=place["people"], text=format_number(place["people"]))
        for place in places[:_MAX_PLACES]
    ]
    note = "People by city"
    if len(places) > _MAX_PLACES:
        note = f"The {_MAX_PLACES} with the most people, of {len(places):,}"
    links = download_links("places", context.url, "people by place")
    return card("Places", bar_list(bars, ORANGE), note, span=4, downloads=links)


def _place_name(row: dict[str, Any], unknown: str = "unknown") -> str:
    return ", ".join(str(part) for part in (row["city"], row["state"]) if part) or unknown


def _trends_card(context: PageContext) -> Component:
    unit = _time_unit(context)
    result = get_trends(context.reader, unit)
    if result.empty_state or not result.value.rows.num_rows:
        hint = result.empty_state.hint if result.empty_state else ""
        return card("Trends", empty_state("Nothing has happened yet.", hint), span=12)
    rows = result.value.rows.to_pydict()
    begin, hover = rows["begin"], {"hovertemplate": "%{y:,}"}
    line = hover | {"mode": "lines+markers" if len(begin) < _MAX_MARKERS else "lines"}
    figure = figures.figure(
        [
            figures.bar_trace("new people", begin, rows["registrations"], GREEN, **hover),
            figures.area_trace("people in a gym", begin, rows["visitors"], BLUE, **line),
            figures.line_trace("people who trained", begin, rows["exercisers"], ORANGE, **line),
        ],
        x={"title": f"{unit.capitalize()} (UTC)", **figures.DATE_AXIS},
        y={"title": f"people a {unit}", "rangemode": "tozero"},
        bargap=0.6,
    )
    description = f"People who came, trained and registered each {unit}"
    return card(
        "Trends",
        figures.chart("trends", figure, description, 280, with_legend=True),
        note=f"Different people a {unit}; the first and the last one may be cut short",
        span=12,
        downloads=download_links("trends", context.url, "trends"),
    )


def _matches_card(context: PageContext) -> Component:
    text = context.url.get("find")
    limit = max(_MATCHES_PER_PAGE, min(context.url.get_int("limit") or 0, _MAX_MATCHES))
    matches = search_people(context.reader, text, context.unmasked, limit).value
    title = f"People who match “{text}”" if text else "Everybody"
    if not matches.total:
        hint = "Type a number, or the beginning of a city, state, gender or age"
        hint += ", first or last name." if context.unmasked else ". Names are masked, so they cannot be searched."
        return card(title, empty_state("Nobody matches.", hint), span=12)
    cells = [
        (
            dcc.Link(row["name"], href=f"/people/{row['user_id']}"),
            str(row["user_id"]),
            format_age_group(row["age"] or "–"),
            row["gender"] or "–",
            _place_name(row, "–"),
            format_number(row["visits"]),
            format_number(row["workouts"]),
            relative_time(row["last_seen"], context.now) if row["last_seen"] else "never",
            format_date(row["registered"]),
        )
        for row in matches.rows.to_pylist()
    ]
    columns = ("Person", "Number", "Age", "Gender", "Place", "Visits", "Workouts", "Last seen", "Registered (UTC)")
    footer = [_show_more(context, limit, matches.total)] if matches.total > limit else []
    return card(
        title,
        [data_table(title, columns, cells, numeric=(5, 6), minor=(2, 3, 4, 5, 8)), *footer],
        note=format_count(matches.total, "person", "people"),
        span=12,
        downloads=download_links("matches", context.url, "the people found"),
    )


def _show_more(context: PageContext, limit: int, total: int) -> Component:
    url = context.url.with_parameter("limit", str(limit + 2 * _MATCHES_PER_PAGE))
    button = dcc.Link("Show more", href=str(url), className="button")
    count = html.Span(f"The first {limit:,} of {total:,}; type above to find one")
    return html.Div([count, button], className="list-footer")


def _sexes_rows(context: PageContext) -> pa.Table:
    demographics = get_demographics(context.reader).value
    by = ["sex"] * len(demographics.sexes) + ["gender"] * len(demographics.genders)
    return to_arrow(PeopleGroup, (*demographics.sexes, *demographics.genders), by=by)


PAGE = Page(
    path="/people",
    name="People",
    icon="people",
    table_names=(
        "silver_db.users",
        "silver_db.user_profile",
        "silver_db.user_bins",
        "silver_db.gym_logs",
        "silver_db.workouts",
        "silver_db.completed_workouts",
    ),
    render_header=render_header,
    render_body=render_body,
    downloads={
        "ages": lambda context: to_arrow(PeopleGroup, get_demographics(context.reader).value.ages),
        "sexes": _sexes_rows,
        "places": lambda context: get_demographics(context.reader).value.places,
        "trends": lambda context: get_trends(context.reader, _time_unit(context)).value.rows,
        "matches": lambda context: (
            search_people(context.reader, context.url.get("find"), context.unmasked, _MAX_DOWNLOAD).value.rows
        ),
    },
)
