"""The dashboard: a page is drawn from its URL, the tables and the clock, and from nothing else."""

import logging
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from dash import Dash, no_update
from dash.development.base_component import Component
from flask import has_request_context, request

from fitness_assets.dashboard.callbacks import add_callbacks
from fitness_assets.dashboard.downloads import add_download_route
from fitness_assets.dashboard.layout import app_layout
from fitness_assets.dashboard.metrics import METRICS_PATH, add_metrics_route
from fitness_assets.dashboard.page_url import PageUrl
from fitness_assets.dashboard.pages.page import PageContext
from fitness_assets.dashboard.preload import add_preload_links, requested_url
from fitness_assets.dashboard.rendering import render_page
from fitness_assets.dashboard.security_headers import add_security_headers, allow_own_user_only
from fitness_assets.dashboard.table_reader.reader import TableReader
from fitness_assets.settings import Settings
from fitness_assets.settings.dashboard import DashboardSettings

_LOG = logging.getLogger(__name__)


def make_app(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> Dash:
    """The dashboard on the tables of these settings. Nothing is read until a page is asked for.

    Args:
        clock: the present instant, UTC.
    """
    reader = TableReader(settings)
    unmasked = DashboardSettings.from_env().shows_names
    app = Dash(
        __name__,
        title="Fitness",
        update_title="",
        suppress_callback_exceptions=True,
        assets_folder=str(Path(__file__).parent / "assets"),
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        on_error=_log_error,
        enable_mcp=False,
        health_endpoint="health",
    )
    app.index_string = add_preload_links(app.index_string)

    def make_context(url: PageUrl) -> PageContext:
        return PageContext(reader=reader, url=url, now=clock(), unmasked=unmasked)

    app.layout = lambda: _document(make_context)
    add_callbacks(app, make_context)
    add_download_route(app.server, make_context)
    add_metrics_route(app.server, reader, clock)
    allow_own_user_only(app.server, but=(METRICS_PATH,))
    add_security_headers(app.server, list(app.csp_hashes()))
    return app


def _document(make_context: Callable[[PageUrl], PageContext]) -> Component:
    """The document with the page already in it: one answer, where the callbacks would need three more.

    A browser that does not say which page it opens gets the frame, and then the page from the callbacks.
    """
    location = requested_url(request.referrer if has_request_context() else None)
    pathname, query_string = location or (None, None)
    context = make_context(PageUrl.parse(pathname, query_string))
    if location is None:
        return app_layout(not context.unmasked, context.now)
    return app_layout(not context.unmasked, context.now, location, render_page(context))


def _log_error(error: Exception) -> Any:
    """The page stays as it is; the cause is in the log."""
    _LOG.error("A part of the page could not be drawn", exc_info=error)
    return no_update
