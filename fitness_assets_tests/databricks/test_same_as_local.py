"""The same landed data here and on a workspace: the same tables, and the same to see in Dagster."""

from pathlib import Path
from typing import Any

import pytest
from dagster import ExecuteInProcessResult
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import all_tables
from fitness_assets.sample.landing import arrivals, write_calendar, write_part
from fitness_assets_tests.databricks.on_workspace import OnWorkspace
from fitness_assets_tests.databricks.workspace import Workspace
from fitness_assets_tests.defs.test_materialize import click
from fitness_assets_tests.end_to_end.test_against_reference import UNTIDY, in_batches

WHEN_AND_WHERE = {"load_time", "source_file", "quarantined_at"}
"""Technical columns that say when a record was read, and from which path."""
TIMING = {"seconds", "path"}
SAMPLE = {"preview"}
"""Which rows are shown is left open; both show some."""


def test_every_form_of_compute_gives_the_tables_and_the_metadata_of_local_spark(
    workspace_of_spark: Workspace,
    our_wheel: Path,
    tmp_path: Path,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for form, batch in zip(("serverless", "existing", "job"), in_batches(arrivals(UNTIDY), 3), strict=True):
        with monkeypatch.context() as local:
            local.setenv("FITNESS_BASE_DIR", str(here))
            local.setenv("FITNESS_AS_OF", "2026-02-28")
            land(here / "data_zone" / "raw", batch, form)
            expected = click()
        with monkeypatch.context() as remote:
            on = OnWorkspace(workspace_of_spark, remote, our_wheel, there)
            on.compute(form)
            land(on.landing_zone, batch, form)
            found = on.click()
        assert seen(found) == seen(expected)
        for one in all_tables().values():
            columns = [name for name in one.column_names if name not in WHEN_AND_WHERE]
            assert rows(there / one.layer.value / one.name, columns) == rows(
                here / "data_zone" / one.layer.value / one.name, columns
            ), one.full_name
    runs = list(workspace_of_spark.runs.values())
    assert len(runs) == 3, "one run for a whole selection"
    assert len({run.tasks[0].pid for run in runs}) == 3
    assert not list((on.messages / "runs").iterdir()), "what was said is cleared away"


def land(landing_zone: Path, batch: list[Any], name: str) -> None:
    if not landing_zone.joinpath("date_lookup").exists():
        write_calendar(landing_zone)
    write_part(landing_zone, batch, name)


def seen(result: ExecuteInProcessResult) -> dict[str, Any]:
    """What Dagster shows of each table, but for timing and place."""
    shown: dict[str, Any] = {}
    for event in result.get_asset_materialization_events():
        made = event.materialization
        metadata = {name: value for name, value in made.metadata.items() if name not in TIMING | SAMPLE}
        metadata |= dict.fromkeys(SAMPLE & set(made.metadata), True)
        shown[made.asset_key.to_user_string()] = (metadata, (made.tags or {}).get("dagster/data_version"))
    for check in result.get_asset_check_evaluations():
        name = f"{check.asset_key.to_user_string()}: {check.check_name}"
        shown[name] = (check.passed, check.severity, check.description, dict(check.metadata))
    return shown


def rows(folder: Path, columns: list[str]) -> list[str]:
    read = DeltaTable(str(folder)).to_pyarrow_table(columns=columns).to_pylist()
    return sorted(repr(row) for row in read)
