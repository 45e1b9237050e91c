"""The same landed data here and on a workspace: the same tables, and the same to see in Dagster."""

from pathlib import Path
from typing import Any

import pytest
from dagster import ExecuteInProcessResult
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import all_tables
from fitness_assets.sample.history import sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace
from fitness_assets_tests.databricks.remote_platform import RemotePlatform
from fitness_assets_tests.defs.test_materialize import click
from fitness_assets_tests.end_to_end.test_against_reference import UNTIDY, in_batches

pytestmark = pytest.mark.programs

PROVENANCE_COLUMNS = {"load_time", "source_file", "quarantined_at"}
"""Technical columns that say when a record was read, and from which path."""
TIMING = {"seconds", "path"}
SAMPLE = {"preview"}
"""Which rows are shown is left open; both show some."""


def test_every_form_of_compute_gives_the_tables_and_the_metadata_of_local_spark(
    spark_workspace: FakeWorkspace,
    project_wheel: Path,
    tmp_path: Path,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    local_base, remote_tables = tmp_path / "local", tmp_path / "remote"
    for form, batch in zip(("serverless", "existing", "job"), in_batches(sample_arrivals(UNTIDY), 3), strict=True):
        with monkeypatch.context() as local_env:
            local_env.setenv("FITNESS_BASE_DIR", str(local_base))
            local_env.setenv("FITNESS_AS_OF", "2026-02-28")
            land(local_base / "data_zone" / "raw", batch, form)
            expected = click()
        with monkeypatch.context() as remote_env:
            remote = RemotePlatform(spark_workspace, remote_env, project_wheel, remote_tables)
            remote.choose_compute(form)
            land(remote.landing_zone, batch, form)
            actual = remote.materialize()
        assert displayed(actual) == displayed(expected)
        for table in all_tables().values():
            columns = [name for name in table.column_names if name not in PROVENANCE_COLUMNS]
            folder = Path(table.layer.value, table.name)
            expected_rows = rows(local_base / "data_zone" / folder, columns)
            assert rows(remote_tables / folder, columns) == expected_rows, table.full_name
    runs = list(spark_workspace.runs.values())
    assert len(runs) == 3, "one run for a whole selection"
    assert len({run.tasks[0].pid for run in runs}) == 3
    assert not list((remote.messages / "runs").iterdir()), "messages that were read are removed"


def land(landing_zone: Path, batch: list[Any], name: str) -> None:
    if not landing_zone.joinpath("date_lookup").exists():
        write_calendar(landing_zone)
    write_events(landing_zone, batch, name)


def displayed(result: ExecuteInProcessResult) -> dict[str, Any]:
    """What Dagster shows of each table, but for timing and place."""
    shown: dict[str, Any] = {}
    for event in result.get_asset_materialization_events():
        materialization = event.materialization
        metadata = {name: value for name, value in materialization.metadata.items() if name not in TIMING | SAMPLE}
        metadata |= dict.fromkeys(SAMPLE & set(materialization.metadata), True)
        data_version = (materialization.tags or {}).get("dagster/data_version")
        shown[materialization.asset_key.to_user_string()] = (metadata, data_version)
    for check in result.get_asset_check_evaluations():
        name = f"{check.asset_key.to_user_string()}: {check.check_name}"
        shown[name] = (check.passed, check.severity, check.description, dict(check.metadata))
    return shown


def rows(folder: Path, columns: list[str]) -> list[str]:
    contents = DeltaTable(str(folder)).to_pyarrow_table(columns=columns).to_pylist()
    return sorted(repr(row) for row in contents)
