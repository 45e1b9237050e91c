"""Bronze from a real broker: each record once, in bounded batches."""

import base64
import time
from dataclasses import replace

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import NewPartitions

from fitness_assets.contracts.registry import get_table
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets_tests.lines import NOON, reading
from fitness_assets_tests.pipeline.desk import HEART, KAFKA, Desk, events


def test_each_record_once_beside_the_files_and_the_group_knows(desk: Desk) -> None:
    desk.make(partitions=3)
    desk.send(*events(0, 5))
    desk.platform.land("kafka_multiplex_bz", "a.json", [reading(1, NOON + 100, 70.0)])
    assert desk.lag() == 5
    assert desk.update().inserted == 6
    assert desk.lag() == 0
    version = desk.platform.version(KAFKA)
    assert desk.update().mode == "unchanged"
    assert desk.platform.version(KAFKA) == version
    desk.send(*events(5, 7))
    assert desk.update().inserted == 2
    desk.platform.update(HEART)
    assert len(desk.platform.rows(HEART)) == 8


def test_what_a_record_becomes(desk: Desk) -> None:
    desk.make()
    text = events(0, 1)[0]
    desk.send(text, "{not json", None, b"\xff\xfe")
    desk.platform.update()
    rows = desk.platform.rows(KAFKA, "offset, key, value, topic, partition, raw, topic_group")
    assert rows == [
        (0, "k", text, "bpm", 0, None, "bpm"),
        (1, "k", "{not json", "bpm", 0, None, "bpm"),
        (2, "k", None, "bpm", 0, None, "bpm"),
        (3, "k", None, "bpm", 0, base64.b64encode(b"\xff\xfe").decode(), "bpm"),
    ]
    stamps = [stamp for (stamp,) in desk.platform.rows(KAFKA, "timestamp")]
    assert all(abs(stamp / 1000 - time.time()) < 600 for stamp in stamps)
    assert sorted(reason for (reason,) in desk.platform.rows("silver_db.quarantine", "reason")) == [
        "malformed",
        "malformed",
        "missing_value",
    ]


def test_many_records_come_in_bounded_commits(desk: Desk) -> None:
    desk.make(partitions=2)
    desk.send(*events(0, 50))
    desk.platform.lake.settings = replace(desk.platform.settings, kafka=replace(desk.kafka, records_a_batch=20))
    before = desk.platform.version(KAFKA) if desk.platform.lake.log(get_table(KAFKA)).exists() else 0
    assert desk.update().inserted == 50
    assert desk.platform.version(KAFKA) - before >= 3
    assert len(set(desk.values())) == 50


def test_killed_between_the_commit_and_the_note_and_the_group(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.make()
    desk.send(*events(0, 4))
    with monkeypatch.context() as killed:
        killed.setattr(Cluster, "commit", _raises)
        with pytest.raises(KeyboardInterrupt):
            desk.update()
    assert len(desk.values()) == 4
    desk.send(*events(4, 6))
    assert desk.update().inserted == 2
    assert len(set(desk.values())) == 6
    assert desk.lag() == 0


def test_with_its_note_lost_the_rows_themselves_say_how_far_it_was(desk: Desk) -> None:
    desk.make(partitions=2)
    desk.send(*events(0, 6))
    desk.update()
    (ProgressStore(desk.platform.settings).folder(get_table(KAFKA)) / "progress.json").unlink()
    desk.send(*events(6, 9))
    assert desk.update().inserted == 3
    assert len(set(desk.values())) == 9


def test_a_full_refresh_keeps_what_came_from_the_broker(desk: Desk) -> None:
    desk.make()
    desk.send(*events(0, 3))
    desk.platform.land("kafka_multiplex_bz", "a.json", [reading(1, NOON + 100, 70.0)])
    desk.platform.update(KAFKA, HEART)
    desk.platform.update(KAFKA, HEART, full=True)
    assert desk.update().mode == "unchanged"
    assert len(desk.values()) == 4
    assert len(desk.platform.rows(HEART)) == 4


def test_without_files_a_full_refresh_is_not_told_of_again(desk: Desk) -> None:
    desk.make()
    desk.send(*events(0, 3))
    desk.update()
    desk.platform.update(KAFKA, full=True)
    assert desk.update().mode == "unchanged"
    assert len(desk.values()) == 3


def test_a_partition_that_is_added_later(desk: Desk) -> None:
    desk.make()
    desk.send(*events(0, 3))
    desk.update()
    for future in desk.admin.create_partitions([NewPartitions("bpm", 3)]).values():
        future.result(10)
    producer = Producer({"bootstrap.servers": desk.kafka.servers, "log_level": 0})
    for partition in range(3):
        producer.produce("bpm", events(10 + partition, 11 + partition)[0], partition=partition)
    producer.flush(10)
    assert desk.update().inserted == 3
    assert len(set(desk.values())) == 6


def test_a_transaction_counts_once_it_is_committed(desk: Desk) -> None:
    desk.make()
    desk.send(*events(0, 3), **{"transactional.id": "t"})
    producer = Producer({"bootstrap.servers": desk.kafka.servers, "log_level": 0, "transactional.id": "u"})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce("bpm", events(3, 4)[0])
    producer.flush(10)
    assert desk.update().inserted == 3
    producer.abort_transaction(20)
    desk.send(*events(4, 5))
    assert desk.update().inserted == 1
    assert desk.update().mode == "unchanged"
    assert desk.lag() == 0


def _raises(*_: object) -> None:
    raise KeyboardInterrupt
