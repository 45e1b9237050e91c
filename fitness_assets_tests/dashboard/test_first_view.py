"""The first view: what the browser asks for, and what it is answered."""

import json
from collections import Counter
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Request, expect

from fitness_assets.dashboard.app import make_app
from fitness_assets_tests.dashboard.browser import open_page, wait_until_rendered
from fitness_assets_tests.dashboard.conftest import OpenWindow
from fitness_assets_tests.dashboard.dashboard_sample import NOW
from fitness_assets_tests.dashboard.table_builder import TableBuilder

LAYOUT = "/_dash-layout"


@pytest.fixture(scope="module")
def client(sample: TableBuilder) -> FlaskClient:
    return make_app(sample.settings, lambda: NOW).server.test_client()


def test_the_document_comes_with_the_page_that_asks_for_it(client: FlaskClient) -> None:
    response = client.get(LAYOUT, headers={"Referer": "http://127.0.0.1:8050/gyms/?gym=2"})
    layout = json.dumps(response.get_json())
    assert "Busiest hours" in layout and "skeleton" not in layout
    assert '"pathname": "/gyms/"' in layout and '"search": "?gym=2"' in layout  # as the browser has it, to the letter


def test_without_a_page_that_asks_there_is_a_frame_that_waits(client: FlaskClient) -> None:
    layout = json.dumps(client.get(LAYOUT).get_json())
    assert "skeleton" in layout and "Busiest hours" not in layout


@pytest.mark.parametrize("url", ["/", "/gyms?gym=2&period=7", "/workouts?person=10004", "/people/10004/"])
def test_the_first_view_asks_for_each_thing_once_and_for_no_callback(open_window: OpenWindow, url: str) -> None:
    page = open_window()
    requests: Counter[str] = Counter()
    callbacks: list[str] = []

    def count(request: Request) -> None:
        if request.method == "GET":
            requests.update([urlsplit(request.url).path])
        elif "next-" in (request.post_data or ""):  # not the one that asks every two seconds whether a table changed
            callbacks.append(request.url)

    page.on("request", count)
    open_page(page, url)
    assert [path for path, times in requests.items() if times > 1] == [] and requests[LAYOUT] == 1
    assert not callbacks
    assert page.url.endswith(url)


def test_a_browser_that_does_not_say_where_it_is_gets_the_page_all_the_same(open_window: OpenWindow) -> None:
    page = open_window()
    page.route(f"**{LAYOUT}", lambda route: route.continue_(headers={**route.request.headers, "referer": ""}))
    open_page(page, "/gyms?gym=2")
    expect(page.get_by_label("Gym", exact=True).first).to_have_value("Gym 2")


def test_charts_of_the_next_page_are_prepared_by_a_page_without_any(open_window: OpenWindow) -> None:
    page = open_page(open_window(), "/workouts")
    page.wait_for_function("() => window.Plotly")
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Gyms").click()
    expect(page.get_by_role("heading", name="Busiest hours")).to_be_visible()
    wait_until_rendered(page)
    assert not [url for url in urls if "plotly" in url]
