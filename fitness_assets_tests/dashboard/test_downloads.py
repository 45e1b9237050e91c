"""What a card shows, as a file: with the same numbers as the card's question."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as parquet
import pytest
from dash.development.base_component import Component
from flask.testing import FlaskClient

from fitness_assets.dashboard.app import make_app
from fitness_assets.dashboard.pages import page_at
from fitness_assets.dashboard.pages.page import View
from fitness_assets.dashboard.questions import gyms, now, people, quality
from fitness_assets.dashboard.questions.person import person
from fitness_assets.dashboard.questions.session import session
from fitness_assets.dashboard.questions.unread import KafkaState, TopicLag
from fitness_assets.dashboard.rows import as_rows
from fitness_assets_tests.dashboard.lived_in import NOW
from fitness_assets_tests.dashboard.questions.zone import Zone
from fitness_assets_tests.dashboard.test_pages import ADDRESSES, parts, says, view

PERSON = 10004
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def client(filled: Zone) -> FlaskClient:
    return make_app(filled.settings, lambda: NOW).server.test_client()


def downloaded(client: FlaskClient, href: str) -> Rows:
    answer = client.get(href)
    assert answer.status_code == 200, href
    rows: Rows = parquet.read_table(io.BytesIO(answer.data)).to_pylist()
    return rows


def links(node: Any) -> list[str]:
    hrefs = [one.href for one in parts(node) if type(one).__name__ == "A"]
    return [href for href in hrefs if href.startswith("/download")]


def picked(found: Any, *names: str) -> Rows:
    return [{name: getattr(one, name) for name in names} for one in found]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_card_that_shows_data_can_be_downloaded_in_both_forms(
    filled: Zone, client: FlaskClient, address: str
) -> None:
    shown = view(filled, address)
    for card in cards(page_at(shown.address).body(shown)):
        if any("empty" in str(getattr(one, "className", "")).split() for one in parts(card)):
            continue
        found = links(card)
        assert [href.partition("?")[0].rpartition(".")[2] for href in found] == ["csv", "parquet"], says(card)[:60]
        text = client.get(found[0]).get_data(as_text=True)
        rows = downloaded(client, found[1])
        assert rows and len(list(csv.reader(io.StringIO(text)))) == len(rows) + 1, found


def cards(body: Any) -> list[Component]:
    return [one for one in parts(body) if str(getattr(one, "className", "")).startswith("card span-")]


def test_the_delay_of_each_source(filled: Zone, client: FlaskClient) -> None:
    names = ("source", "records", "median_seconds", "p95_seconds", "last_load")
    rows = downloaded(client, "/download/now/delays.parquet")
    assert rows == picked(now.delays(filled.lake, NOW).value, *names) and sum(row["records"] for row in rows) > 0


def test_the_state_of_each_table_is_the_same_from_both_pages(filled: Zone, client: FlaskClient) -> None:
    here, there = (downloaded(client, f"/download/{page}/tables.parquet") for page in ("now", "quality"))
    known = picked(quality.tables(filled.lake, NOW), "table", "state", "rows", "newest")
    assert here == there and [{name: row[name] for name in known[0]} for row in here] == known


def test_the_busiest_hours_are_those_of_the_card_and_then_all_others(filled: Zone, client: FlaskClient) -> None:
    rows = downloaded(client, "/download/gyms/busiest.parquet?zone=Europe%2FBerlin&count=present&gym=2")
    week = gyms.visits_by_hour(filled.lake, (2,), measure="present", time_zone="Europe/Berlin", now=NOW).value
    hours = gyms.busiest_hours(week, 168)
    assert [(row["weekday"], row["hour"], row["present"], row["mean"]) for row in rows] == [
        (gyms.WEEKDAYS[one.weekday], one.hour, one.count, one.mean) for one in hours
    ]
    assert sum(row["present"] for row in rows) == sum(map(sum, week.counts)) > 0
    assert {row["time_zone"] for row in rows} == {"Europe/Berlin"}


def test_people_by_sex_and_by_gender(filled: Zone, client: FlaskClient) -> None:
    rows = downloaded(client, "/download/people/sexes.parquet")
    found = people.groups(filled.lake).value
    for by, groups in (("sex", found.sexes), ("gender", found.genders)):
        mine = [{name: row[name] for name in ("value", "people", "share")} for row in rows if row["by"] == by]
        assert mine == picked(groups, "value", "people", "share") != []


@pytest.fixture(scope="module")
def one_session(filled: Zone) -> View:
    return view(filled, "/workouts/SESSION")


def test_the_time_in_each_zone(filled: Zone, client: FlaskClient, one_session: View) -> None:
    rows = downloaded(client, f"/download{one_session.address.path}/zones.parquet")
    found = session(filled.lake, *map(int, one_session.address.last.split("-")), now=NOW).value
    assert found is not None and len(rows) == 6
    assert rows == picked(found.zones, "number", "name", "low", "high", "seconds", "share")


def test_the_recovery(filled: Zone, client: FlaskClient, one_session: View) -> None:
    rows = downloaded(client, f"/download{one_session.address.path}/recovery.parquet")
    found = session(filled.lake, *map(int, one_session.address.last.split("-")), now=NOW).value
    assert found is not None and found.recovery.drop_60 is not None
    assert [(row["seconds_after_stop"], row["heartrate"], row["fell_by"]) for row in rows] == [
        (0, found.recovery.at_stop, None),
        (60, found.recovery.after_60, found.recovery.drop_60),
        (120, found.recovery.after_120, found.recovery.drop_120),
    ]


def test_the_heart_rate_of_each_workout_of_a_person(filled: Zone, client: FlaskClient) -> None:
    rows = downloaded(client, f"/download/people/{PERSON}/hearts.parquet")
    found = person(filled.lake, PERSON, NOW).value
    assert found is not None
    known = [row for row in reversed(found.workouts.to_pylist()) if row["avg_bpm"] is not None]
    assert rows == [{name: row[name] for name in rows[0]} for row in known] and len(rows) > 1


def test_what_waits_in_kafka(client: FlaskClient, filled: Zone, monkeypatch: pytest.MonkeyPatch) -> None:
    topics = (TopicLag("bpm", 120, 3.5, 2), TopicLag("workout", 0, 0.0, 1))
    state = KafkaState("answers", "127.0.0.1:9092", topics, NOW, None)
    monkeypatch.setattr(quality, "kafka_lag", lambda _lake: state)
    shown = view(filled, "/quality")
    card = next(one for one in cards(page_at(shown.address).body(shown)) if "What waits in Kafka" in says(one))
    rows = downloaded(client, links(card)[1])
    assert rows == picked(topics, "topic", "records", "seconds", "partitions")


@pytest.mark.parametrize("make", [lambda: as_rows(TopicLag, ()), lambda: as_rows(people.Group, (), by=())])
def test_a_download_without_rows_still_names_its_columns(make: Callable[[], Any]) -> None:
    assert make().num_rows == 0 and {"topic", "by"} & set(make().column_names)


def test_a_download_that_is_not_there_is_said(client: FlaskClient) -> None:
    for path in ("/download/now/nothing.csv", "/download/gyms/week.exe", "/download/nowhere/week.csv"):
        assert client.get(path).status_code == 404, path
