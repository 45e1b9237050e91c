"""A real browser on a real server: pages, and all that the browser complains about."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from dash import Dash
from playwright.sync_api import ConsoleMessage, Page, Request, Response

from fitness_assets.dashboard.app import make_app
from fitness_assets.dashboard.server import make_server
from fitness_assets.live.processes.ports import free_port
from fitness_assets.settings import Settings

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "images"
VIEWPORTS = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}


@contextmanager
def serve_dashboard(settings: Settings, clock: Callable[[], datetime]) -> Iterator[str]:
    """The dashboard on a port of its own; its URL."""
    with serve_app(make_app(settings, clock)) as url:
        yield url


@contextmanager
def serve_app(app: Dash) -> Iterator[str]:
    """An app as the command serves it."""
    port = free_port()
    server = make_server(app, port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.task_dispatcher.shutdown()
    server.close()
    thread.join(5)


def ticking_from(start: datetime) -> Callable[[], datetime]:
    """A clock that begins at that instant and goes on as clocks do."""
    began = monotonic()
    return lambda: start + timedelta(seconds=monotonic() - began)


@dataclass
class BrowserErrors:
    """What the browser says is wrong: errors on the console, requests that failed, anything from another host."""

    site: str
    messages: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.messages.append(f"error: {error}"))
        page.on("request", self._on_request)
        page.on("requestfailed", self._on_failure)
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.messages.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.messages.append(f"from elsewhere: {request.url}")

    def _on_failure(self, request: Request) -> None:
        # What was asked for by a page that is left meanwhile is given up, and so is a page that becomes a download.
        if request.failure != "net::ERR_ABORTED":
            self.messages.append(f"failed: {request.url} {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.messages.append(f"{response.status}: {response.url}")


def wait_until_rendered(page: Page) -> None:
    """Wait until the page is drawn: its title, its cards, and all its charts."""
    page.wait_for_selector("#head h1")
    page.wait_for_selector("#body .card")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#body .dash-graph')].every(chart => chart.querySelector('.main-svg'))"
    )


def open_page(page: Page, url: str) -> Page:
    """Go to a page of the dashboard and wait until it is drawn."""
    page.goto(url)
    wait_until_rendered(page)
    return page
