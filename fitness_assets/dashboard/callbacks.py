"""What the open page asks the server for: another page when its URL changes, itself again when its tables change."""

from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.dependencies import ALL
from dash.development.base_component import Component

from fitness_assets.dashboard.layout import navigation_links
from fitness_assets.dashboard.page_url import PageUrl
from fitness_assets.dashboard.pages.page import PageContext
from fitness_assets.dashboard.rendering import current_version, render_body, render_header

MakeContext = Callable[[PageUrl], PageContext]


def add_callbacks(app: Dash, make_context: MakeContext) -> None:
    """Make the app's pages live.

    Args:
        make_context: what the page of a URL is drawn from, as it is just now.
    """
    _render_on_navigation(app, make_context)
    _set_url_by_filters(app)
    _render_on_change(app, make_context)


def _render_on_navigation(app: Dash, make_context: MakeContext) -> None:
    """What the URL says becomes the page, each time that it changes."""
    url = (Input("url", "pathname"), Input("url", "search"))

    @app.callback(Output("next-head", "data"), Output("navigation", "children"), *url, prevent_initial_call=True)
    def show_header(pathname: str | None, query_string: str | None) -> tuple[Component, list[Component]]:
        context = make_context(PageUrl.parse(pathname, query_string))
        return render_header(context), navigation_links(context.url.path)

    @app.callback(
        Output("next-body", "data"),
        Output("data-age", "children"),
        Output("shown-version", "data"),
        *url,
        Input("new-version", "data"),
        prevent_initial_call=True,
    )
    def show_body(
        pathname: str | None, query_string: str | None, _new_version: Any
    ) -> tuple[Component, list[Any], dict[str, Any]]:
        body = render_body(make_context(PageUrl.parse(pathname, query_string)))
        return body.component, body.data_age, body.version

    for part in ("head", "body"):
        _add_clientside_callback(app, part, Output(part, "children"), Input(f"next-{part}", "data"))


def _set_url_by_filters(app: Dash) -> None:
    any_filter = {"filter": ALL, "default": ALL}
    _add_clientside_callback(
        app,
        "setFilters",
        Output("filters-done", "data"),
        Input(any_filter, "value"),
        State(any_filter, "id"),
        State("url", "search"),
    )


def _render_on_change(app: Dash, make_context: MakeContext) -> None:
    """What changes in the tables becomes the page, too."""

    @app.callback(
        Output("new-version", "data"),
        Output("heartbeat", "data"),
        Input("poll", "n_intervals"),
        State("url", "pathname"),
        State("shown-version", "data"),
        State("new-version", "data"),
        prevent_initial_call=True,
    )
    def check_version(
        _polls: int | None, pathname: str | None, shown_version: Any, requested_version: Any
    ) -> tuple[Any, str]:
        context = make_context(PageUrl.parse(pathname, None))
        version = current_version(context).as_json()
        is_current = shown_version is None or version in (shown_version, requested_version)
        return (no_update if is_current else version), context.now.isoformat()

    _add_clientside_callback(app, "heartbeat", Output("heartbeat-done", "data"), Input("heartbeat", "data"))


def _add_clientside_callback(app: Dash, function: str, *dependencies: Any) -> None:
    """Call a function of `assets/page.js`."""
    app.clientside_callback(ClientsideFunction("page", function), *dependencies)  # type: ignore[no-untyped-call]  # Dash has no types for it
