"""A run that found nothing new leaves next to nothing, and what a table's page shows is there afterwards as before."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from dagster import AssetCheckKey, AssetKey, DagsterInstance, asset, materialize

from fitness_assets.contracts.feeds import REGISTERED_USERS
from fitness_assets.defs.asset_keys import folder_asset_key, table_asset_key
from fitness_assets.defs.assets.sql_extraction import sql_extraction_assets
from fitness_assets.defs.assets.table_assets import table_assets
from fitness_assets.pipeline.scheduler import TableOutcome
from fitness_assets.resources.lakehouse import LakehouseResource
from fitness_assets.resources.spark import SparkResource
from fitness_assets.resources.sql_source import SqlSourceResource
from fitness_assets_tests.defs.retention.conftest import Update
from fitness_assets_tests.defs.scripted_updates import script_updates, unchanged, updated
from fitness_assets_tests.sql_source.database import Database, SqliteDatabase

USERS, GOLD = "silver_db.users", "gold_db.gym_summary"
_LARGEST_GROWTH = 64 * 1024
"""Of many such runs together: the databases go on in the room that the runs before them had."""


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def run_ids(instance: DagsterInstance) -> set[str]:
    return {run.run_id for run in instance.get_runs()}


def shown(instance: DagsterInstance, table_name: str) -> tuple[object, set[str]]:
    """The rows by the latest materialization, and how each check ended."""
    key = table_asset_key(table_name)
    event = instance.get_latest_materialization_event(key)
    assert event is not None and event.asset_materialization is not None
    checks = [spec.key for spec in table_assets().check_specs if spec.asset_key == key]
    summaries = instance.event_log_storage.get_asset_check_summary_records(checks)
    records = [summaries[AssetCheckKey(key, check.name)].last_check_execution_record for check in checks]
    return event.asset_materialization.metadata["dagster/row_count"].value, {
        record.status.value for record in records if record is not None
    }


def test_however_often_somebody_looks_dagster_does_not_grow(
    home: Path, instance: DagsterInstance, update: Update
) -> None:
    changed = update(partial(updated, version=5), USERS, GOLD)
    for _ in range(3):
        update(partial(unchanged, version=5), USERS, GOLD)
    before = size_of(home)
    latest = [update(partial(unchanged, version=5), USERS, GOLD) for _ in range(4)][-2:]
    assert size_of(home) - before < _LARGEST_GROWTH
    assert run_ids(instance) == {changed, *latest}
    for name in (USERS, GOLD):
        assert shown(instance, name) == (5, {"SUCCEEDED"}), name


def test_a_run_that_failed_or_has_something_to_tell_stays(instance: DagsterInstance, update: Update) -> None:
    def with_a_warning(table_name: str) -> TableOutcome:
        outcome = unchanged(table_name)
        assert outcome.result is not None
        return replace(outcome, result=replace(outcome.result, warnings=("A file was written to meanwhile.",)))

    failed = update(partial(unchanged, failed_check="schema"), GOLD)
    warned = update(with_a_warning, GOLD)
    latest = [update(unchanged, GOLD) for _ in range(3)][-2:]
    assert run_ids(instance) == {failed, warned, *latest}


def test_what_is_shown_as_the_latest_of_another_table_stays(instance: DagsterInstance, update: Update) -> None:
    of_both = update(unchanged, USERS, GOLD)
    of_one = [update(unchanged, GOLD) for _ in range(3)][-2:]
    assert run_ids(instance) == {of_both, *of_one}
    assert shown(instance, USERS) == shown(instance, GOLD) == (1, {"SUCCEEDED"})


def test_a_run_with_a_step_of_somebody_else_stays(instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    @asset(deps=[table_asset_key(GOLD)])
    def report() -> None: ...

    script_updates(monkeypatch, unchanged(GOLD))
    resources = {"spark": SparkResource(), "lakehouse": LakehouseResource(spark=SparkResource())}
    keys = [table_asset_key(GOLD), AssetKey("report")]
    for _ in range(3):
        assert materialize([table_assets(), report], selection=keys, instance=instance, resources=resources).success
    assert len(run_ids(instance)) == 3


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    return SqliteDatabase(tmp_path, monkeypatch)


def test_an_extraction_each_minute_does_not_grow_either(
    home: Path, instance: DagsterInstance, source: Database
) -> None:
    source.users((1, 101, "aa", 1))
    resources = {"sql_source": SqlSourceResource()}
    for _ in range(4):
        assert materialize(sql_extraction_assets(), instance=instance, resources=resources).success
    before = size_of(home)
    for _ in range(3):
        assert materialize(sql_extraction_assets(), instance=instance, resources=resources).success
    assert size_of(home) - before < _LARGEST_GROWTH
    event = instance.get_latest_materialization_event(folder_asset_key(REGISTERED_USERS.name))
    assert event is not None and event.asset_materialization is not None
    assert event.asset_materialization.metadata["file"].value == "none"
    assert len(run_ids(instance)) <= 4, "the one that landed a row, and the latest"
