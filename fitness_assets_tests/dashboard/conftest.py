from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from fitness_assets_tests.dashboard.browser import SIZES, Complaints, serving, ticking_from
from fitness_assets_tests.dashboard.lived_in import NOW, lived_in
from fitness_assets_tests.dashboard.questions.zone import Zone

Open = Callable[..., Page]
Serve = Callable[[Zone, Callable[[], datetime]], str]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Zone:
    """Tables with two weeks of people in them; no test changes them."""
    return lived_in(tmp_path_factory.mktemp("lived_in"))


@pytest.fixture(scope="session")
def site(filled: Zone) -> Iterator[str]:
    with serving(filled.settings, ticking_from(NOW)) as address:
        yield address


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves a zone until the test is over and its windows are closed; gives the address."""
    with ExitStack() as servers:
        yield lambda zone, clock: servers.enter_context(serving(zone.settings, clock))


@pytest.fixture
def window(chromium: Browser, site: str, serve: Serve) -> Iterator[Open]:
    """Opens windows of a size and a colour scheme; what the browser complains about fails the test at its end."""
    complaints: list[Complaints] = []
    contexts: list[BrowserContext] = []

    def open_window(size: str = "desk", scheme: str = "light", at: str = site, trouble: bool = False) -> Page:
        context = chromium.new_context(base_url=at, viewport=SIZES[size], color_scheme=scheme)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        if not trouble:
            complaints.append(Complaints(at))
            complaints[-1].listen(page)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert not [said for one in complaints for said in one.said]
