"""Tables through Dagster: what a person sees of each after a click."""

from datetime import date

import pytest
from dagster import AssetSelection, DagsterInstance, ExecuteInProcessResult, materialize
from deltalake import DeltaTable, write_deltalake
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.defs.asset_keys import table_asset_key
from fitness_assets.defs.assets.table_assets import table_assets
from fitness_assets.resources.lakehouse import LakehouseResource
from fitness_assets.resources.spark import SparkResource
from fitness_assets.sample.faults import Faults
from fitness_assets.sample.history import SampleSize
from fitness_assets.sample.landing_files import write_sample
from fitness_assets_tests.platform import Platform

SIZE = SampleSize(users=4, days=1, files=1, reading_interval=300, faults=Faults(malformed=0.1))


@pytest.fixture
def landed(platform: Platform, spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> Platform:
    monkeypatch.setenv("FITNESS_BASE_DIR", str(platform.settings.base_dir))
    monkeypatch.setenv("FITNESS_AS_OF", date.isoformat(platform.settings.as_of))
    write_sample(platform.settings.landing_zone, SIZE)
    return platform


def click(*names: str, full: bool = False, raises: bool = True) -> ExecuteInProcessResult:
    selection = AssetSelection.assets(*[table_asset_key(name) for name in names]) if names else None
    config = {"ops": {"update_tables": {"config": {"full_refresh": full}}}}
    with DagsterInstance.ephemeral() as instance:
        return materialize(
            [table_assets()],
            instance=instance,
            selection=selection,
            run_config=config,
            resources={"spark": SparkResource(), "lakehouse": LakehouseResource(spark=SparkResource())},
            raise_on_error=raises,
        )


def test_every_table_is_materialized_with_its_numbers_and_checked(landed: Platform) -> None:
    result = click()
    events = {
        event.asset_key.to_user_string().replace("/", "."): event
        for event in result.get_asset_materialization_events()
        if event.asset_key
    }
    assert set(events) == set(all_tables())
    for name, event in events.items():
        metadata = event.materialization.metadata
        assert metadata["dagster/row_count"].value == landed.lake.log(get_table(name)).row_count(), name
        assert {"read", "inserted", "updated", "deleted", "seconds", "dagster/column_schema", "path"} <= set(metadata)
        tags = event.materialization.tags or {}
        assert tags["dagster/data_version"] == str(landed.version(name)), name
        preview = str(metadata["preview"].value)
        columns = [column.name for column in get_table(name).columns]
        assert all(f"| {column} |" in preview or f" {column} |" in preview for column in columns), name
    assert "4c:" not in str(events["silver_db.users"].materialization.metadata["preview"].value)
    checks = result.get_asset_check_evaluations()
    assert len(checks) > 50
    assert all(check.passed for check in checks)
    quarantine = events["silver_db.quarantine"].materialization.metadata
    rejected = landed.rows("silver_db.quarantine", "source_table, reason, record")
    assert quarantine["refused"].value == len(rejected) > 0
    assert f"| {rejected[0][0]} | {rejected[0][1]} |" in str(quarantine["by_reason"].value)
    logins = [row for row in rejected if row[0] == "bronz_db.gym_logins_bz"]
    assert events["silver_db.gym_logs"].materialization.metadata["refused_so_far"].value == len(logins)
    readings = [row for row in rejected if '"topic":"bpm"' in row[2]]
    assert events["silver_db.heart_rate"].materialization.metadata["refused_so_far"].value == len(readings)
    before = {name: landed.version(name) for name in all_tables()}
    assert click().success
    assert {name: landed.version(name) for name in all_tables()} == before


def test_one_table_alone_and_its_full_refresh(landed: Platform) -> None:
    assert click("bronz_db.registered_users_bz", "silver_db.users").success
    before = landed.rows("silver_db.users")
    assert len(before) == 4
    result = click("silver_db.users", full=True)
    (event,) = result.get_asset_materialization_events()
    assert event.materialization.metadata["update"].value == "full: full refresh was asked for"
    assert landed.rows("silver_db.users") == before


@pytest.mark.slow
def test_a_failed_check_fails_the_run_says_why_and_holds_back_what_is_above(landed: Platform) -> None:
    click()
    path = str(landed.path("silver_db.users"))
    write_deltalake(path, DeltaTable(path).to_pyarrow_table(), mode="append")
    result = click(raises=False)
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    message = str(failure.step_failure_data.error)
    assert "silver_db.users did not pass unique_key" in message
    assert "`fitness-assets run silver_db.users --full-refresh` mends the table." in message
    assert "gold_db.gym_summary was held back, so that nothing wrong flows into it from silver_db.users." in message
    failed = {check.check_name for check in result.get_asset_check_evaluations() if not check.passed}
    assert failed == {"unique_key"}
