"""The frame around every page: name, navigation, how old it all is, light and dark, and the footer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.address import Address
from fitness_assets.dashboard.pages.page import Page
from fitness_assets.dashboard.view.aria import aria

TICK_MS = 2_000
_THEME = {
    "fontFamily": "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
    "primaryColor": "blue",
    "defaultRadius": "md",
    "cursorType": "pointer",
    "respectReducedMotion": True,
}


@dataclass(frozen=True)
class Drawn:
    """The page that is open.

    Attributes:
        pathname: where it is, as the browser says it; `search` too.
        age: how old it is.
        state: what it is drawn from.
    """

    pathname: str
    search: str
    head: Component
    body: Component
    age: list[Any]
    state: dict[str, Any]


def frame(pages: Sequence[Page], masked: bool, now: datetime, drawn: Drawn | None = None) -> Component:
    """The whole document, the same for all pages; what is in it is drawn from the address.

    Args:
        now: the server's clock, on which the browser counts ages.
        drawn: the page that is open; None leaves it to the callbacks.
    """
    # A location that says where it is already calls for nothing.
    here = {"pathname": drawn.pathname, "search": drawn.search} if drawn else {}
    path = Address.of(drawn.pathname, None).path if drawn else ""
    document: Component = dmc.MantineProvider(
        [
            dcc.Location(id="address", refresh="callback-nav", **here),
            dcc.Interval(id="tick", interval=TICK_MS),
            dcc.Store(id="drawn", data=drawn.state if drawn else None),
            dcc.Store(id="beat", data=now.isoformat()),
            *[dcc.Store(id=name) for name in ("next-head", "next-body", "changed", "chosen", "heard")],
            html.A("Skip to the page", href="#page", className="skip"),
            html.Header([_brand(), _navigation(pages, path), _status(drawn.age if drawn else None)], className="top"),
            html.Main(
                [
                    html.Div(drawn.head if drawn else None, id="head"),
                    html.Div(drawn.body if drawn else _waiting(), id="body"),
                ],
                id="page",
                tabIndex=-1,
            ),
            _footer(masked),
        ],
        theme=_THEME,
        defaultColorScheme="auto",
    )
    return document


def links(pages: Sequence[Page], path: str) -> list[Component]:
    """The navigation; the page that is open says so to the eye and to a screen reader."""
    return [
        _link(page, path == page.path or (page.path != "/" and path.startswith(page.path + "/")))
        for page in pages
        if page.listed
    ]


def _link(page: Page, here: bool) -> Component:
    said = [html.Span(className=f"icon {page.icon}"), html.Span(page.name)]
    known = {"className": "here", **aria(current="page")} if here else {}
    link: Component = dmc.Anchor(said, href=page.path, unstyled=True, **known)
    return link


def _brand() -> Component:
    return dcc.Link([html.Span(className="icon pulse"), html.Span("Fitness")], href="/", className="brand")


def _navigation(pages: Sequence[Page], path: str) -> Component:
    return html.Nav(links(pages, path), id="navigation", className="pages", **aria(label="Pages"))


def _status(age: list[Any] | None) -> Component:
    toggle = dmc.ColorSchemeToggle(
        lightIcon=html.Span(className="icon sun"),
        darkIcon=html.Span(className="icon moon"),
        variant="subtle",
        size="lg",
        **aria(label="Switch between light and dark"),
    )
    lost = html.Span("The dashboard's server does not answer", className="lost", role="alert")
    return html.Div([html.Span(age, id="age", className="age"), lost, toggle], className="status")


def _waiting() -> Component:
    return html.Div([html.Div(className="skeleton") for _ in range(6)], className="grid", **aria(hidden="true"))


def _footer(masked: bool) -> Component:
    names = (
        "Names and addresses are masked. Start the dashboard with FITNESS_SHOW_NAMES=1 to show them."
        if masked
        else "Names and addresses are shown, because FITNESS_SHOW_NAMES=1 is set."
    )
    return html.Footer([html.P("All times are UTC."), html.P(names)])
