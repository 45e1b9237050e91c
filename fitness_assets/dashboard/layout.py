"""The layout around every page: name, navigation, how old it all is, light and dark, and the footer."""

from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.aria import aria
from fitness_assets.dashboard.page_url import PageUrl
from fitness_assets.dashboard.pages.page import Page
from fitness_assets.dashboard.pages.registry import all_pages
from fitness_assets.dashboard.rendering import RenderedPage

POLL_MS = 2_000
_THEME = {
    "fontFamily": "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
    "primaryColor": "blue",
    "defaultRadius": "md",
    "cursorType": "pointer",
    "respectReducedMotion": True,
}


def app_layout(
    is_masked: bool, now: datetime, location: tuple[str, str] | None = None, page: RenderedPage | None = None
) -> Component:
    """The whole document, the same for all pages; what is in it is drawn from the URL.

    Args:
        is_masked: whether names are hidden, for the footer.
        now: the server's clock, on which the browser counts ages.
        location: path and query string of the page that is open, as the browser has them.
        page: the page that is open; None leaves it to the callbacks.
    """
    pathname, query_string = location or (None, None)
    # A location that says where it is already calls for nothing.
    initial_url = {"pathname": pathname, "search": query_string} if location else {}
    current_path = PageUrl.parse(pathname, None).path if page else ""
    body = page.body if page else None
    document: Component = dmc.MantineProvider(
        [
            dcc.Location(id="url", refresh="callback-nav", **initial_url),
            dcc.Interval(id="poll", interval=POLL_MS),
            dcc.Store(id="shown-version", data=body.version if body else None),
            dcc.Store(id="heartbeat", data=now.isoformat()),
            *[
                dcc.Store(id=name)
                for name in ("next-head", "next-body", "new-version", "filters-done", "heartbeat-done")
            ],
            html.A("Skip to the page", href="#page", className="skip-link"),
            html.Header(
                [_brand(), _navigation(current_path), _status(body.data_age if body else None)],
                className="top-bar",
            ),
            html.Main(
                [
                    html.Div(page.header if page else None, id="head"),
                    html.Div(body.component if body else _skeleton(), id="body"),
                ],
                id="page",
                tabIndex=-1,
            ),
            _footer(is_masked),
        ],
        theme=_THEME,
        defaultColorScheme="auto",
    )
    return document


def navigation_links(path: str) -> list[Component]:
    """The navigation; the page that is open says so to the eye and to a screen reader."""
    return [
        _navigation_link(page, path == page.path or (page.path != "/" and path.startswith(page.path + "/")))
        for page in all_pages()
        if page.is_in_navigation
    ]


def _navigation_link(page: Page, is_current: bool) -> Component:
    label = [html.Span(className=f"icon {page.icon}"), html.Span(page.name)]
    current = {"className": "current", **aria(current="page")} if is_current else {}
    link: Component = dmc.Anchor(label, href=page.path, unstyled=True, **current)
    return link


def _brand() -> Component:
    return dcc.Link([html.Span(className="icon pulse"), html.Span("Fitness")], href="/", className="brand")


def _navigation(path: str) -> Component:
    return html.Nav(navigation_links(path), id="navigation", className="pages", **aria(label="Pages"))


def _status(data_age: list[Any] | None) -> Component:
    toggle = dmc.ColorSchemeToggle(
        lightIcon=html.Span(className="icon sun"),
        darkIcon=html.Span(className="icon moon"),
        variant="subtle",
        size="lg",
        **aria(label="Switch between light and dark"),
    )
    disconnected = html.Span("The dashboard's server does not answer", className="disconnected", role="alert")
    age = html.Span(data_age, id="data-age", className="data-age")
    return html.Div([age, disconnected, toggle], className="status")


def _skeleton() -> Component:
    return html.Div([html.Div(className="skeleton") for _ in range(6)], className="grid", **aria(hidden="true"))


def _footer(is_masked: bool) -> Component:
    names = (
        "Names and addresses are masked. Start the dashboard with FITNESS_SHOW_NAMES=1 to show them."
        if is_masked
        else "Names and addresses are shown, because FITNESS_SHOW_NAMES=1 is set."
    )
    return html.Footer([html.P("All times are UTC."), html.P(names)])
