"""Kafka's lag, with a broker and without one."""

import time
from pathlib import Path

import pytest
from confluent_kafka import Producer

from fitness_assets.dashboard.queries.quality.kafka_lag import get_kafka_lag
from fitness_assets.dashboard.table_reader.reader import TableReader
from fitness_assets.live.broker.server import Broker
from fitness_assets.live.processes.ports import free_port
from fitness_assets.settings import KafkaSettings, Settings
from fitness_assets_tests.dashboard.table_builder import TableBuilder


def test_without_a_broker_there_is_no_lag(builder: TableBuilder) -> None:
    assert get_kafka_lag(builder.reader).status == "no broker"


@pytest.mark.slow
def test_a_broker_that_is_not_there_keeps_no_page_waiting_and_is_told_in_time(tmp_path: Path) -> None:
    kafka = KafkaSettings(servers=f"127.0.0.1:{free_port()}", group="group")
    reader = TableReader(Settings(base_dir=tmp_path, kafka=kafka))
    began = time.monotonic()
    lag = get_kafka_lag(reader, timeout=0.05)
    assert (lag.status, lag.records) == ("connecting", 0)
    while lag.status == "connecting" and time.monotonic() - began < 30:
        lag = get_kafka_lag(reader, timeout=1)
    assert lag.status == "unavailable"
    assert kafka.servers in (lag.problem or "")


def test_what_the_broker_holds_and_was_not_read_is_told_by_topic(tmp_path: Path, broker: Broker) -> None:
    producer = Producer({"bootstrap.servers": broker.address})
    for _ in range(3):
        producer.produce("bpm", "{}")
    producer.flush(20)
    reader = TableReader(
        Settings(base_dir=tmp_path, kafka=KafkaSettings(servers=broker.address, group="a group that read nothing"))
    )
    lag = get_kafka_lag(reader, timeout=20)
    assert (lag.status, lag.problem) == ("connected", None)
    assert lag.answered_at is not None
    bpm = next(topic for topic in lag.topics if topic.topic == "bpm")
    assert bpm.records >= 3
    assert lag.records >= 3
