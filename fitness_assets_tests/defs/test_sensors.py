"""The sensors on a real landing zone, a real broker and a real instance: one run of what changed, never a lost one."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Producer
from dagster import (
    AssetKey,
    AssetObservation,
    DagsterInstance,
    DagsterRunStatus,
    SensorResult,
    SkipReason,
)

from fitness_assets.contracts.feeds import FILE_FEEDS, TOPICS
from fitness_assets.defs.automation import polling
from fitness_assets.defs.automation.run_requests import FIRST_BACKOFF_SECONDS, LastRequest
from fitness_assets.defs.events import DATA_VERSION_TAG
from fitness_assets.defs.jobs.stream_all_tables import stream_all_tables
from fitness_assets.defs.jobs.update_all_tables import update_all_tables
from fitness_assets.errors import KafkaError
from fitness_assets.kafka.cluster import Cluster, Topic, Watermarks
from fitness_assets.live.broker.server import Broker
from fitness_assets.live.processes.ports import free_port
from fitness_assets.pipeline.landing.listing import scan_folder
from fitness_assets.pipeline.pending import LocalZoneView, pending_tables
from fitness_assets.resources import kafka_lag_watcher
from fitness_assets.settings import KafkaSettings
from fitness_assets_tests.defs.code_server import CodeServer, requested_assets
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS, NOON, REGISTERED, reading

LOGINS_BELOW = {"bronz_db/gym_logins_bz", "silver_db/gym_logs", "silver_db/quarantine", "gold_db/gym_summary"}


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A platform without an engine: a sensor must not need one."""

    def no_engine() -> None:
        raise AssertionError("a sensor started an engine")

    monkeypatch.setenv("FITNESS_BASE_DIR", str(tmp_path / "base"))
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.setattr(polling, "LOOK_FOR_SECONDS", 0)
    return Platform(tmp_path / "base", no_engine)  # type: ignore[arg-type]  # gives no session on purpose


@pytest.fixture
def code_server(base: Platform, instance: DagsterInstance) -> CodeServer:
    return CodeServer(instance)


def create_run(code_server: CodeServer, job_name: str, status: DagsterRunStatus) -> str:
    job = code_server.repository.get_job(job_name)
    return code_server.instance.create_run_for_job(job, status=status).run_id


def observations(result: SensorResult | SkipReason) -> list[AssetObservation]:
    events = result.asset_events if isinstance(result, SensorResult) else []
    return [event for event in events if isinstance(event, AssetObservation)]


def test_a_landed_file_asks_for_its_table_and_all_below_it(base: Platform, code_server: CodeServer) -> None:
    assert isinstance(code_server.tick("landing_zone_sensor"), SkipReason)
    base.land("gym_logins_bz", "_a.csv.tmp", [LOGINS])
    assert isinstance(code_server.tick("landing_zone_sensor"), SkipReason)
    base.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    assert requested_assets(code_server.tick("landing_zone_sensor")) == LOGINS_BELOW


@pytest.mark.parametrize("status", [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTED])
@pytest.mark.parametrize("job_name", [update_all_tables.name, stream_all_tables.name])
def test_while_a_run_is_queued_or_going_triggers_wait_and_come_together(
    base: Platform, code_server: CodeServer, job_name: str, status: DagsterRunStatus
) -> None:
    run_id = create_run(code_server, job_name, status)
    base.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    skipped = code_server.tick("landing_zone_sensor")
    assert isinstance(skipped, SkipReason) and job_name in str(skipped.skip_message)
    base.land("registered_users_bz", "a.csv", [REGISTERED, "1,7,aa,1678451168"])
    code_server.instance.delete_run(run_id)
    assert {"bronz_db/gym_logins_bz", "bronz_db/registered_users_bz"} <= requested_assets(
        code_server.tick("landing_zone_sensor")
    )


def test_both_sensors_in_one_moment_ask_for_one_run(
    base: Platform, instance: DagsterInstance, small_lag: list["ScriptedCluster"]
) -> None:
    code_server = CodeServer(instance)
    base.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    assert {"bronz_db/gym_logins_bz", "silver_db/gym_logs"} <= requested_assets(code_server.tick("landing_zone_sensor"))
    second = code_server.tick("kafka_lag_sensor")
    assert isinstance(second, SensorResult) and not second.run_requests and second.skip_reason
    assert "The other sensor has just asked for a run" in str(second.skip_reason.skip_message)
    alone = CodeServer(instance).tick("kafka_lag_sensor")
    assert "bronz_db/kafka_multiplex_bz" in requested_assets(alone)


def test_one_client_of_the_broker_serves_all_ticks(
    base: Platform, instance: DagsterInstance, small_lag: list["ScriptedCluster"]
) -> None:
    code_server = CodeServer(instance)
    for _ in range(3):
        code_server.tick("kafka_lag_sensor")
        code_server.tick("landing_zone_sensor")
    (cluster,) = small_lag
    assert cluster.calls == 3


class ScriptedCluster(Cluster):
    """A broker whose topic `bpm` has one unread record, without a broker."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.calls = 0

    def describe_topics(self, names: object) -> dict[str, Topic]:
        self.calls += 1
        return {"bpm": Topic("bpm", "id", {0: Watermarks(0, 1)})}

    def committed(self, topics: object) -> dict[tuple[str, int], int]:
        return {}


@pytest.fixture
def small_lag(base: Platform, monkeypatch: pytest.MonkeyPatch) -> list[ScriptedCluster]:
    """The clients that were made of a broker with one unread record, which is enough to ask for a run."""
    clusters: list[ScriptedCluster] = []

    def make(settings: KafkaSettings) -> ScriptedCluster:
        clusters.append(ScriptedCluster(settings))
        return clusters[-1]

    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "broker.example:9092")
    monkeypatch.setenv("FITNESS_KAFKA_LAG_RECORDS", "1")
    monkeypatch.setattr(kafka_lag_watcher, "Cluster", make)
    return clusters


def test_what_landed_is_observed_once_whether_a_run_is_asked_for_or_not(
    base: Platform, instance: DagsterInstance
) -> None:
    folder = AssetKey(["landing_zone", "kafka_multiplex_bz"])
    code_server = CodeServer(instance)
    base.land("kafka_multiplex_bz", "a.json", [reading(1, NOON, 60.0)])
    base.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    (first,) = observations(code_server.tick("landing_zone_sensor"))
    assert first.asset_key == folder, "what is extracted from SQL is materialized and not observed"
    assert not observations(code_server.tick("landing_zone_sensor"))
    assert not observations(CodeServer(instance).tick("landing_zone_sensor")), "it is Dagster that remembers"
    create_run(code_server, update_all_tables.name, DagsterRunStatus.STARTED)
    base.land("kafka_multiplex_bz", "b.json", [reading(1, NOON + 1, 60.0)])
    result = code_server.tick("landing_zone_sensor")
    assert isinstance(result, SensorResult) and result.skip_reason and not result.run_requests
    (second,) = observations(result)
    assert second.asset_key == folder
    assert second.tags[DATA_VERSION_TAG] != first.tags[DATA_VERSION_TAG]


def test_a_run_that_got_nothing_further_is_tried_again_later(base: Platform, instance: DagsterInstance) -> None:
    base.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    first = CodeServer(instance).tick("landing_zone_sensor")
    assert isinstance(first, SensorResult)
    again = CodeServer(instance).tick("landing_zone_sensor", first.cursor)
    assert isinstance(again, SkipReason) and "tried again in" in str(again.skip_message)
    last_request = LastRequest.from_cursor(first.cursor)
    earlier = replace(last_request, at=last_request.at - FIRST_BACKOFF_SECONDS)
    second = CodeServer(instance).tick("landing_zone_sensor", earlier.to_cursor())
    assert requested_assets(second) == LOGINS_BELOW
    assert isinstance(second, SensorResult)
    backoff_left = LastRequest.from_cursor(second.cursor).backoff_left(last_request.state, time.time())
    assert backoff_left > FIRST_BACKOFF_SECONDS


def test_files_of_one_second_and_one_replaced_are_all_seen(base: Platform) -> None:
    view = LocalZoneView(base.lake)
    fingerprints = set()
    for content in ("aa,5,1,2", "aa,5,1,3", "aa,5,1,4"):
        base.land("gym_logins_bz", "a.csv", [LOGINS, content])
        fingerprints.add(scan_folder(base.settings.landing_zone / "gym_logins_bz", FILE_FEEDS[GYM]).fingerprint)
        assert pending_tables(view) == {GYM}
        base.land("gym_logins_bz", f"{content[-1]}.csv", [LOGINS, content])
        fingerprints.add(scan_folder(base.settings.landing_zone / "gym_logins_bz", FILE_FEEDS[GYM]).fingerprint)
    assert len(fingerprints) == 6


GYM = "bronz_db.gym_logins_bz"


def test_a_table_left_behind_by_a_failed_run_is_asked_for(platform: Platform, instance: DagsterInstance) -> None:
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    platform.update(GYM)
    assert pending_tables(LocalZoneView(platform.lake)) == {"silver_db.gym_logs", "silver_db.quarantine"}
    platform.update()
    assert pending_tables(LocalZoneView(platform.lake)) == set()


def all_read(broker: Broker) -> None:
    """Whatever the topics of the shared broker hold, our group has read it."""
    cluster = Cluster(KafkaSettings(servers=broker.address, group="sensor"))
    topics = cluster.describe_topics(TOPICS).values()
    ends = {(topic.name, number): held.high for topic in topics for number, held in topic.partitions.items()}
    cluster.commit(ends)


def test_lag_above_a_threshold_asks_for_a_run_and_is_observed(
    code_server: CodeServer, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", broker.address)
    monkeypatch.setenv("FITNESS_KAFKA_GROUP", "sensor")
    monkeypatch.setenv("FITNESS_KAFKA_LAG_RECORDS", "3")
    monkeypatch.setenv("FITNESS_KAFKA_LAG_SECONDS", "3600")
    producer = Producer({"bootstrap.servers": broker.address, "log_level": 0})
    all_read(broker)
    for number in range(2):
        producer.produce("bpm", reading(1, NOON + number, 60.0))
    producer.flush(10)
    below = code_server.tick("kafka_lag_sensor")
    assert isinstance(below, SensorResult) and not below.run_requests
    (observation,) = [event for event in observations(below) if event.asset_key == AssetKey(["kafka", "bpm"])]
    assert observation.metadata["lag"].value == 2
    assert observation.tags[DATA_VERSION_TAG] == str(observation.metadata["end_offsets"].value)
    producer.produce("bpm", reading(1, NOON + 9, 60.0))
    producer.flush(10)
    requested = requested_assets(code_server.tick("kafka_lag_sensor"))
    assert {"bronz_db/kafka_multiplex_bz", "silver_db/heart_rate", "gold_db/workout_bpm_summary"} <= requested
    assert "bronz_db/gym_logins_bz" not in requested
    all_read(broker)
    assert not getattr(CodeServer(code_server.instance).tick("kafka_lag_sensor"), "run_requests", None)


@pytest.mark.slow
def test_a_broker_that_is_dead_makes_the_tick_fail_with_a_clear_message_in_bounded_time(
    code_server: CodeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{free_port()}")
    began = time.monotonic()
    with pytest.raises(KafkaError, match=r"cannot be used: no answer within 4 s"):
        code_server.tick("kafka_lag_sensor")
    assert time.monotonic() - began < 30


def test_without_a_broker_configured_the_lag_sensor_says_so(code_server: CodeServer) -> None:
    skipped = code_server.tick("kafka_lag_sensor")
    assert isinstance(skipped, SkipReason) and "KAFKA_BOOTSTRAP_SERVERS is not set" in str(skipped.skip_message)
