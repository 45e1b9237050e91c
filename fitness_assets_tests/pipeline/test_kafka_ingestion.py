"""Bronze from a real broker: each record once, in bounded batches."""

import base64
import time

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import NewPartitions

from fitness_assets.contracts.registry import get_table
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets_tests.pipeline.kafka_platform import HEART, KAFKA, KafkaPlatform, events
from fitness_assets_tests.records import NOON, reading


def test_each_record_once_beside_the_files_and_the_group_knows(kafka: KafkaPlatform) -> None:
    kafka.make(partitions=3)
    kafka.send(*events(0, 5))
    kafka.platform.land("kafka_multiplex_bz", "a.json", [reading(1, NOON + 100, 70.0)])
    assert kafka.lag() == 5
    assert kafka.update().inserted == 6
    assert kafka.lag() == 0
    version = kafka.platform.version(KAFKA)
    assert kafka.update().mode == "unchanged"
    assert kafka.platform.version(KAFKA) == version
    kafka.send(*events(5, 7))
    assert kafka.update().inserted == 2
    kafka.platform.update(HEART)
    assert len(kafka.platform.rows(HEART)) == 8


def test_what_a_record_becomes(kafka: KafkaPlatform) -> None:
    kafka.make()
    text = events(0, 1)[0]
    kafka.send(text, "{not json", None, b"\xff\xfe")
    kafka.platform.update()
    rows = kafka.platform.rows(KAFKA, "offset, key, value, topic, partition, value_base64, topic_group")
    assert rows == [
        (0, "k", text, "bpm", 0, None, "bpm"),
        (1, "k", "{not json", "bpm", 0, None, "bpm"),
        (2, "k", None, "bpm", 0, None, "bpm"),
        (3, "k", None, "bpm", 0, base64.b64encode(b"\xff\xfe").decode(), "bpm"),
    ]
    stamps = [stamp for (stamp,) in kafka.platform.rows(KAFKA, "timestamp")]
    assert all(abs(stamp / 1000 - time.time()) < 600 for stamp in stamps)
    assert sorted(reason for (reason,) in kafka.platform.rows("silver_db.quarantine", "reason")) == [
        "malformed",
        "malformed",
        "missing_value",
    ]


def test_many_records_come_in_bounded_commits(kafka: KafkaPlatform) -> None:
    kafka.make(partitions=2)
    kafka.send(*events(0, 50))
    kafka.platform.lake.settings = kafka.platform.settings.model_copy(
        update={"kafka": kafka.kafka.model_copy(update={"records_a_batch": 20})}
    )
    before = kafka.platform.version(KAFKA) if kafka.platform.lake.log(get_table(KAFKA)).exists() else 0
    assert kafka.update().inserted == 50
    assert kafka.platform.version(KAFKA) - before >= 3
    assert len(set(kafka.values())) == 50


def test_killed_between_the_commit_and_the_note_and_the_group(
    kafka: KafkaPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka.make()
    kafka.send(*events(0, 4))
    with monkeypatch.context() as killed:
        killed.setattr(Cluster, "commit", _raises)
        with pytest.raises(KeyboardInterrupt):
            kafka.update()
    assert len(kafka.values()) == 4
    kafka.send(*events(4, 6))
    assert kafka.update().inserted == 2
    assert len(set(kafka.values())) == 6
    assert kafka.lag() == 0


def test_with_its_note_lost_the_rows_themselves_say_how_far_it_was(kafka: KafkaPlatform) -> None:
    kafka.make(partitions=2)
    kafka.send(*events(0, 6))
    kafka.update()
    ProgressStore.from_settings(kafka.platform.settings).storage.delete(f"{KAFKA.replace('.', '/')}/progress.json")
    kafka.send(*events(6, 9))
    assert kafka.update().inserted == 3
    assert len(set(kafka.values())) == 9


def test_a_full_refresh_keeps_what_came_from_the_broker(kafka: KafkaPlatform) -> None:
    kafka.make()
    kafka.send(*events(0, 3))
    kafka.platform.land("kafka_multiplex_bz", "a.json", [reading(1, NOON + 100, 70.0)])
    kafka.platform.update(KAFKA, HEART)
    kafka.platform.update(KAFKA, HEART, full=True)
    assert kafka.update().mode == "unchanged"
    assert len(kafka.values()) == 4
    assert len(kafka.platform.rows(HEART)) == 4


def test_a_full_refresh_after_a_killed_update_appends_no_record_again(
    kafka: KafkaPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka.make()
    kafka.platform.land("kafka_multiplex_bz", "a.json", [reading(1, NOON + 100, 70.0)])
    kafka.send(*events(0, 3))
    kafka.update()
    kafka.send(*events(3, 6))
    with monkeypatch.context() as killed:
        killed.setattr(Cluster, "commit", _raises)
        with pytest.raises(KeyboardInterrupt):
            kafka.update()
    kafka.platform.update(KAFKA, full=True)
    assert len(kafka.values()) == len(set(kafka.values())) == 7


def test_a_run_without_a_broker_after_a_killed_one_forgets_no_offset(
    kafka: KafkaPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka.make()
    kafka.send(*events(0, 3))
    kafka.update()
    kafka.send(*events(3, 6))
    with monkeypatch.context() as killed:
        killed.setattr(Cluster, "commit", _raises)
        with pytest.raises(KeyboardInterrupt):
            kafka.update()
    kafka.platform.lake.settings = kafka.platform.settings.model_copy(update={"kafka": None})
    kafka.update()
    kafka.platform.lake.settings = kafka.platform.settings
    kafka.update()
    assert len(kafka.values()) == len(set(kafka.values())) == 6


def test_without_files_a_full_refresh_is_not_told_of_again(kafka: KafkaPlatform) -> None:
    kafka.make()
    kafka.send(*events(0, 3))
    kafka.update()
    kafka.platform.update(KAFKA, full=True)
    assert kafka.update().mode == "unchanged"
    assert len(kafka.values()) == 3


def test_a_partition_that_is_added_later(kafka: KafkaPlatform) -> None:
    kafka.make()
    kafka.send(*events(0, 3))
    kafka.update()
    for future in kafka.admin.create_partitions([NewPartitions("bpm", 3)]).values():
        future.result(10)
    producer = Producer({"bootstrap.servers": kafka.kafka.servers, "log_level": 0})
    for partition in range(3):
        producer.produce("bpm", events(10 + partition, 11 + partition)[0], partition=partition)
    producer.flush(10)
    assert kafka.update().inserted == 3
    assert len(set(kafka.values())) == 6


def test_a_transaction_counts_once_it_is_committed(kafka: KafkaPlatform) -> None:
    kafka.make()
    kafka.send(*events(0, 3), **{"transactional.id": "t"})
    producer = Producer({"bootstrap.servers": kafka.kafka.servers, "log_level": 0, "transactional.id": "u"})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce("bpm", events(3, 4)[0])
    producer.flush(10)
    assert kafka.update().inserted == 3
    producer.abort_transaction(20)
    kafka.send(*events(4, 5))
    assert kafka.update().inserted == 1
    assert kafka.update().mode == "unchanged"
    assert kafka.lag() == 0


def _raises(*_: object) -> None:
    raise KeyboardInterrupt
