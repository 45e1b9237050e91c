"""The dashboard: a page is drawn from its address, the tables and the clock, and from nothing else."""

import logging
import os
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.dependencies import ALL
from dash.development.base_component import Component
from flask import has_request_context, request

from fitness_assets.dashboard.address import Address
from fitness_assets.dashboard.downloads import add_downloads
from fitness_assets.dashboard.first_view import ask_early, asked_from
from fitness_assets.dashboard.guard import guard
from fitness_assets.dashboard.lake import Lake
from fitness_assets.dashboard.pages import all_pages, page_at
from fitness_assets.dashboard.pages.page import Page, View
from fitness_assets.dashboard.shell import Drawn, frame, links
from fitness_assets.dashboard.versions import State as Tables
from fitness_assets.dashboard.versions import state_of
from fitness_assets.dashboard.view.cards import guarded, since
from fitness_assets.dashboard.view.heads import head
from fitness_assets.settings import Settings

_LOG = logging.getLogger(__name__)
ViewOf = Callable[[Address], View]


def names_may_be_seen() -> bool:
    """Whether `FITNESS_SHOW_NAMES=1` is set: without it names, addresses and the like are masked."""
    return os.environ.get("FITNESS_SHOW_NAMES") == "1"


def make_app(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> Dash:
    """The dashboard on the tables of these settings. Nothing is read until a page is asked for.

    Args:
        clock: the present instant, UTC.
    """
    lake, unmasked = Lake(settings), names_may_be_seen()
    app = Dash(
        __name__,
        title="Fitness",
        update_title="",
        suppress_callback_exceptions=True,
        assets_folder=str(Path(__file__).parent / "assets"),
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        on_error=_noted,
        enable_mcp=False,
        health_endpoint="health",
    )
    app.index_string = ask_early(app.index_string)

    def view_of(address: Address) -> View:
        return View(lake, address, clock(), unmasked)

    app.layout = lambda: _first(view_of, not unmasked)
    _draw(app, view_of)
    _follow(app, view_of)
    add_downloads(app.server, view_of)
    guard(app.server, list(app.csp_hashes()))
    return app


def _first(view_of: ViewOf, masked: bool) -> Component:
    """The document with the page already in it: one answer, where the callbacks would need three more.

    A browser that does not say where it is gets the frame, and then the page from the callbacks.
    """
    here = asked_from(request.referrer if has_request_context() else None)
    view = view_of(Address.of(*(here or (None, None))))
    if here is None:
        return frame(all_pages(), masked, view.now)
    body, age, state = _body(view)
    return frame(all_pages(), masked, view.now, Drawn(*here, _head(view), body, age, state))


def _draw(app: Dash, view_of: ViewOf) -> None:
    """What the address says becomes the page, each time that it changes."""
    here = (Input("address", "pathname"), Input("address", "search"))

    @app.callback(Output("next-head", "data"), Output("navigation", "children"), *here, prevent_initial_call=True)
    def show_head(pathname: str | None, search: str | None) -> tuple[Component, list[Component]]:
        view = view_of(Address.of(pathname, search))
        return _head(view), links(all_pages(), view.address.path)

    @app.callback(
        Output("next-body", "data"),
        Output("age", "children"),
        Output("drawn", "data"),
        *here,
        Input("changed", "data"),
        prevent_initial_call=True,
    )
    def show_body(
        pathname: str | None, search: str | None, _changed: Any
    ) -> tuple[Component, list[Any], dict[str, Any]]:
        return _body(view_of(Address.of(pathname, search)))

    for place in ("head", "body"):
        app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash has no types for it
            ClientsideFunction("page", place), Output(place, "children"), Input(f"next-{place}", "data")
        )
    wide = {"filter": ALL, "default": ALL, "drops": ALL}
    app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash has no types for it
        ClientsideFunction("page", "choose"),
        Output("chosen", "data"),
        Input(wide, "value"),
        State(wide, "id"),
        State("address", "search"),
    )


def _follow(app: Dash, view_of: ViewOf) -> None:
    """What changes in the tables becomes the page, too."""

    @app.callback(
        Output("changed", "data"),
        Output("beat", "data"),
        Input("tick", "n_intervals"),
        State("address", "pathname"),
        State("drawn", "data"),
        State("changed", "data"),
        prevent_initial_call=True,
    )
    def look(_ticks: int | None, pathname: str | None, drawn: Any, asked: Any) -> tuple[Any, str]:
        view = view_of(Address.of(pathname, None))
        state = _state(view, page_at(view.address)).as_json()
        known = drawn is None or state in (drawn, asked)
        return (no_update if known else state), view.now.isoformat()

    beat = ClientsideFunction("page", "beat")
    app.clientside_callback(beat, Output("heard", "data"), Input("beat", "data"))  # type: ignore[no-untyped-call]  # Dash has no types for it


def _head(view: View) -> Component:
    page = page_at(view.address)
    bare = head(page.name, "Its filters cannot be shown just now")
    return guarded(page.name, lambda: page.head(view), instead=bare)


def _body(view: View) -> tuple[Component, list[Any], dict[str, Any]]:
    """The page's body, how old it is, and which state of the tables it shows."""
    page = page_at(view.address)
    state = _state(view, page)  # before the page is drawn: what changes meanwhile is drawn again
    return guarded(page.name, lambda: page.body(view)), _age(state, view.now), state.as_json()


def _state(view: View, page: Page) -> Tables:
    return state_of(view.lake.settings, page, view.now)


def _age(state: Tables, now: datetime) -> list[Any]:
    return ["Data changed ", since(state.changed, now)] if state.changed else ["No data yet"]


def _noted(error: Exception) -> Any:
    """The page stays as it is; the cause is in the log."""
    _LOG.error("A part of the page could not be drawn", exc_info=error)
    return no_update
