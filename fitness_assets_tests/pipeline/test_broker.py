"""Whatever the broker does has an answer: what it no longer holds is told, and reading goes on."""

import shutil
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import KafkaError
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.kafka.offsets import OffsetRange
from fitness_assets.kafka.reader import read_records
from fitness_assets.live.broker.server import Broker
from fitness_assets.live.processes.ports import free_port
from fitness_assets.pipeline.quality.checks import run_checks
from fitness_assets.pipeline.result import CheckResult
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets.pipeline.strategies.ingestion.kafka_ingestion import KafkaIngestion
from fitness_assets.settings import KafkaSettings
from fitness_assets_tests.pipeline.kafka_platform import HEART, KAFKA, KafkaPlatform, events
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import NOON, reading


def test_what_was_appended_and_missed_is_told_though_the_group_cannot_be_told(
    kafka: KafkaPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise KafkaError("The broker takes no offsets.")

    kafka.make()
    kafka.send(*events(0, 1))
    kafka.update()
    kafka.send(*events(1, 6))
    for future in kafka.admin.delete_records([TopicPartition("bpm", 0, 3)]).values():
        future.result(10)
    with monkeypatch.context() as broken:
        broken.setattr(Cluster, "commit", refused)
        result = kafka.update()
    assert (result.mode, result.inserted, result.problem) == ("incremental", 3, "The broker takes no offsets.")
    assert "aged out, records from offset 1 to 2" in result.warnings[0]
    again = kafka.update()
    assert (again.mode, again.warnings, again.problem) == ("unchanged", (), "")
    assert kafka.lag() == 0


def test_a_topic_made_anew_is_read_from_its_beginning_and_told(kafka: KafkaPlatform) -> None:
    kafka.make()
    kafka.send(*events(0, 3))
    kafka.update()
    kafka.drop("bpm")
    result = kafka.update()
    assert "no longer has bpm" in result.problem
    kafka.make()
    kafka.send(*events(10, 15))
    result = kafka.update()
    assert result.inserted == 5
    assert "topic made anew" in result.warnings[0]
    assert len(set(kafka.values())) == 8
    assert kafka.lag() == 0


def test_records_that_retention_took_are_told_and_reading_goes_on(kafka: KafkaPlatform) -> None:
    kafka.make()
    kafka.send(*events(0, 2))
    kafka.update()
    kafka.send(*events(2, 6))
    for future in kafka.admin.delete_records([TopicPartition("bpm", 0, 5)]).values():
        future.result(10)
    result = kafka.update()
    assert result.inserted == 1
    assert result.warnings == (
        "Records were gone before we could read them: bpm/0: aged out, records from offset 2 to 4 (3)",
    )
    assert kafka.update().warnings == ()
    check = nothing_missed(kafka)
    assert not check.passed and not check.blocking
    assert check.figures == {"gaps": "bpm/0: aged out, records from offset 2 to 4 (3)"}
    ingestion_of(kafka).accept_gaps()
    assert nothing_missed(kafka).passed
    assert kafka.update().mode == "unchanged"


def test_gaps_that_are_accepted_while_the_table_is_away_do_not_hide_that_it_is_another_one(
    kafka: KafkaPlatform,
) -> None:
    kafka.make()
    kafka.platform.land("kafka_multiplex_bz", "a.json", [reading(1, NOON, 70.0)])
    kafka.update()
    shutil.rmtree(kafka.platform.path(KAFKA))
    ingestion_of(kafka).accept_gaps()
    assert kafka.update().inserted == 1


def nothing_missed(kafka: KafkaPlatform) -> CheckResult:
    checks = run_checks(kafka.platform.lake, get_table(KAFKA))
    return next(check for check in checks if check.name == "nothing_missed")


def ingestion_of(kafka: KafkaPlatform) -> KafkaIngestion:
    lake = kafka.platform.lake
    return KafkaIngestion(lake, get_table(KAFKA), ProgressStore.from_settings(lake.settings))


def test_a_broker_that_is_down_is_told_and_the_files_come_in(kafka: KafkaPlatform) -> None:
    kafka.platform.land("kafka_multiplex_bz", "a.json", [reading(1, NOON, 70.0)])
    nowhere = KafkaSettings(servers=f"127.0.0.1:{free_port()}", group="kafka_platform")
    kafka.platform.lake.settings = kafka.platform.settings.model_copy(update={"kafka": nowhere})
    result = kafka.platform.update(KAFKA, HEART)
    assert result[KAFKA].inserted == 1
    assert "cannot be used: no answer" in result[KAFKA].problem
    assert len(kafka.platform.rows(HEART)) == 1


def test_records_that_are_gone_once_they_are_read_are_an_error_and_nothing_is_kept(kafka: KafkaPlatform) -> None:
    kafka.make()
    kafka.send(*events(0, 6))
    for future in kafka.admin.delete_records([TopicPartition("bpm", 0, 3)]).values():
        future.result(10)
    settings = kafka.platform.lake.settings.kafka
    assert settings is not None
    with pytest.raises(KafkaError, match=r"Reading from the Kafka broker .* failed: .*Offset out of range"):
        list(read_records([OffsetRange("bpm", "id", 0, 0, 6)], settings))


def test_a_broker_killed_in_between_loses_and_doubles_nothing(
    spark: SparkSession, tmp_path: Path, kafka: KafkaPlatform
) -> None:
    own_broker = Broker(tmp_path / "own", free_port())
    own_broker.start()
    try:
        other = KafkaPlatform(Platform(tmp_path / "base", lambda: spark), own_broker)
        other.make(partitions=2)
        other.send(*events(0, 10))
        assert other.update().inserted == 10
        other.send(*events(10, 15))
        own_broker.kill()
        assert other.update().problem
        own_broker.start()
        assert other.update().inserted == 5
        assert len(set(other.values())) == 15
    finally:
        own_broker.stop()
