"""The first view: what the browser asks for, and what it is answered."""

import json
from collections import Counter
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Request, expect

from fitness_assets.dashboard.app import make_app
from fitness_assets_tests.dashboard.browser import opened, settled
from fitness_assets_tests.dashboard.conftest import Open
from fitness_assets_tests.dashboard.lived_in import NOW
from fitness_assets_tests.dashboard.questions.zone import Zone

LAYOUT = "/_dash-layout"


@pytest.fixture(scope="module")
def client(filled: Zone) -> FlaskClient:
    return make_app(filled.settings, lambda: NOW).server.test_client()


def test_the_document_comes_with_the_page_that_asks_for_it(client: FlaskClient) -> None:
    answer = client.get(LAYOUT, headers={"Referer": "http://127.0.0.1:8050/gyms/?gym=2"})
    said = json.dumps(answer.get_json())
    assert "Busiest hours" in said and "skeleton" not in said
    assert '"pathname": "/gyms/"' in said and '"search": "?gym=2"' in said  # as the browser has it, to the letter


def test_without_a_page_that_asks_there_is_a_frame_that_waits(client: FlaskClient) -> None:
    said = json.dumps(client.get(LAYOUT).get_json())
    assert "skeleton" in said and "Busiest hours" not in said


@pytest.mark.parametrize("address", ["/", "/gyms?gym=2&period=7", "/workouts?person=10004", "/people/10004/"])
def test_the_first_view_asks_for_each_thing_once_and_for_no_callback(window: Open, address: str) -> None:
    page = window()
    asked: Counter[str] = Counter()
    called: list[str] = []

    def hear(request: Request) -> None:
        if request.method == "GET":
            asked.update([urlsplit(request.url).path])
        elif "next-" in (request.post_data or ""):  # not the one that asks every two seconds whether a table changed
            called.append(request.url)

    page.on("request", hear)
    opened(page, address)
    assert [path for path, times in asked.items() if times > 1] == [] and asked[LAYOUT] == 1
    assert not called
    assert page.url.endswith(address)


def test_a_browser_that_does_not_say_where_it_is_gets_the_page_all_the_same(window: Open) -> None:
    page = window()
    page.route(f"**{LAYOUT}", lambda route: route.continue_(headers={**route.request.headers, "referer": ""}))
    opened(page, "/gyms?gym=2")
    expect(page.get_by_label("Gym", exact=True).first).to_have_value("Gym 2")


def test_charts_of_the_next_page_are_prepared_by_a_page_without_any(window: Open) -> None:
    page = opened(window(), "/workouts")
    page.wait_for_function("() => window.Plotly")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Gyms").click()
    expect(page.get_by_role("heading", name="Busiest hours")).to_be_visible()
    settled(page)
    assert not [url for url in asked if "plotly" in url]
