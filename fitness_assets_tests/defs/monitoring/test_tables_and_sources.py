"""Stale tables, refused records, silent sources and lag, brought about: one message each way."""

import time

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from dagster import (
    DagsterInstance,
)
from dagster._core.definitions.freshness import FreshnessState

from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.live.broker.server import Broker
from fitness_assets.live.processes.ports import free_port
from fitness_assets_tests.alerts.http_receiver import HttpReceiver
from fitness_assets_tests.defs.code_server import CodeServer
from fitness_assets_tests.defs.monitoring.instances import (
    freshness,
    look,
    materialize,
    run_job,
)


def test_a_stale_table_is_told_until_it_is_fresh(code_server: CodeServer, web: HttpReceiver) -> None:
    freshness(code_server.instance, "gold_db.gym_summary", FreshnessState.WARN)
    assert look(code_server) == "Nothing is wrong."
    freshness(code_server.instance, "gold_db.gym_summary", FreshnessState.FAIL)
    look(code_server)
    freshness(code_server.instance, "gold_db.gym_summary", FreshnessState.PASS)
    look(code_server)
    assert web.news() == [("begins", "table_stale:gold_db.gym_summary"), ("ends", "table_stale:gold_db.gym_summary")]


def test_a_jump_of_refused_records_is_told(code_server: CodeServer, web: HttpReceiver) -> None:
    for table in FILE_FEEDS:
        materialize(code_server.instance, table, 1_000)
    materialize(code_server.instance, "silver_db.quarantine", 10)
    look(code_server)
    materialize(code_server.instance, "bronz_db.gym_logins_bz", 1_100)
    materialize(code_server.instance, "silver_db.quarantine", 60)
    look(code_server)
    assert web.news() == [("begins", "refused_jump:quarantine")]
    assert "50 of 100 records since" in web.messages[0]["notifications"][0]["summary"]


def test_a_folder_gone_silent_is_told_until_something_comes(
    code_server: CodeServer, web: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FITNESS_ALERT_SILENT_HOURS", f"gym_logins_bz={0.5 / 3600}")
    materialize(code_server.instance, "bronz_db.gym_logins_bz", 1_000)
    look(code_server)
    time.sleep(1)
    materialize(code_server.instance, "bronz_db.gym_logins_bz", 1_000)
    look(code_server)
    materialize(code_server.instance, "bronz_db.gym_logins_bz", 1_001)
    look(code_server)
    assert web.news() == [("begins", "source_silent:gym_logins_bz"), ("ends", "source_silent:gym_logins_bz")]


def test_a_broker_that_is_not_there_is_told_and_nothing_else_is_hidden_by_it(
    instance: DagsterInstance, web: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{free_port()}")
    run_job(instance, "maintain_tables", fails=True)
    look(CodeServer(instance))
    assert sorted(web.news()) == [("begins", "broker_unreachable:broker"), ("begins", "run_failed:maintain_tables")]
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS")
    look(CodeServer(instance))
    assert web.news()[2:] == [("ends", "broker_unreachable:broker")]


@pytest.mark.kafka
def test_lag_of_a_real_broker_is_told_until_it_is_read(
    instance: DagsterInstance, web: HttpReceiver, empty_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", empty_broker.address)
    monkeypatch.setenv("FITNESS_KAFKA_GROUP", "a group of the alerts")
    monkeypatch.setenv("FITNESS_ALERT_LAG_RECORDS", "5")
    producer = Producer({"bootstrap.servers": empty_broker.address})
    for _ in range(5):
        producer.produce("bpm", b"{}")
    assert producer.flush(20) == 0
    code_server = CodeServer(instance)
    look(code_server)
    look(code_server)
    assert web.news() == [("begins", "lag_growing:bpm")]
    consumer = Consumer({"bootstrap.servers": empty_broker.address, "group.id": "a group of the alerts"})
    partitions = consumer.list_topics("bpm", timeout=20).topics["bpm"].partitions
    ends = [TopicPartition("bpm", number, 5) for number in partitions]
    consumer.commit(offsets=ends, asynchronous=False)
    consumer.close()
    look(code_server)
    assert web.news() == [("begins", "lag_growing:bpm"), ("ends", "lag_growing:bpm")]
