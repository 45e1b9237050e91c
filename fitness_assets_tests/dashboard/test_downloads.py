"""What a card shows, as a file: with the same numbers as the card's query."""

import csv
import io
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from flask.testing import FlaskClient

from fitness_assets.dashboard.app import make_app
from fitness_assets.dashboard.downloads import serialize
from fitness_assets.dashboard.pages import quality
from fitness_assets.dashboard.pages.download_tables import to_arrow
from fitness_assets.dashboard.pages.page import PageContext
from fitness_assets.dashboard.pages.registry import all_pages
from fitness_assets.dashboard.queries.gyms.visits_by_hour import (
    HOURS_PER_WEEK,
    WEEKDAYS,
    count_visits_by_hour,
    find_busiest_hours,
)
from fitness_assets.dashboard.queries.now.ingest_delay import get_ingest_delays
from fitness_assets.dashboard.queries.people.demographics import PeopleGroup, get_demographics
from fitness_assets.dashboard.queries.people.person import get_person
from fitness_assets.dashboard.queries.quality.kafka_lag import KafkaLag, TopicBacklog
from fitness_assets.dashboard.queries.quality.table_status import get_table_statuses
from fitness_assets.dashboard.queries.workouts.session_detail import SessionDetail, get_session
from fitness_assets_tests.dashboard.dashboard_sample import NOW
from fitness_assets_tests.dashboard.rendered_pages import (
    PAGE_URLS,
    cards_in,
    page_context,
    render_body,
    text_of,
    walk,
)
from fitness_assets_tests.dashboard.table_builder import TableBuilder

USER_ID = 10004
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def client(sample: TableBuilder) -> FlaskClient:
    return make_app(sample.settings, lambda: NOW).server.test_client()


@pytest.fixture(scope="module")
def session_context(sample: TableBuilder) -> PageContext:
    return page_context(sample, "/workouts/SESSION")


@pytest.fixture(scope="module")
def session(sample: TableBuilder, session_context: PageContext) -> SessionDetail:
    user_id, workout_id, session_id = map(int, session_context.url.last_segment.split("-"))
    session = get_session(sample.reader, user_id, workout_id, session_id, now=NOW).value
    assert session is not None
    return session


def download(client: FlaskClient, href: str) -> Rows:
    """The rows of a Parquet file."""
    response = client.get(href)
    assert response.status_code == 200, href
    rows: Rows = parquet.read_table(io.BytesIO(response.data)).to_pylist()
    return rows


def download_hrefs(node: Any) -> list[str]:
    hrefs = [child.href for child in walk(node) if type(child).__name__ == "A"]
    return [href for href in hrefs if href.startswith("/download")]


def attributes(records: Iterable[object], *names: str) -> Rows:
    return [{name: getattr(record, name) for name in names} for record in records]


def columns(rows: Rows, *names: str) -> Rows:
    return [{name: row[name] for name in names} for row in rows]


@pytest.mark.parametrize("url", PAGE_URLS)
def test_every_card_that_shows_data_can_be_downloaded_in_both_forms(
    sample: TableBuilder, client: FlaskClient, url: str
) -> None:
    for card in cards_in(render_body(page_context(sample, url))):
        if any("empty" in str(getattr(node, "className", "")).split() for node in walk(card)):
            continue
        hrefs = download_hrefs(card)
        assert [href.partition("?")[0].rpartition(".")[2] for href in hrefs] == ["csv", "parquet"], text_of(card)[:60]
        text = client.get(hrefs[0]).get_data(as_text=True)
        rows = download(client, hrefs[1])
        assert rows and len(list(csv.reader(io.StringIO(text)))) == len(rows) + 1, hrefs


def test_the_delay_of_each_source(sample: TableBuilder, client: FlaskClient) -> None:
    names = ("source", "records", "median_seconds", "p95_seconds", "last_load")
    rows = download(client, "/download/now/delays.parquet")
    assert rows == attributes(get_ingest_delays(sample.reader, NOW).value, *names)
    assert sum(row["records"] for row in rows) > 0


def test_the_status_of_each_table_is_the_same_from_both_pages(sample: TableBuilder, client: FlaskClient) -> None:
    now_rows, quality_rows = (download(client, f"/download/{page}/tables.parquet") for page in ("now", "quality"))
    names = ("table_name", "status", "rows", "newest_event")
    assert now_rows == quality_rows
    assert columns(now_rows, *names) == attributes(get_table_statuses(sample.reader, NOW), *names)


def test_the_busiest_hours_are_those_of_the_card_and_then_all_others(sample: TableBuilder, client: FlaskClient) -> None:
    rows = download(client, "/download/gyms/busiest_hours.parquet?zone=Europe%2FBerlin&count=present&gym=2")
    visits = count_visits_by_hour(sample.reader, (2,), measure="present", time_zone="Europe/Berlin", now=NOW).value
    assert [(row["weekday"], row["hour"], row["present"], row["mean"]) for row in rows] == [
        (WEEKDAYS[busy.weekday], busy.hour, busy.count, busy.mean)
        for busy in find_busiest_hours(visits, HOURS_PER_WEEK)
    ]
    assert sum(row["present"] for row in rows) == sum(map(sum, visits.counts)) > 0
    assert {row["time_zone"] for row in rows} == {"Europe/Berlin"}


def test_people_by_sex_and_by_gender(sample: TableBuilder, client: FlaskClient) -> None:
    rows = download(client, "/download/people/sexes.parquet")
    demographics, names = get_demographics(sample.reader).value, ("value", "people", "share")
    for by, groups in (("sex", demographics.sexes), ("gender", demographics.genders)):
        assert columns([row for row in rows if row["by"] == by], *names) == attributes(groups, *names) != []


def test_the_time_in_each_zone(client: FlaskClient, session_context: PageContext, session: SessionDetail) -> None:
    rows = download(client, f"/download{session_context.url.path}/zones.parquet")
    assert len(rows) == 6
    assert rows == attributes(session.zones, "number", "name", "min_bpm", "max_bpm", "seconds", "share")


def test_the_recovery(client: FlaskClient, session_context: PageContext, session: SessionDetail) -> None:
    rows = download(client, f"/download{session_context.url.path}/recovery.parquet")
    recovery = session.recovery
    assert recovery.drop_60 is not None
    assert [(row["seconds_after_stop"], row["heartrate"], row["fell_by"]) for row in rows] == [
        (0, recovery.at_stop, None),
        (60, recovery.after_60, recovery.drop_60),
        (120, recovery.after_120, recovery.drop_120),
    ]


def test_the_heart_rate_of_each_workout_of_a_person(sample: TableBuilder, client: FlaskClient) -> None:
    rows = download(client, f"/download/people/{USER_ID}/heart_rates.parquet")
    person = get_person(sample.reader, USER_ID, NOW).value
    assert person is not None
    workouts = [row for row in reversed(person.workouts.to_pylist()) if row["avg_bpm"] is not None]
    assert rows == columns(workouts, *rows[0]) and len(rows) > 1


def test_what_waits_in_kafka(client: FlaskClient, sample: TableBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    topics = (
        TopicBacklog(topic="bpm", records=120, seconds=3.5, partitions=2),
        TopicBacklog(topic="workout", records=0, seconds=0.0, partitions=1),
    )
    lag = KafkaLag("connected", broker="127.0.0.1:9092", topics=topics, answered_at=NOW)
    monkeypatch.setattr(quality, "get_kafka_lag", lambda _reader: lag)
    cards = cards_in(render_body(page_context(sample, "/quality")))
    card = next(card for card in cards if "What waits in Kafka" in text_of(card))
    rows = download(client, download_hrefs(card)[1])
    assert rows == attributes(topics, "topic", "records", "seconds", "partitions")


@pytest.mark.parametrize("rows", [to_arrow(TopicBacklog, ()), to_arrow(PeopleGroup, (), by=())])
def test_a_download_without_rows_still_names_its_columns(rows: pa.Table) -> None:
    assert rows.num_rows == 0 and {"topic", "by"} & set(rows.column_names)


def test_a_download_that_is_not_there_is_said(client: FlaskClient) -> None:
    for path in ("/download/now/nothing.csv", "/download/gyms/hours.exe", "/download/nowhere/hours.csv"):
        assert client.get(path).status_code == 404, path


def test_names_are_nowhere_in_what_is_sent(sample: TableBuilder, client: FlaskClient) -> None:
    profiles = sample.delta_table("silver_db.user_profile").to_pyarrow_table().to_pylist()
    personal = {row["street_address"] for row in profiles} | {row["last_name"] for row in profiles}
    paths = {"Now": "/now", "Person": f"/people/{USER_ID}", "Session": f"/workouts/{USER_ID}-1-1"}
    for page in all_pages():
        for name in page.downloads:
            response = client.get(f"/download{paths.get(page.name, page.path)}/{name}.csv")
            assert response.status_code == 200, (page.path, name)
            text = response.get_data(as_text=True)
            assert not [value for value in personal if value in text], (page.path, name)


def test_a_spreadsheet_takes_no_text_of_a_record_for_a_formula() -> None:
    texts = ["=1+1", "+cmd", "-2", "@x", "\tx", "plain", None, ""]
    content = serialize(pa.table({"city": texts, "number": list(range(8))}), "csv").decode()
    found = [row["city"] for row in csv.DictReader(io.StringIO(content))]
    assert found == ["'=1+1", "'+cmd", "'-2", "'@x", "'\tx", "plain", "", ""]
