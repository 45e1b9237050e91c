"""Whatever the broker does has an answer: what it no longer holds is told, and reading goes on."""

from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import KafkaError
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.kafka.settings import KafkaSettings
from fitness_assets.live.broker import Broker
from fitness_assets.live.ports import free_port
from fitness_assets.pipeline.quality.checks import run_checks
from fitness_assets.pipeline.strategies.kafka_ingestion import broker_failures
from fitness_assets_tests.lines import NOON, reading
from fitness_assets_tests.pipeline.desk import HEART, KAFKA, Desk, events
from fitness_assets_tests.platform import Platform


def test_what_was_appended_and_missed_is_told_though_the_group_cannot_be_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise KafkaError("The broker takes no offsets.")

    desk.make()
    desk.send(*events(0, 1))
    desk.update()
    desk.send(*events(1, 6))
    for future in desk.admin.delete_records([TopicPartition("bpm", 0, 3)]).values():
        future.result(10)
    with monkeypatch.context() as broken:
        broken.setattr(Cluster, "commit", refused)
        result = desk.update()
    assert (result.mode, result.inserted, result.trouble) == ("incremental", 3, "The broker takes no offsets.")
    assert "aged out, records from offset 1 to 2" in result.told[0]
    again = desk.update()
    assert (again.mode, again.told, again.trouble) == ("unchanged", (), "")
    assert desk.lag() == 0


def test_a_topic_made_anew_is_read_from_its_beginning_and_told(desk: Desk) -> None:
    desk.make()
    desk.send(*events(0, 3))
    desk.update()
    desk.drop("bpm")
    gone = desk.update()
    assert "no longer has bpm" in gone.trouble
    desk.make()
    desk.send(*events(10, 15))
    result = desk.update()
    assert result.inserted == 5
    assert "topic made anew" in result.told[0]
    assert len(set(desk.values())) == 8
    assert desk.lag() == 0


def test_records_that_retention_took_are_told_and_reading_goes_on(desk: Desk) -> None:
    desk.make()
    desk.send(*events(0, 2))
    desk.update()
    desk.send(*events(2, 6))
    for future in desk.admin.delete_records([TopicPartition("bpm", 0, 5)]).values():
        future.result(10)
    result = desk.update()
    assert result.inserted == 1
    assert result.told == (
        "Records were gone before we could read them: bpm/0: aged out, records from offset 2 to 4 (3)",
    )
    assert desk.update().told == ()
    (found,) = [one for one in run_checks(desk.platform.lake, get_table(KAFKA)) if one.name == "nothing_missed"]
    assert not found.passed
    assert not found.blocking
    assert found.figures == {"gaps": "bpm/0: aged out, records from offset 2 to 4 (3)"}


def test_a_broker_that_is_down_is_told_and_the_files_come_in(desk: Desk) -> None:
    desk.platform.land("kafka_multiplex_bz", "a.json", [reading(1, NOON, 70.0)])
    desk.platform.lake.settings = replace(
        desk.platform.settings, kafka=KafkaSettings(f"127.0.0.1:{free_port()}", "desk")
    )
    result = desk.platform.update(KAFKA, HEART)
    assert result[KAFKA].inserted == 1
    assert "cannot be used: no answer" in result[KAFKA].trouble
    assert len(desk.platform.rows(HEART)) == 1


def test_only_what_the_broker_does_to_spark_is_laid_to_the_broker() -> None:
    settings = KafkaSettings("hub:9093", "desk")
    with pytest.raises(KafkaError, match=r"hub:9093: org\.apache.*TimeoutException"), broker_failures(settings):
        raise PySparkException("Job aborted.\norg.apache.kafka.common.errors.TimeoutException: 30000ms expired")
    with pytest.raises(PySparkException, match="No space left"), broker_failures(settings):
        raise PySparkException("No space left on device: /data/bronz_db/kafka_multiplex_bz/part-0.parquet")


def test_a_broker_killed_in_between_loses_and_doubles_nothing(spark: SparkSession, tmp_path: Path, desk: Desk) -> None:
    own = Broker(tmp_path / "own", free_port())
    own.start()
    try:
        other = Desk(Platform(tmp_path / "base", lambda: spark), own)
        other.make(partitions=2)
        other.send(*events(0, 10))
        assert other.update().inserted == 10
        other.send(*events(10, 15))
        own.kill()
        assert other.update().trouble
        own.start()
        assert other.update().inserted == 5
        assert len(set(other.values())) == 15
    finally:
        own.stop()
