"""A run that is interrupted here ends there, and is never taken for a success."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetKey, DagsterInstance

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.runs.job_spec import build_job_spec, upload_wheels
from fitness_assets.databricks.runs.remote_run import RemoteRun
from fitness_assets.settings.databricks import DatabricksSettings
from fitness_assets_tests.databricks.remote_platform import RemotePlatform
from fitness_assets_tests.databricks.stub_wheel import run_in_step

pytestmark = pytest.mark.programs


def test_an_interrupt_cancels_the_run(remote: RemotePlatform) -> None:
    (remote.messages / "hang").touch()

    def stop_in_the_middle(reports: Iterator[Any]) -> None:
        assert next(reports).table.full_name == "silver_db.users"
        reports.close()  # type: ignore[attr-defined]

    run_in_step(stop_in_the_middle)
    [run] = remote.workspace.runs.values()
    assert run.wait(10).result == "CANCELED"


USERS = AssetKey(["silver_db", "users"])
MATERIALIZE = """
import sys
from dagster import AssetKey, DagsterInstance, materialize
from fitness_assets.defs.assets.table_assets import table_assets
from fitness_assets.resources.lakehouse import LakehouseResource
from fitness_assets.resources.spark import SparkResource

spark = SparkResource()
with DagsterInstance.local_temp(sys.argv[1]) as instance:
    try:
        materialize(
            [table_assets()],
            instance=instance,
            selection=["silver_db/users", "silver_db/workouts"],
            resources={"spark": spark, "lakehouse": LakehouseResource(spark=spark)},
        )
    finally:
        keys = [AssetKey(["silver_db", name]) for name in ("users", "workouts")]
        is_materialized = [instance.get_latest_materialization_event(key) is not None for key in keys]
        print([run.status.value for run in instance.get_runs()], is_materialized, flush=True)
"""


@contextmanager
def dagster_in(folder: Path) -> Iterator[DagsterInstance]:
    """A Dagster that other processes can open."""
    (folder / "dagster").mkdir()
    with DagsterInstance.local_temp(str(folder / "dagster")) as instance:
        yield instance


@contextmanager
def materializing(instance: DagsterInstance) -> Iterator["subprocess.Popen[str]"]:
    """A process of that Dagster whose run on the workspace has reported its first table."""
    command = [sys.executable, "-c", MATERIALIZE, instance.root_directory]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not instance.get_latest_materialization_event(USERS) and time.monotonic() < deadline:
            time.sleep(0.2)
        yield process


@pytest.mark.parametrize(("is_requested", "status"), [(True, "CANCELED"), (False, "FAILURE")])
def test_a_run_that_is_terminated_in_dagster_ends_here_and_there_and_is_no_success(
    remote: RemotePlatform, tmp_path: Path, is_requested: bool, status: str
) -> None:
    (remote.messages / "hang").touch()
    (remote.messages / "skip_silver_db.workouts").touch()
    with dagster_in(tmp_path) as instance, materializing(instance) as process:
        if is_requested:  # which the button does before it sends the signal
            instance.report_run_canceling(instance.get_runs()[0])
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    [run] = remote.workspace.runs.values()
    assert run.wait(10).result == "CANCELED"
    assert output.startswith(f"['{status}']"), output
    assert output.rstrip().endswith("[True, False]"), (
        "what was reported counts; a table that was not reported is not materialized"
    )


def test_a_run_whose_submission_was_interrupted_is_found_and_cancelled(remote: RemotePlatform) -> None:
    (remote.messages / "hang").touch()
    settings = DatabricksSettings.from_env()
    client = Client.from_env(settings.patience_seconds)
    submitted = RemoteRun(client.jobs, "one", 0.1)
    submitted.submit(build_job_spec(settings, upload_wheels(client.files, settings), ["--tables=silver_db.users"]))
    RemoteRun(client.jobs, "one", 0.1).cancel()
    [run] = remote.workspace.runs.values()
    assert run.wait(10).result == "CANCELED"


def test_what_a_killed_dagster_left_ends_with_the_next_run_once_the_killed_one_is_known_to_be_over(
    remote: RemotePlatform, tmp_path: Path
) -> None:
    (remote.messages / "hang").touch()
    with dagster_in(tmp_path) as instance:
        with materializing(instance) as process:
            process.kill()
        (remote.messages / "hang").unlink()
        [killed], [orphan] = instance.get_runs(), remote.workspace.runs.values()
        remote.materialize("silver_db.workouts", instance=instance)
        assert orphan.result == "RUNNING" and run_ids_with_messages(remote) == [killed.run_id]

        instance.report_run_failed(killed)  # as run monitoring does
        result = remote.materialize("silver_db.workouts", instance=instance)
        assert orphan.wait(10).result == "CANCELED" and run_ids_with_messages(remote) == []
        messages = [event.user_message for event in instance.all_logs(result.run_id)]
        assert [line for line in messages if f"Run {orphan.run_id}" in line and killed.run_id in line]


def test_a_run_of_another_dagster_is_left_alone(remote: RemotePlatform, tmp_path: Path) -> None:
    (remote.messages / "hang").touch()
    with dagster_in(tmp_path) as instance, materializing(instance) as process:
        instance.report_run_failed(instance.get_runs()[0])
        process.kill()
    (remote.messages / "hang").unlink()
    remote.materialize("silver_db.workouts")
    orphan, _ = remote.workspace.runs.values()
    assert orphan.result == "RUNNING" and len(run_ids_with_messages(remote)) == 1


def run_ids_with_messages(remote: RemotePlatform) -> list[str]:
    """The Dagster runs whose messages are still there."""
    return [folder.name[:36] for folder in (remote.messages / "runs").iterdir()]
