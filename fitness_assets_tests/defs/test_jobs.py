"""Stream mode and maintenance as Dagster runs."""

from datetime import date

import pytest
from dagster import DagsterInstance, ExecuteInProcessResult

from fitness_assets.contracts.model import Retention
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.definitions import defs
from fitness_assets.defs.jobs.maintain_tables import maintain_tables
from fitness_assets.defs.jobs.stream_all_tables import stream_all_tables
from fitness_assets.pipeline import maintenance
from fitness_assets_tests.contracts.changed import ChangedContracts
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import NOON, REGISTERED, reading

HEART = "silver_db.heart_rate"


@pytest.fixture
def landed(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    platform.spark()
    monkeypatch.setenv("FITNESS_BASE_DIR", str(platform.settings.base_dir))
    monkeypatch.setenv("FITNESS_AS_OF", date.isoformat(platform.settings.as_of))
    platform.land("registered_users_bz", "a.csv", [REGISTERED, "1,7,aa,1678451168"])
    return platform


def execute(job_name: str, instance: DagsterInstance, **config: object) -> ExecuteInProcessResult:
    run_config = {"ops": {"stream_updates": {"config": config}}} if config else {}
    return defs().resolve_job_def(job_name).execute_in_process(run_config=run_config, instance=instance)


def materialized(result: ExecuteInProcessResult) -> list[str]:
    return sorted(
        ".".join(event.asset_key.path) for event in result.get_asset_materialization_events() if event.asset_key
    )


@pytest.mark.slow
def test_a_stream_run_records_only_what_changed_and_each_verdict_once(landed: Platform) -> None:
    with DagsterInstance.ephemeral() as instance:
        first = execute(stream_all_tables.name, instance, mode="once", processing_time=0.01)
        assert materialized(first) == ["bronz_db.registered_users_bz", "silver_db.users"]
        again = execute(stream_all_tables.name, instance, mode="once", processing_time=0.01)
        assert materialized(again) == []
        (event,) = [event for event in first.get_asset_materialization_events() if event.asset_key.path[-1] == "users"]
        assert event.materialization.metadata["inserted"].value == 1
        assert (event.materialization.tags or {})["dagster/data_version"] == str(landed.version("silver_db.users"))


@pytest.mark.slow
def test_maintenance_puts_files_together_and_changes_no_row(landed: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "COMPACTION_MIN_FILES", 2)
    for number in range(4):
        landed.land("kafka_multiplex_bz", f"{number}.json", [reading(7, NOON + number, 60.0 + number)])
        landed.update("bronz_db.kafka_multiplex_bz", HEART)
    landed.update()
    rows = {name: landed.rows(name) for name in all_tables()}
    before = landed.lake.log(get_table(HEART)).file_count()
    with DagsterInstance.ephemeral() as instance:
        execute(maintain_tables.name, instance)
    assert landed.lake.log(get_table(HEART)).file_count() == 1 < before
    assert {name: landed.rows(name) for name in all_tables()} == rows
    assert {result.mode for result in landed.update().values()} == {"unchanged"}
    landed.land("kafka_multiplex_bz", "late.json", [reading(7, NOON + 9, 99.0)])
    result = landed.update()[HEART]
    assert result.mode == "incremental" and result.inserted == 1


@pytest.mark.slow
def test_maintenance_lets_go_of_what_a_contract_keeps_no_longer(landed: Platform, contracts: ChangedContracts) -> None:
    old = NOON - 40 * 86_400
    landed.land("kafka_multiplex_bz", "a.json", [reading(7, old, 60.0), reading(7, NOON, 61.0)])
    landed.update()
    contracts.set("bronz_db.kafka_multiplex_bz", retention=(Retention("event_time", 30, topic="bpm"),))
    with DagsterInstance.ephemeral() as instance:
        execute(maintain_tables.name, instance)
    assert [row[0] for row in landed.rows(HEART, "heartrate")] == [61.0]
