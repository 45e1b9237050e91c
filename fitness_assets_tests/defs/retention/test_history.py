"""What Dagster remembers is bounded, and what a table's page shows stays."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from dagster import (
    AssetObservation,
    DagsterInstance,
    DagsterRunStatus,
    DefaultSensorStatus,
    RunConfig,
    build_sensor_context,
    job,
)

# What a tick is, and whose, has no public name.
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteInstigatorOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorType,
    TickData,
    TickStatus,
)

from fitness_assets.contracts.feeds import KAFKA_RECORDS
from fitness_assets.defs.asset_keys import folder_asset_key
from fitness_assets.defs.automation.retention_sensor import retention_sensor
from fitness_assets.defs.jobs.maintain_tables import HistoryConfig, maintain_tables, remove_old_runs
from fitness_assets.defs.monitoring.instance_facts import failed_runs
from fitness_assets.defs.retention import databases
from fitness_assets.defs.retention.databases import ShrunkDatabases
from fitness_assets.defs.retention.history import remove_history, remove_surplus_runs
from fitness_assets.defs.retention.ticks import remove_skipped_ticks
from fitness_assets_tests.defs.retention.conftest import Update
from fitness_assets_tests.defs.retention.test_nothing_new import GOLD, USERS, run_ids, shown, size_of
from fitness_assets_tests.defs.scripted_updates import updated

FOLDER = folder_asset_key(KAFKA_RECORDS.name)


def now() -> datetime:
    return datetime.now(timezone.utc)


def observed(instance: DagsterInstance) -> list[str]:
    records = instance.fetch_observations(FOLDER, limit=100).records
    return [record.asset_observation.tags["file"] for record in records if record.asset_observation]


def test_old_runs_go_with_all_they_left(home: Path, instance: DagsterInstance, update: Update) -> None:
    old = [update(partial(updated, version=1), USERS, GOLD) for _ in range(2)]
    latest = update(partial(updated, version=2), USERS, GOLD)
    going = instance.create_run_for_job(maintain_tables, status=DagsterRunStatus.STARTED)
    assert remove_history(instance, now()).runs == 2
    assert run_ids(instance) == {latest, going.run_id}
    assert not [path for run_id in old for path in home.rglob(f"{run_id}*")]
    with closing(sqlite3.connect(home / "history" / "runs" / "index.db")) as index:
        for table in ("event_logs", "asset_check_executions"):
            ((left,),) = index.execute(f"SELECT count(*) FROM {table} WHERE run_id IN (?, ?)", old)
            assert left == 0, table
    assert shown(instance, USERS) == shown(instance, GOLD) == (2, {"SUCCEEDED"})


def test_a_younger_run_stays(instance: DagsterInstance, update: Update) -> None:
    runs = {update(updated, GOLD) for _ in range(2)}
    assert remove_history(instance, now() - timedelta(minutes=1)).runs == 0
    assert run_ids(instance) == runs


def test_of_many_runs_the_newest_stay_at_any_time(
    instance: DagsterInstance, update: Update, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_both = update(partial(updated, version=1), USERS, GOLD)
    runs = [update(partial(updated, version=version), GOLD) for version in range(2, 6)]
    monkeypatch.setenv("FITNESS_DAGSTER_RUNS", "2")
    tick = retention_sensor(DefaultSensorStatus.RUNNING).evaluate_tick(build_sensor_context(instance=instance))
    assert run_ids(instance) == {of_both, *runs[-2:]} and not tick.run_requests
    assert shown(instance, USERS) == (1, {"SUCCEEDED"}) and shown(instance, GOLD) == (5, {"SUCCEEDED"})


def test_of_many_runs_those_that_failed_and_those_that_somebody_asks_for_stay(
    instance: DagsterInstance, update: Update
) -> None:
    failed = instance.create_run_for_job(maintain_tables, status=DagsterRunStatus.FAILURE)
    tags = ({"dagster/partition": "a"}, {"dagster/run_key": "b"}, {"dagster/backfill": "c"})
    asked = [instance.create_run_for_job(maintain_tables, status=DagsterRunStatus.SUCCESS, tags=tag) for tag in tags]
    plain = instance.create_run_for_job(maintain_tables, status=DagsterRunStatus.SUCCESS)
    latest = instance.create_run_for_job(maintain_tables, status=DagsterRunStatus.SUCCESS)
    assert remove_surplus_runs(instance, 1) == 1
    assert run_ids(instance) == {failed.run_id, latest.run_id, *(run.run_id for run in asked)}
    assert plain.run_id not in run_ids(instance)


def test_an_instance_that_others_keep_is_left_as_it_is(
    instance: DagsterInstance, update: Update, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of Dagster+ refuses to remove a run, with an error of no kind of its own."""

    def refuse(*_: object, **__: object) -> None:
        raise Exception("Not allowed to delete runs from user cloud")

    monkeypatch.setattr(DagsterInstance, "delete_run", refuse)
    monkeypatch.setattr(DagsterInstance, "purge_ticks", refuse)
    monkeypatch.setattr("fitness_assets.defs.retention.removal.SqlRunStorage", int)
    runs = {update(updated, GOLD) for _ in range(3)}
    assert remove_history(instance, now()).runs == remove_surplus_runs(instance, 0) == 0
    remove_skipped_ticks(instance, 0)
    assert run_ids(instance) == runs


def test_what_is_the_latest_stays_however_old(instance: DagsterInstance, update: Update) -> None:
    of_both = update(partial(updated, version=3), USERS, GOLD)
    of_one = update(partial(updated, version=4), GOLD)
    remove_history(instance, now())
    assert run_ids(instance) == {of_both, of_one}
    assert shown(instance, USERS) == (3, {"SUCCEEDED"}) and shown(instance, GOLD) == (4, {"SUCCEEDED"})


def test_the_latest_finished_run_of_each_job_stays(instance: DagsterInstance, update: Update) -> None:
    older, latest = (instance.create_run_for_job(maintain_tables, status=DagsterRunStatus.FAILURE) for _ in range(2))
    instance.create_run_for_job(maintain_tables, status=DagsterRunStatus.STARTED)
    instance.create_run_for_job(maintain_tables, status=DagsterRunStatus.CANCELED)
    updates = [update(partial(updated, version=version), GOLD) for version in range(1, 4)]
    remove_history(instance, now())
    left = run_ids(instance)
    assert latest.run_id in left and older.run_id not in left and updates[0] not in left
    assert [run.run_id for run in failed_runs(instance, [maintain_tables.name], now())] == [latest.run_id]


def test_of_observations_the_latest_stays(instance: DagsterInstance) -> None:
    for number in range(3):
        instance.report_runless_asset_event(AssetObservation(FOLDER, tags={"file": str(number)}))
    assert remove_history(instance, now()).events == 2
    assert observed(instance) == ["2"]
    assert remove_history(instance, now()).events == 0


def test_the_databases_become_smaller_on_disk(home: Path, instance: DagsterInstance) -> None:
    observe_at_length(instance, 20)
    before = size_of(home)
    removed = remove_history(instance, now())
    assert removed.freed_bytes > 3_500_000 and before - size_of(home) > 3_500_000
    assert observed(instance) == ["19"]


def test_a_database_that_somebody_uses_stays_as_it_is(
    home: Path, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "_PATIENCE_SECONDS", 0.1)
    observe_at_length(instance, 20)
    index = home / "history" / "runs" / "index.db"
    with closing(sqlite3.connect(index)) as table_of_events:
        table_of_events.execute("DELETE FROM event_logs WHERE id < 20")
        table_of_events.commit()
    with closing(sqlite3.connect(index, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert databases.shrink_databases(instance) == ShrunkDatabases(0, ("index.db",))
    assert databases.shrink_databases(instance).freed_bytes > 1_500_000
    assert observed(instance) == ["19"]


def test_the_nightly_job_removes_what_is_older_than_its_days(
    home: Path, instance: DagsterInstance, update: Update
) -> None:
    first, second, latest = [update(updated, GOLD) for _ in range(3)]
    with closing(sqlite3.connect(home / "history" / "runs.db")) as runs:
        runs.execute("UPDATE runs SET update_timestamp = datetime('now', '-25 hours') WHERE run_id = ?", (first,))
        runs.commit()

    @job
    def nightly() -> None:
        remove_old_runs()

    result = nightly.execute_in_process(
        instance=instance, run_config=RunConfig(ops={remove_old_runs.name: HistoryConfig(days=1)})
    )
    assert run_ids(instance) == {second, latest, result.run_id}
    assert HistoryConfig().days == 30


def test_ticks_that_asked_for_nothing_go_after_an_hour(instance: DagsterInstance) -> None:
    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("here"), "__repository__")
    origin = RemoteInstigatorOrigin(repository, "landing_zone_sensor")
    state = instance.add_instigator_state(InstigatorState(origin, InstigatorType.SENSOR, InstigatorStatus.RUNNING))
    for status in (TickStatus.SKIPPED, TickStatus.SUCCESS):
        for minutes in (90, 70, 10):
            at = (now() - timedelta(minutes=minutes)).timestamp()
            instance.create_tick(
                TickData(
                    state.instigator_origin_id,
                    state.instigator_name,
                    InstigatorType.SENSOR,
                    status,
                    at,
                    run_ids=[],
                    selector_id=state.selector_id,
                )
            )
    tick = retention_sensor(DefaultSensorStatus.RUNNING).evaluate_tick(build_sensor_context(instance=instance))
    assert not tick.run_requests
    left = [tick.status for tick in instance.get_ticks(state.instigator_origin_id, state.selector_id)]
    assert left.count(TickStatus.SKIPPED) == 1 and left.count(TickStatus.SUCCESS) == 3


def observe_at_length(instance: DagsterInstance, times: int) -> None:
    for number in range(times):
        event = AssetObservation(FOLDER, description="x" * 100_000, tags={"file": str(number)})
        instance.report_runless_asset_event(event)
