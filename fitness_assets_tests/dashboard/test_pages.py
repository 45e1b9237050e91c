"""Pages, figures and links as plain functions: no browser."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import plotly.graph_objects as go
import pyarrow as pa
import pytest
from dash.development.base_component import Component
from flask.testing import FlaskClient

from fitness_assets.dashboard.address import Address, as_number, link
from fitness_assets.dashboard.app import make_app
from fitness_assets.dashboard.pages import all_pages, page_at
from fitness_assets.dashboard.pages.page import View
from fitness_assets.dashboard.server import server_of
from fitness_assets.dashboard.versions import state_of
from fitness_assets.dashboard.view.periods import beginning
from fitness_assets.dashboard.view.thinning import thinned
from fitness_assets.dashboard.view.words import ago, number, span
from fitness_assets_tests.dashboard.lived_in import NOW
from fitness_assets_tests.dashboard.questions.zone import Zone

ADDRESSES = ("/", "/?at=last", "/workouts", "/workouts/SESSION", "/gyms", "/people", "/people/10004", "/quality")
RUBBISH = (
    "/workouts?gym=x&page=-3&sort=;&period=0",
    "/gyms?gym=99999999999999999999&count=%00",
    "/people?most=1e9",
    "/people/x",
    "/workouts/1-2",
    "/workouts/1-2-3-4",
    "/workouts/9-9-9",
    "/quality?loaded=-1&reason='",
    "/%2e",
)


def view(zone: Zone, address: str) -> View:
    if "SESSION" in address:
        last = zone.delta("silver_db.completed_workouts").to_pyarrow_table().to_pylist()[-1]
        address = address.replace(
            "SESSION", "-".join(str(last[name]) for name in ("user_id", "workout_id", "session_id"))
        )
    path, _, search = address.partition("?")
    return View(zone.lake, Address.of(path, search), NOW)


def parts(node: Any) -> Iterator[Component]:
    """The component and all that is in it."""
    if isinstance(node, (list, tuple)):
        for one in node:
            yield from parts(one)
    if isinstance(node, Component):
        yield node
        yield from parts(getattr(node, "children", None))


def says(node: Any) -> str:
    if isinstance(node, (list, tuple)):
        return " ".join(says(one) for one in node)
    return says(getattr(node, "children", "")) if isinstance(node, Component) else str(node or "")


@pytest.fixture(scope="module")
def client(filled: Zone) -> FlaskClient:
    return make_app(filled.settings, lambda: NOW).server.test_client()


def legends_of(body: Component) -> Iterator[tuple[str, list[str]]]:
    """The charts that have a legend, and the names in it."""
    for one in parts(body):
        inside = getattr(one, "children", None)
        if isinstance(inside, list) and [getattr(each, "className", "") for each in inside] == ["legend", "chart"]:
            names, chart = inside
            yield chart.children.id, [says(entry).strip() for entry in names.children]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_figure_of_a_page_is_one_that_plotly_knows_with_titled_axes(filled: Zone, address: str) -> None:
    shown = view(filled, address)
    body = page_at(shown.address).body(shown)
    legends = dict(legends_of(body))
    for graph in (one for one in parts(body) if type(one).__name__ == "Graph"):
        figure = go.Figure(graph.figure)  # raises where a property or a value is unknown
        assert figure.data and figure.layout.xaxis.title.text, graph.id
        assert figure.layout.yaxis.title.text or figure.data[0].type == "heatmap", graph.id
        names = list(dict.fromkeys(trace.name for trace in figure.data))
        if len(names) > 1 and graph.id != "chart-recovery":
            assert legends[graph.id] == names, graph.id


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_sends_reduced_curves(filled: Zone, address: str) -> None:
    shown = view(filled, address)
    for graph in (one for one in parts(page_at(shown.address).body(shown)) if type(one).__name__ == "Graph"):
        assert sum(len(trace.get("x", ())) for trace in graph.figure["data"]) <= 2_500, graph.id


@pytest.mark.parametrize("address", RUBBISH)
def test_rubbish_in_the_address_is_answered_by_a_page(filled: Zone, address: str) -> None:
    shown = view(filled, address)
    page = page_at(shown.address)
    assert says(page.head(shown)) and says(page.body(shown))


@pytest.mark.parametrize("address", ["/", "/workouts", "/workouts/1-1-1", "/gyms", "/people", "/people/1", "/quality"])
def test_a_page_without_tables_says_what_to_do(tmp_path: Any, address: str) -> None:
    zone = Zone(tmp_path)
    shown = view(zone, address)
    page = page_at(shown.address)
    assert says(page.head(shown)) and says(page.body(shown))


def test_names_are_nowhere_in_what_is_sent(filled: Zone, client: FlaskClient) -> None:
    profiles = filled.delta("silver_db.user_profile").to_pyarrow_table().to_pylist()
    hidden = {row["street_address"] for row in profiles} | {row["last_name"] for row in profiles}
    for page in all_pages():
        for name in page.files:
            path = "/people/10004" if page.name == "Person" else "/workouts/10004-1-1" if not page.listed else page.path
            sent = client.get(f"/download{path if path != '/' else '/now'}/{name}.csv").get_data(as_text=True)
            assert not [one for one in hidden if one in sent], (page.path, name)


def test_only_names_of_loopback_are_answered_and_nothing_may_load_from_elsewhere(client: FlaskClient) -> None:
    for name, status in (("127.0.0.1:8050", 200), ("localhost", 200), ("[::1]:8050", 200), ("evil.example", 403)):
        answer = client.get("/", headers={"Host": name})
        assert answer.status_code == status, name
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe-eval" not in policy and "http" not in policy
    assert "https://" not in client.get("/").get_data(as_text=True)


def test_it_listens_on_loopback_alone(filled: Zone) -> None:
    server = server_of(make_app(filled.settings), 0)
    assert server.socket.getsockname()[0] == "127.0.0.1"
    server.close()


def test_an_address_is_what_its_link_says() -> None:
    address = Address.of("/gyms/", "?gym=2&zone=Europe%2FBerlin")
    assert (address.path, address.number("gym"), address.get("zone")) == ("/gyms", 2, "Europe/Berlin")
    assert str(address) == link("/gyms", gym=2, zone="Europe/Berlin") == "/gyms?gym=2&zone=Europe%2FBerlin"
    assert [as_number(text) for text in ("7", "-7", "", "x", "²", "1" * 30)] == [7, -7, None, None, None, None]


def test_a_page_is_another_state_after_a_commit_and_only_then(tmp_path: Any) -> None:
    zone = Zone(tmp_path)
    page = page_at(Address.of("/gyms", ""))
    states = [state_of(zone.settings, page, NOW)]
    zone.visit(1, 5, NOW)
    states += [state_of(zone.settings, page, NOW) for _ in range(2)]
    zone.visit(2, 5, NOW)
    states.append(state_of(zone.settings, page, NOW))
    assert [states[0] == states[1], states[1] == states[2], states[2] == states[3]] == [False, True, False]
    now = page_at(Address.of("/", ""))  # its clock matters, too
    assert state_of(zone.settings, now, NOW) != state_of(zone.settings, now, NOW + timedelta(seconds=10))


def test_a_thinned_curve_keeps_its_ends_its_peak_and_its_dip() -> None:
    rates = [100.0] * 50_000
    rates[12_345], rates[23_456], rates[-1] = 190.0, 40.0, 99.0
    x, y = thinned(pa.chunked_array([range(50_000)]), pa.chunked_array([rates]), 1_200)
    assert len(x) <= 1_200 and x == sorted(x) and (x[0], x[-1]) == (0, 49_999)
    assert dict(zip(x, y, strict=True))[12_345] == 190 and dict(zip(x, y, strict=True))[23_456] == 40


def test_numbers_and_spans_are_written_for_people() -> None:
    assert (number(2_500_000), number(None), number(1234.56, 1)) == ("2,500,000", "–", "1,234.6")
    said = [span(seconds) for seconds in (0, 4.24, 59.4, 60, 3_599, 7_500, 180_000, -5)]
    assert said == ["0 s", "4.2 s", "59 s", "1 min 00 s", "59 min 59 s", "2 h 05 min", "2 d 2 h", "−5.0 s"]
    assert ago(NOW - timedelta(seconds=5), NOW) == "5 s ago" and ago(NOW + timedelta(hours=1), NOW) == "0 s ago"


def test_a_period_of_seven_days_ends_with_the_day_of_the_newest_record() -> None:
    last = datetime(2025, 8, 4, 18, 50, tzinfo=timezone.utc)
    assert beginning("7", last) == datetime(2025, 7, 29, tzinfo=timezone.utc)
    assert beginning("all", last) is None and beginning("rubbish", last) is None and beginning("7", None) is None
