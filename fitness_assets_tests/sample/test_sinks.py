"""Where events go: complete files, one row a visit, each record once in its topic, and one line when it fails."""

import csv
import json
import sqlite3
import time
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer

from fitness_assets.contracts.feeds import FILE_FEEDS, TOPICS
from fitness_assets.errors import KafkaError, SettingError, SinkError
from fitness_assets.sample.file_sink import FileSink
from fitness_assets.sample.kafka_sink import KafkaSink
from fitness_assets.sample.live_events import Crowd, live_events
from fitness_assets.sample.sink import SplitSink
from fitness_assets.sample.sql_sink import SqlSink

START = 1_780_000_000
REGISTRATION = (float(START), "registered_users_bz", f"1,2,aa:bb,{START}")
LOGIN = (START + 1.0, "gym_logins_bz", f"aa:bb,4,{START + 1},")
LOGOUT = (START + 60.0, "gym_logins_bz", f"aa:bb,4,{START + 1},{START + 60}")
READING = (START + 2.0, "bpm", '{"device_id": 2, "time": 1780000002.0, "heartrate": 61.5}')


def mock_broker() -> tuple[Producer, str]:
    """librdkafka's own broker in memory, there as long as this client, and its address."""
    client = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": "1", "log_level": 0})
    broker = next(iter(client.list_topics(timeout=10).brokers.values()))
    return client, f"{broker.host}:{broker.port}"


def test_files_are_complete_under_their_names_and_have_the_header_of_the_contract(tmp_path: Path) -> None:
    seconds = [0.0]
    sink = FileSink(tmp_path, seconds_per_file=5, clock=lambda: seconds[0])
    sink.send([REGISTRATION, LOGIN])
    assert [file.name[0] for file in tmp_path.rglob("*.*")] == ["_", "_"]
    assert sink.delivered() == {"files": 0}
    seconds[0] = 5.0
    sink.send([])
    assert sink.delivered() == {"files": 2}
    sink.send([LOGOUT, READING])
    sink.close()
    assert sink.delivered() == {"files": 4}
    assert not [file for file in tmp_path.rglob("*.*") if file.name.startswith("_") or file.suffix == ".tmp"]
    for folder in (FILE_FEEDS["bronz_db.registered_users_bz"], FILE_FEEDS["bronz_db.gym_logins_bz"]):
        for file in (tmp_path / folder.name).glob("[!_]*"):
            rows = list(csv.DictReader(file.read_text().splitlines()))
            assert ",".join(rows[0]) == folder.header and len(rows) == 1
    (records,) = (tmp_path / "kafka_multiplex_bz").glob("*.json")
    record = json.loads(records.read_text())
    assert (record["key"], record["topic"], record["value"]) == ("2", "bpm", READING[2])


def test_two_starts_never_write_the_same_file(tmp_path: Path) -> None:
    for _ in range(2):
        sink = FileSink(tmp_path)
        sink.send([READING])
        sink.close()
    assert len(list(tmp_path.rglob("*.json"))) == 2


def test_a_visit_is_one_row_of_the_database_that_gets_its_logout(tmp_path: Path) -> None:
    sink = SqlSink(f"sqlite:///{tmp_path}/app.db")
    with sqlite3.connect(tmp_path / "app.db") as db:
        sink.send([REGISTRATION, LOGIN])
        assert db.execute("SELECT logout FROM gym_logins").fetchall() == [(None,)]
        sink.send([LOGOUT, REGISTRATION, LOGIN])
        assert db.execute("SELECT * FROM gym_logins").fetchall() == [("aa:bb", 4, START + 1, START + 60)]
        assert db.execute("SELECT * FROM registered_users").fetchall() == [(1, 2, "aa:bb", START)]
    assert sink.delivered() == {"sql": 5}
    sink.close()


def test_a_registration_that_no_typed_column_holds_is_counted_apart(tmp_path: Path) -> None:
    sink = SqlSink(f"sqlite:///{tmp_path}/app.db")
    sink.send([(0.0, "registered_users_bz", "abc,1,aa:bb,1753056000"), REGISTRATION])
    assert sink.delivered() == {"sql": 1, "without an SQL row": 1}
    sink.close()


def test_a_database_that_cannot_be_used_is_one_line_without_its_password() -> None:
    for url in ("", "no url", "postgresql+psycopg://me:secret@host:port/app", "nothing://host/app"):
        with pytest.raises(SettingError, match="FITNESS_SQL_URL") as refused:
            SqlSink(url)
        assert "secret" not in str(refused.value)
    with pytest.raises(SinkError) as raised:
        SqlSink("postgresql+psycopg://me:secret@127.0.0.1:1/app")
    assert "127.0.0.1:1/app" in str(raised.value)
    assert "secret" not in str(raised.value) and "\n" not in str(raised.value)


def test_a_broker_gets_each_event_once_in_its_topic_with_its_key() -> None:
    broker, address = mock_broker()
    sink = KafkaSink({"bootstrap.servers": address})
    sent = list(islice((event for event in live_events(Crowd(START)) if event[1] in TOPICS), 500))
    sink.send(sent)
    sink.close()
    assert sink.delivered() == {"kafka": 500}
    settings = {"group.id": "t", "auto.offset.reset": "earliest", "log_level": 0}
    consumer = Consumer({"bootstrap.servers": address, **settings})
    consumer.subscribe(list(TOPICS))
    came: Counter[tuple[str, str, str]] = Counter()
    deadline = time.monotonic() + 60
    while came.total() < 500 and time.monotonic() < deadline:
        for message in consumer.consume(500, 0.5):
            assert message.error() is None
            came[str(message.topic()), (message.key() or b"").decode(), (message.value() or b"").decode()] += 1
    consumer.close()
    del broker
    owner = {"user_info": "user_id", "workout": "user_id", "bpm": "device_id"}
    assert came == Counter((topic, str(json.loads(text)[owner[topic]]), text) for _, topic, text in sent)


def test_a_broker_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(KafkaError) as raised:
        KafkaSink({"bootstrap.servers": "127.0.0.1:1"}, timeout_seconds=1)
    assert str(raised.value).startswith("Kafka at 127.0.0.1:1 does not answer within 1 s")
    assert "Connection refused" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_broker_that_goes_away_is_named() -> None:
    broker, address = mock_broker()
    sink = KafkaSink({"bootstrap.servers": address, "message.timeout.ms": "1000"})
    del broker
    sink.send([READING])
    with pytest.raises(KafkaError, match=f"{address} did not take all records: topic bpm"):
        sink.close()
    sink.close()
    assert sink.delivered() == {"kafka": 0}


def test_a_setting_of_kafka_that_is_not_known_is_named() -> None:
    with pytest.raises(SettingError, match=r"no\.such\.thing"):
        KafkaSink({"bootstrap.servers": "127.0.0.1:1", "no.such.thing": "1"})
    with pytest.raises(SettingError, match="KAFKA_BOOTSTRAP_SERVERS"):
        KafkaSink({})


def test_topics_and_tables_may_go_different_ways(tmp_path: Path) -> None:
    sink = SplitSink(FileSink(tmp_path / "topics"), FileSink(tmp_path / "tables"))
    sink.send([REGISTRATION, READING, LOGIN])
    sink.close()
    assert [folder.name for folder in (tmp_path / "topics").iterdir()] == ["kafka_multiplex_bz"]
    assert {folder.name for folder in (tmp_path / "tables").iterdir()} == {"registered_users_bz", "gym_logins_bz"}
