"""People: who they are in groups, how many come, and finding one of them."""

from typing import get_args

import pyarrow as pa
from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.address import Address
from fitness_assets.dashboard.pages.page import Page, View
from fitness_assets.dashboard.questions import people as ask
from fitness_assets.dashboard.rows import as_rows
from fitness_assets.dashboard.view import figures
from fitness_assets.dashboard.view.bar_list import Bar, bar_list
from fitness_assets.dashboard.view.cards import card, downloads, empty, grid, guarded, since, stat, stats
from fitness_assets.dashboard.view.controls import switch, typed
from fitness_assets.dashboard.view.heads import head as page_head
from fitness_assets.dashboard.view.palette import BLUE, GREEN, ORANGE
from fitness_assets.dashboard.view.tables import table
from fitness_assets.dashboard.view.words import counted, day, number, years

_MOST_PLACES, _MOST_FOUND = 10, 25


def head(view: View) -> Component:
    steps = [(step, f"By {step}") for step in get_args(ask.Step)]
    example = "name, city …" if view.unmasked else "number, city …"
    filters = [
        typed("find", "Find a person", view.address.get("find"), example),
        switch("step", "Trend", steps, _step(view), "day"),
    ]
    return page_head("People", "Who trains here, where do they come from, and are there more of them", filters)


def body(view: View) -> Component:
    answer = ask.groups(view.lake)
    if answer.nothing:
        return grid(card("People", empty(answer.nothing.what, answer.nothing.do), span=12))
    groups = answer.value
    shares = {one.value: one for one in groups.sexes}
    largest = max(groups.ages, key=lambda one: one.people, default=None)
    places = groups.places.to_pylist()
    glance = stats(
        stat("Registered", number(groups.registered), "", "people with a wearable"),
        stat("Without a profile", number(groups.without_profile), "", "in no group below"),
        stat("Largest age group", years(largest.value) if largest and largest.people else "–", "", _of(largest)),
        stat("Places", number(len(places)), "", f"most from {_place(places[0])}" if places else ""),
    )
    found = guarded("Find a person", lambda: _found(view), span=12)
    cards = [
        guarded("Age", lambda: _ages(view, groups), span=5),
        guarded("Sex and gender", lambda: _sexes(view, groups), span=3 if shares else 4),
        guarded("Places", lambda: _places(view, places), span=4),
        guarded("Trends", lambda: _trends(view), span=12),
    ]
    ordered = [found, *cards] if view.address.get("find") else [*cards, found]
    return html.Div([glance, grid(*ordered)], className="stack")


def _step(view: View) -> ask.Step:
    return next((step for step in get_args(ask.Step) if step == view.address.get("step")), "day")


def _of(group: ask.Group | None) -> str:
    return f"{counted(group.people, 'person', 'people')}, {100 * group.share:.0f} % of all" if group else ""


def _ages(view: View, groups: ask.Groups) -> Component:
    shown = [one for one in groups.ages if one.people or one.value != "invalid age"]
    bars = [Bar(years(one.value), one.people, number(one.people), f"· {100 * one.share:.0f} %") for one in shown]
    note = "Years; the lower bound belongs to the group"
    return card("Age", bar_list(bars), note, 5, downloads("ages", view.address, "people by age"))


def _sexes(view: View, groups: ask.Groups) -> Component:
    parts: list[Component] = []
    for name, members, colour in (("Sex", groups.sexes, BLUE), ("Gender", groups.genders, GREEN)):
        bars = [Bar(one.value, one.people, number(one.people), f"· {100 * one.share:.0f} %") for one in members]
        parts += [html.H3(name), bar_list(bars, colour)]
    files = downloads("sexes", view.address, "people by sex and gender")
    return card("Sex and gender", parts, "Shares of all registered people", 3, files)


def _places(view: View, places: list[dict[str, object]]) -> Component:
    bars = [Bar(_place(one), int(str(one["people"])), f"{one['people']:,}") for one in places[:_MOST_PLACES]]
    note = (
        f"The {_MOST_PLACES} with the most people, of {len(places):,}"
        if len(places) > _MOST_PLACES
        else "People by city"
    )
    return card("Places", bar_list(bars, ORANGE), note, 4, downloads("places", view.address, "people by place"))


def _place(row: dict[str, object], nowhere: str = "unknown") -> str:
    return ", ".join(str(part) for part in (row["city"], row["state"]) if part) or nowhere


def _trends(view: View) -> Component:
    answer = ask.trends(view.lake, _step(view))
    if answer.nothing or not answer.value.rows.num_rows:
        said = empty("Nothing has happened yet.", answer.nothing.do if answer.nothing else "")
        return card("Trends", said, span=12)
    rows = answer.value.rows.to_pydict()
    begin, hover = rows["begin"], {"hovertemplate": "%{y:,}"}
    mode = hover | {"mode": "lines+markers" if len(begin) < 60 else "lines"}
    drawn = figures.figure(
        [
            figures.bars("new people", begin, rows["registrations"], GREEN, **hover),
            figures.area("people in a gym", begin, rows["visitors"], BLUE, **mode),
            figures.line("people who trained", begin, rows["exercisers"], ORANGE, **mode),
        ],
        x={
            "title": f"{_step(view).capitalize()} (UTC)",
            **figures.DAYS,
        },
        bargap=0.6,
        y={"title": f"people a {_step(view)}", "rangemode": "tozero"},
    )
    says = f"People who came, trained and registered each {_step(view)}"
    graph = figures.chart("trends", drawn, says, 280, named=True)
    note = f"Different people a {_step(view)}; the first and the last one may be cut short"
    return card("Trends", graph, note, 12, downloads("trends", view.address, "trends"))


def _found(view: View) -> Component:
    text = view.address.get("find")
    most = max(_MOST_FOUND, min(view.address.number("most") or 0, 100 * _MOST_FOUND))
    found = ask.search(view.lake, text, view.unmasked, most).value
    title = f"People who match “{text}”" if text else "Everybody"
    if not found.total:
        hint = "Type a number, or the beginning of a city, state, gender or age"
        hint += ", first or last name." if view.unmasked else ". Names are masked, so they cannot be searched."
        return card(title, empty("Nobody matches.", hint), span=12)
    cells = [
        (
            dcc.Link(row["name"], href=f"/people/{row['user_id']}"),
            str(row["user_id"]),
            years(row["age"] or "–"),
            row["gender"] or "–",
            _place(row, "–"),
            number(row["visits"]),
            number(row["workouts"]),
            since(row["last_seen"], view.now) if row["last_seen"] else "never",
            day(row["registered"]),
        )
        for row in found.rows.to_pylist()
    ]
    names = ("Person", "Number", "Age", "Gender", "Place", "Visits", "Workouts", "Last seen", "Registered (UTC)")
    shown = table(title, names, cells, numbers=(5, 6), minor=(2, 3, 4, 5, 8))
    note = counted(found.total, "person", "people")
    more = [_more(view, most, found.total)] if found.total > most else []
    return card(title, [shown, *more], note, 12, downloads("found", view.address, "the people found"))


def _more(view: View, most: int, total: int) -> Component:
    address = Address(view.address.path, {**view.address.chosen, "most": str(most + 2 * _MOST_FOUND)})
    button = dcc.Link("Show more", href=str(address), className="button")
    return html.Div([html.Span(f"The first {most:,} of {total:,}; type above to find one"), button], className="more")


def _sexes_rows(view: View) -> pa.Table:
    found = ask.groups(view.lake).value
    by = ["sex"] * len(found.sexes) + ["gender"] * len(found.genders)
    return as_rows(ask.Group, (*found.sexes, *found.genders), by=by)


PAGE = Page(
    path="/people",
    name="People",
    icon="people",
    tables=(
        "silver_db.users",
        "silver_db.user_profile",
        "silver_db.user_bins",
        "silver_db.gym_logs",
        "silver_db.workouts",
        "silver_db.completed_workouts",
    ),
    head=head,
    body=body,
    files={
        "ages": lambda view: as_rows(ask.Group, ask.groups(view.lake).value.ages),
        "sexes": _sexes_rows,
        "places": lambda view: ask.groups(view.lake).value.places,
        "trends": lambda view: ask.trends(view.lake, _step(view)).value.rows,
        "found": lambda view: ask.search(view.lake, view.address.get("find"), view.unmasked, 1_000_000).value.rows,
    },
)
