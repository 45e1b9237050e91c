from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from fitness_assets_tests.dashboard.browser import VIEWPORTS, BrowserErrors, serve_dashboard, ticking_from
from fitness_assets_tests.dashboard.dashboard_sample import NOW, build_sample
from fitness_assets_tests.dashboard.table_builder import TableBuilder

OpenWindow = Callable[..., Page]
Serve = Callable[[TableBuilder, Callable[[], datetime]], str]


@pytest.fixture
def builder(tmp_path: Path) -> TableBuilder:
    """A data zone without tables."""
    return TableBuilder(tmp_path / "base")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> TableBuilder:
    """Tables with two weeks of people in them; no test changes them."""
    return build_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def site(sample: TableBuilder) -> Iterator[str]:
    with serve_dashboard(sample.settings, ticking_from(NOW)) as url:
        yield url


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves a data zone until the test is over and its windows are closed; gives the URL."""
    with ExitStack() as servers:
        yield lambda builder, clock: servers.enter_context(serve_dashboard(builder.settings, clock))


@pytest.fixture
def open_window(chromium: Browser, site: str, serve: Serve) -> Iterator[OpenWindow]:
    """Opens windows of a size and a colour scheme; what the browser complains about fails the test at its end."""
    errors: list[BrowserErrors] = []
    contexts: list[BrowserContext] = []

    def open_page(
        viewport: str = "desktop", scheme: str = "light", site: str = site, may_complain: bool = False
    ) -> Page:
        context = chromium.new_context(
            base_url=site,
            viewport=VIEWPORTS[viewport],  # type: ignore[arg-type]  # a plain dict, of which it wants its own
            color_scheme=scheme,  # type: ignore[arg-type]  # one of the literals that it names
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        if not may_complain:
            errors.append(BrowserErrors(site))
            errors[-1].listen(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not [message for of_window in errors for message in of_window.messages]
