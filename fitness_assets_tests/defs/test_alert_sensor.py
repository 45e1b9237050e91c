"""Each cause of an alert is brought about in a real Dagster instance: one message when it begins, one when it ends."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from dagster import (
    AssetCheckEvaluation,
    AssetMaterialization,
    AssetObservation,
    DagsterEvent,
    DagsterEventType,
    DagsterInstance,
    DagsterRunStatus,
    Failure,
    SensorResult,
    job,
    op,
)
from dagster._core.definitions.freshness import FreshnessState, FreshnessStateChange
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteInstigatorOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    SensorInstigatorData,
    TickData,
    TickStatus,
)
from dagster._utils.error import SerializableErrorInfo

from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.contracts.registry import all_tables
from fitness_assets.defs.asset_keys import alerts_asset_key, table_asset_key
from fitness_assets.defs.monitoring import alert_sensor
from fitness_assets.errors import SettingError
from fitness_assets.live.broker import Broker
from fitness_assets.live.ports import free_port
from fitness_assets_tests.alerts.http_receiver import HttpReceiver, http_receiver
from fitness_assets_tests.defs.code_server import CodeServer

BROKEN = "The disk is full: FITNESS_BASE_DIR lies on it."


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[DagsterInstance]:
    home = tmp_path / "dagster"
    home.mkdir()
    with DagsterInstance.local_temp(str(home)) as instance:
        yield instance


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpReceiver]:
    monkeypatch.setenv("FITNESS_BASE_DIR", str(tmp_path / "base"))
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    with http_receiver() as receiver:
        monkeypatch.setenv("FITNESS_ALERT_WEBHOOKS", f"json={receiver.url}")
        yield receiver


@pytest.fixture
def code_server(instance: DagsterInstance, web: HttpReceiver) -> CodeServer:
    return CodeServer(instance)


def look(code_server: CodeServer) -> str:
    result = code_server.tick("alert_sensor")
    assert isinstance(result, SensorResult) and result.skip_reason
    return str(result.skip_reason.skip_message)


def observed(instance: DagsterInstance) -> list[tuple[str, str]]:
    """What Dagster shows on the page of the alerts, oldest first."""
    records = instance.fetch_observations(alerts_asset_key(), limit=50, ascending=True).records
    observations = [record.asset_observation for record in records]
    return [
        (str(one.metadata["news"].value), f"{one.metadata['rule'].value}:{one.metadata['subject'].value}")
        for one in observations
        if isinstance(one, AssetObservation)
    ]


def run_job(instance: DagsterInstance, name: str, fails: bool) -> None:
    @op(name=f"step_of_{name}")
    def step() -> None:
        if fails:
            raise Failure(BROKEN)

    @job(name=name)
    def made() -> None:
        step()

    made.execute_in_process(instance=instance, raise_on_error=False)


def test_a_failed_run_is_told_with_its_reason_until_one_of_the_job_succeeds(
    code_server: CodeServer, web: HttpReceiver
) -> None:
    assert look(code_server) == "Nothing is wrong."
    run_job(code_server.instance, "maintain_tables", fails=True)
    assert look(code_server) == "1 go on: run_failed:maintain_tables."
    assert BROKEN in web.messages[0]["notifications"][0]["summary"]
    look(code_server)
    run_job(code_server.instance, "update_all_tables", fails=False)
    look(code_server)
    run_job(code_server.instance, "maintain_tables", fails=True)
    look(code_server)
    assert web.news() == [("begins", "run_failed:maintain_tables")]
    run_job(code_server.instance, "maintain_tables", fails=False)
    look(code_server)
    look(code_server)
    both = [("begins", "run_failed:maintain_tables"), ("ends", "run_failed:maintain_tables")]
    assert web.news() == both
    assert observed(code_server.instance) == both


def test_a_run_that_goes_on_or_was_cancelled_changes_nothing(code_server: CodeServer, web: HttpReceiver) -> None:
    job = code_server.repository.get_job("maintain_tables")
    run_job(code_server.instance, "maintain_tables", fails=True)
    look(code_server)
    for status in (DagsterRunStatus.STARTED, DagsterRunStatus.CANCELED):
        code_server.instance.create_run_for_job(job, status=status)
        look(code_server)
    assert web.news() == [("begins", "run_failed:maintain_tables")]


def run_of(code_server: CodeServer, status: DagsterRunStatus, *tables: str, job_name: str = "update_all_tables") -> str:
    """A run of some tables, or of all, with that status."""
    instance = code_server.instance
    keys = frozenset(table_asset_key(table) for table in tables) or None
    run = instance.create_run_for_job(code_server.repository.get_job(job_name), status=status, asset_selection=keys)
    return run.run_id


def test_a_failed_part_is_over_when_that_part_succeeds_and_not_another(
    code_server: CodeServer, web: HttpReceiver
) -> None:
    gyms, hearts = ("bronz_db.gym_logins_bz", "silver_db.gym_logs"), ("silver_db.heart_rate",)
    run_of(code_server, DagsterRunStatus.FAILURE, *gyms)
    for _ in range(3):
        look(code_server)
        run_of(code_server, DagsterRunStatus.SUCCESS, *hearts)
    run_of(code_server, DagsterRunStatus.SUCCESS, gyms[0])
    look(code_server)
    assert web.news() == [("begins", "run_failed:update_all_tables")]
    run_of(code_server, DagsterRunStatus.SUCCESS, gyms[1])
    look(code_server)
    assert web.news()[1:] == [("ends", "run_failed:update_all_tables")]


def test_a_failed_run_of_all_tables_is_over_when_each_of_them_was_done(
    code_server: CodeServer, web: HttpReceiver
) -> None:
    run_of(code_server, DagsterRunStatus.FAILURE)
    look(code_server)
    first, *others = all_tables()
    run_of(code_server, DagsterRunStatus.SUCCESS, *others)
    look(code_server)
    assert web.news() == [("begins", "run_failed:update_all_tables")]
    run_of(code_server, DagsterRunStatus.SUCCESS, first)
    look(code_server)
    assert web.news()[1:] == [("ends", "run_failed:update_all_tables")]


def test_a_stream_run_that_goes_on_is_well(
    code_server: CodeServer, web: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_of(code_server, DagsterRunStatus.FAILURE, job_name="stream_all_tables")
    look(code_server)
    run_id = run_of(code_server, DagsterRunStatus.STARTING, job_name="stream_all_tables")
    event = DagsterEvent(DagsterEventType.RUN_START.value, "stream_all_tables")
    code_server.instance.report_dagster_event(event, run_id)
    look(code_server)
    assert web.news() == [("begins", "run_failed:stream_all_tables")]
    monkeypatch.setattr("fitness_assets.defs.monitoring.instance_facts._GOES_ON_SECONDS", 0.0)
    look(code_server)
    assert web.news()[1:] == [("ends", "run_failed:stream_all_tables")]


def test_a_wrong_setting_is_told_when_the_definitions_are_loaded(
    instance: DagsterInstance, web: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FITNESS_ALERT_SILENT_HOURS", "heart=1")
    with pytest.raises(SettingError, match="'heart', which is no topic or folder"):
        CodeServer(instance)
    monkeypatch.delenv("FITNESS_ALERT_SILENT_HOURS")
    monkeypatch.setenv("FITNESS_ALERT_EMAIL_TO", "a@example.org")
    with pytest.raises(SettingError, match="FITNESS_SMTP_HOST is not set"):
        CodeServer(instance)


def test_sensors_of_others_and_those_that_are_no_more_are_not_missed(
    code_server: CodeServer, web: HttpReceiver
) -> None:
    for name in ("somebody_elses_sensor", "a_sensor_of_the_version_before"):
        SwitchedOn(code_server.instance, name).tick(90_000, TickStatus.FAILURE, "gone")
    assert look(code_server) == "Nothing is wrong."


def check(instance: DagsterInstance, table: str, name: str, passed: bool) -> None:
    instance.report_runless_asset_event(
        AssetCheckEvaluation(asset_key=table_asset_key(table), check_name=name, passed=passed, metadata={})
    )


def test_a_failed_check_is_told_with_its_advice_until_it_passes(code_server: CodeServer, web: HttpReceiver) -> None:
    check(code_server.instance, "silver_db.users", "unique_key", True)
    assert look(code_server) == "Nothing is wrong."
    check(code_server.instance, "silver_db.users", "unique_key", False)
    look(code_server)
    (told,) = web.messages[0]["notifications"]
    assert "fitness-assets run silver_db.users --full-refresh" in told["advice"]
    assert "Tables downstream wait" in told["summary"]
    check(code_server.instance, "silver_db.users", "unique_key", True)
    look(code_server)
    key = "check_failed:silver_db.users unique_key"
    assert web.news() == [("begins", key), ("ends", key)]


def test_a_gap_in_a_topic_is_told_by_its_own_rule(code_server: CodeServer, web: HttpReceiver) -> None:
    check(code_server.instance, "bronz_db.kafka_multiplex_bz", "nothing_missed", False)
    look(code_server)
    assert web.news() == [("begins", "topic_gap:bronz_db.kafka_multiplex_bz nothing_missed")]
    assert "--accept-gaps" in web.messages[0]["notifications"][0]["advice"]


def freshness(instance: DagsterInstance, table: str, state: FreshnessState) -> None:
    """As Dagster's freshness daemon records it."""
    instance._report_runless_asset_event(
        FreshnessStateChange(
            key=table_asset_key(table),
            previous_state=FreshnessState.UNKNOWN,
            new_state=state,
            state_change_timestamp=time.time(),
        )
    )


def test_a_stale_table_is_told_until_it_is_fresh(code_server: CodeServer, web: HttpReceiver) -> None:
    freshness(code_server.instance, "gold_db.gym_summary", FreshnessState.WARN)
    assert look(code_server) == "Nothing is wrong."
    freshness(code_server.instance, "gold_db.gym_summary", FreshnessState.FAIL)
    look(code_server)
    freshness(code_server.instance, "gold_db.gym_summary", FreshnessState.PASS)
    look(code_server)
    assert web.news() == [("begins", "table_stale:gold_db.gym_summary"), ("ends", "table_stale:gold_db.gym_summary")]


def materialize(instance: DagsterInstance, table: str, rows: int) -> None:
    instance.report_runless_asset_event(
        AssetMaterialization(asset_key=table_asset_key(table), metadata={"dagster/row_count": rows})
    )


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


class SwitchedOn:
    """A sensor that is on in an instance, and its ticks."""

    def __init__(self, instance: DagsterInstance, name: str) -> None:
        location = RegisteredCodeLocationOrigin("a location")
        origin = RemoteInstigatorOrigin(RemoteRepositoryOrigin(location, "__repository__"), name)
        self._instance, self._name = instance, name
        self._origin_id, self._selector_id = origin.get_id(), f"selector of {name}"
        self._state = InstigatorState(
            origin, InstigatorType.SENSOR, InstigatorStatus.RUNNING, SensorInstigatorData(min_interval=5)
        )
        self._selector_id = self._state.selector_id
        instance.add_instigator_state(self._state)

    def tick(self, seconds_ago: float, status: TickStatus, problem: str = "") -> None:
        error = SerializableErrorInfo(problem, [], None) if problem else None
        self._instance.create_tick(
            TickData(
                self._origin_id,
                self._name,
                InstigatorType.SENSOR,
                status,
                time.time() - seconds_ago,
                selector_id=self._selector_id,
                error=error,
            )
        )


def test_a_sensor_that_fails_again_and_again_is_told_until_it_does_not(
    code_server: CodeServer, web: HttpReceiver
) -> None:
    sensor = SwitchedOn(code_server.instance, "landing_zone_sensor")
    for seconds_ago in (30, 25):
        sensor.tick(seconds_ago, TickStatus.FAILURE, "No such folder")
    assert look(code_server) == "Nothing is wrong."
    sensor.tick(20, TickStatus.FAILURE, "No such folder")
    look(code_server)
    assert "No such folder" in web.messages[0]["notifications"][0]["summary"]
    sensor.tick(15, TickStatus.STARTED)
    look(code_server)
    sensor.tick(10, TickStatus.SKIPPED)
    look(code_server)
    key = "automation_failing:landing_zone_sensor"
    assert web.news() == [("begins", key), ("ends", key)]


def test_a_sensor_that_is_on_and_does_not_tick_is_told(
    code_server: CodeServer, web: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FITNESS_ALERT_TICK_SECONDS", "1")
    monkeypatch.setattr(alert_sensor, "_STARTED_AT", None)
    monkeypatch.setattr("fitness_assets.alerts.rules._MISSED_TICKS", 0)
    sensor = SwitchedOn(code_server.instance, "landing_zone_sensor")
    sensor.tick(0, TickStatus.SKIPPED)
    look(code_server)
    time.sleep(1.5)
    look(code_server)
    sensor.tick(0, TickStatus.SKIPPED)
    look(code_server)
    key = "automation_silent:landing_zone_sensor"
    assert web.news() == [("begins", key), ("ends", key)]


def test_dagster_shows_the_alerts_as_an_asset(code_server: CodeServer) -> None:
    spec = next(spec for spec in code_server.repository.asset_graph.asset_nodes if spec.key == alerts_asset_key())
    assert "`lag_growing`" in (spec.description or "")
    assert spec.group_name == "operations"


def test_what_is_remembered_does_not_grow_with_the_looks(code_server: CodeServer) -> None:
    memory = Path(code_server.instance.root_directory).parent / "base" / "alerts" / "memory.json"
    for _ in range(3):
        look(code_server)
    size = memory.stat().st_size
    for _ in range(20):
        look(code_server)
    assert memory.stat().st_size <= size + 50
