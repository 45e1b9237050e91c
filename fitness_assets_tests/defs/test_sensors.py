"""The sensors on a real landing zone, a real broker and a real instance: one run of what changed, never a lost one."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer
from dagster import (
    AssetKey,
    DagsterInstance,
    DagsterRunStatus,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    build_sensor_context,
)

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.definitions import defs
from fitness_assets.defs import asking, sensors
from fitness_assets.defs.asking import Asked
from fitness_assets.defs.jobs import STREAM, UPDATE
from fitness_assets.errors import KafkaError
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.kafka.settings import KafkaSettings
from fitness_assets.live.broker import Broker
from fitness_assets.live.ports import free_port
from fitness_assets.pipeline import waiting
from fitness_assets_tests.lines import LOGINS, NOON, REGISTERED, reading
from fitness_assets_tests.platform import Platform

LOGINS_BELOW = {"bronz_db/gym_logins_bz", "silver_db/gym_logs", "silver_db/quarantine", "gold_db/gym_summary"}


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A platform without an engine: a sensor must not need one."""

    def no_engine() -> None:
        raise AssertionError("a sensor started an engine")

    monkeypatch.setenv("FITNESS_BASE_DIR", str(tmp_path / "base"))
    monkeypatch.setattr(sensors, "_LOOKS_FOR_SECONDS", 0)
    return Platform(tmp_path / "base", no_engine)  # type: ignore[arg-type]  # gives no session on purpose


def tick(
    sensor: str, instance: DagsterInstance, cursor: str | None = None
) -> tuple[SensorResult | SkipReason, SensorEvaluationContext]:
    asking._desk = asking._Desk()
    context = build_sensor_context(instance=instance, cursor=cursor, definitions=defs)
    found = getattr(sensors, sensor)(context)
    assert isinstance(found, SensorResult | SkipReason)
    return found, context


def asked_for(found: SensorResult | SkipReason) -> set[str]:
    assert isinstance(found, SensorResult) and found.run_requests is not None
    (request,) = found.run_requests
    return {key.to_user_string() for key in request.asset_selection or []}


def going(instance: DagsterInstance, job: str, status: DagsterRunStatus) -> str:
    run = instance.create_run_for_job(defs.resolve_job_def(job), status=status)
    return run.run_id


def test_a_landed_file_asks_for_its_table_and_all_below_it(base: Platform, instance: DagsterInstance) -> None:
    assert isinstance(tick("landing_zone_sensor", instance)[0], SkipReason)
    base.land("gym_logins_bz", "_a.csv.tmp", [LOGINS])
    assert isinstance(tick("landing_zone_sensor", instance)[0], SkipReason)
    base.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    assert asked_for(tick("landing_zone_sensor", instance)[0]) == LOGINS_BELOW


@pytest.mark.parametrize("status", [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTED])
@pytest.mark.parametrize("job", [UPDATE, STREAM])
def test_while_a_run_is_queued_or_going_triggers_wait_and_come_together(
    base: Platform, instance: DagsterInstance, job: str, status: DagsterRunStatus
) -> None:
    run_id = going(instance, job, status)
    base.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    found, _ = tick("landing_zone_sensor", instance)
    assert isinstance(found, SkipReason) and job in str(found.skip_message)
    base.land("registered_users_bz", "a.csv", [REGISTERED, "1,7,aa,1678451168"])
    instance.delete_run(run_id)
    assert {"bronz_db/gym_logins_bz", "bronz_db/registered_users_bz"} <= asked_for(
        tick("landing_zone_sensor", instance)[0]
    )


def test_both_sensors_in_one_moment_ask_for_one_run(base: Platform, instance: DagsterInstance) -> None:
    base.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    assert asked_for(tick("landing_zone_sensor", instance)[0]) == LOGINS_BELOW
    wanted, _ = asking.ask(Asked(), "other", {"bronz_db.kafka_multiplex_bz"})
    assert isinstance(wanted, SkipReason)


def test_a_run_that_got_nothing_further_is_tried_again_later(base: Platform, instance: DagsterInstance) -> None:
    base.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    first, _ = tick("landing_zone_sensor", instance)
    assert isinstance(first, SensorResult)
    again, _ = tick("landing_zone_sensor", instance, first.cursor)
    assert isinstance(again, SkipReason) and "tried again in" in str(again.skip_message)
    asked = Asked.from_cursor(first.cursor)
    later = Asked(asked.state, asked.at - asking._FIRST_PAUSE_SECONDS, asked.times)
    second, _ = tick("landing_zone_sensor", instance, later.cursor())
    assert asked_for(second) == LOGINS_BELOW
    assert isinstance(second, SensorResult)
    assert Asked.from_cursor(second.cursor).pause_left(asked.state, time.time()) > asking._FIRST_PAUSE_SECONDS


def test_files_of_one_second_and_one_replaced_are_all_seen(base: Platform) -> None:
    watch = waiting.LandingWatch(base.lake)
    found = set()
    for content in ("aa,5,1,2", "aa,5,1,3", "aa,5,1,4"):
        base.land("gym_logins_bz", "a.csv", [LOGINS, content])
        found.add(waiting.fingerprint(base.settings.landing_zone / "gym_logins_bz", waiting.FOLDERS[GYM]))
        assert watch.changed() == {GYM}
        base.land("gym_logins_bz", f"{content[-1]}.csv", [LOGINS, content])
        found.add(waiting.fingerprint(base.settings.landing_zone / "gym_logins_bz", waiting.FOLDERS[GYM]))
    assert len(found) == 6


GYM = "bronz_db.gym_logins_bz"


def test_a_table_left_behind_by_a_failed_run_is_asked_for(platform: Platform, instance: DagsterInstance) -> None:
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    platform.update(GYM)
    assert waiting.left_behind(platform.lake) == {"silver_db.gym_logs", "silver_db.quarantine"}
    platform.update()
    assert waiting.left_behind(platform.lake) == set()
    assert waiting.LandingWatch(platform.lake).changed() == set()


def all_read(broker: Broker) -> None:
    """Whatever the topics of the shared broker hold, our group has read it."""
    cluster = Cluster(KafkaSettings(broker.address, "sensor"))
    held = cluster.topics(TOPICS).values()
    cluster.commit({(topic.name, number): one.end for topic in held for number, one in topic.partitions.items()})


def test_lag_above_a_threshold_asks_for_a_run_and_is_observed(
    base: Platform, instance: DagsterInstance, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", broker.address)
    monkeypatch.setenv("FITNESS_KAFKA_GROUP", "sensor")
    monkeypatch.setenv("FITNESS_KAFKA_LAG_RECORDS", "3")
    monkeypatch.setenv("FITNESS_KAFKA_LAG_SECONDS", "3600")
    sensors._lags.clear()
    producer = Producer({"bootstrap.servers": broker.address, "log_level": 0})
    all_read(broker)
    for number in range(2):
        producer.produce("bpm", reading(1, NOON + number, 60.0))
    producer.flush(10)
    below, _ = tick("kafka_lag_sensor", instance)
    assert isinstance(below, SensorResult) and not below.run_requests
    (seen,) = [one for one in below.asset_events if one.asset_key == AssetKey(["kafka", "bpm"])]
    assert seen.metadata["lag"].value == 2
    producer.produce("bpm", reading(1, NOON + 9, 60.0))
    producer.flush(10)
    wanted = asked_for(tick("kafka_lag_sensor", instance)[0])
    assert {"bronz_db/kafka_multiplex_bz", "silver_db/heart_rate", "gold_db/workout_bpm_summary"} <= wanted
    assert "bronz_db/gym_logins_bz" not in wanted
    all_read(broker)
    assert not getattr(tick("kafka_lag_sensor", instance)[0], "run_requests", None)


def test_a_broker_that_is_dead_makes_the_tick_fail_with_a_clear_message_in_bounded_time(
    base: Platform, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{free_port()}")
    sensors._lags.clear()
    began = time.monotonic()
    with pytest.raises(KafkaError, match=r"cannot be used: no answer within 4 s"):
        tick("kafka_lag_sensor", instance)
    assert time.monotonic() - began < 30


def test_without_a_broker_configured_the_lag_sensor_says_so(
    base: Platform, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    found, _ = tick("kafka_lag_sensor", instance)
    assert isinstance(found, SkipReason) and "KAFKA_BOOTSTRAP_SERVERS is not set" in str(found.skip_message)
