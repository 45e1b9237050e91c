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
from fitness_assets.databricks.run import RemoteRun
from fitness_assets.databricks.settings import DatabricksSettings
from fitness_assets.databricks.submission import submission, uploaded_wheel
from fitness_assets_tests.databricks.light import in_a_step
from fitness_assets_tests.databricks.on_workspace import OnWorkspace


def test_an_interrupt_cancels_the_run(light: OnWorkspace) -> None:
    (light.messages / "linger").touch()

    def stop_in_the_middle(told: Iterator[Any]) -> None:
        assert next(told).table.full_name == "silver_db.users"
        told.close()  # type: ignore[attr-defined]

    in_a_step(stop_in_the_middle)
    [run] = light.workspace.runs.values()
    assert run.wait(10).result == "CANCELED"


USERS = AssetKey(["silver_db", "users"])
CLICK = """
import sys
from dagster import AssetKey, DagsterInstance, materialize
from fitness_assets.defs.assets import table_assets
from fitness_assets.resources.platform import LakehouseResource, SparkResource

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
        told = [instance.get_latest_materialization_event(AssetKey(["silver_db", n])) for n in ("users", "workouts")]
        print([run.status.value for run in instance.get_runs()], [event is not None for event in told], flush=True)
"""


@contextmanager
def dagster_in(folder: Path) -> Iterator[DagsterInstance]:
    """A Dagster that other processes can open."""
    (folder / "dagster").mkdir()
    with DagsterInstance.local_temp(str(folder / "dagster")) as instance:
        yield instance


@contextmanager
def going(instance: DagsterInstance) -> Iterator["subprocess.Popen[str]"]:
    """A process of that Dagster whose run on the workspace has told of its first table."""
    command = [sys.executable, "-c", CLICK, instance.root_directory]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as clicked:
        until = time.monotonic() + 60
        while not instance.get_latest_materialization_event(USERS) and time.monotonic() < until:
            time.sleep(0.2)
        yield clicked


@pytest.mark.parametrize(("asked_for", "status"), [(True, "CANCELED"), (False, "FAILURE")])
def test_a_run_that_is_terminated_in_dagster_ends_here_and_there_and_is_no_success(
    light: OnWorkspace, tmp_path: Path, asked_for: bool, status: str
) -> None:
    (light.messages / "linger").touch()
    (light.messages / "forget_silver_db.workouts").touch()
    with dagster_in(tmp_path) as instance, going(instance) as clicked:
        if asked_for:  # which the button does before it sends the signal
            instance.report_run_canceling(instance.get_runs()[0])
        clicked.send_signal(signal.SIGINT)
        said, _ = clicked.communicate(timeout=60)
    [run] = light.workspace.runs.values()
    assert run.wait(10).result == "CANCELED"
    assert said.startswith(f"['{status}']"), said
    assert said.rstrip().endswith("[True, False]"), (
        "what was told counts; a table that was not told of is not materialized"
    )


def test_a_run_whose_submission_was_interrupted_is_found_and_cancelled(light: OnWorkspace) -> None:
    (light.messages / "linger").touch()
    settings = DatabricksSettings.from_env()
    client = Client.from_env(settings.patience_seconds)
    submitted = RemoteRun(client.jobs, "one", 0.1)
    submitted.submit(submission(settings, uploaded_wheel(client.files, settings), ["--tables=silver_db.users"]))
    RemoteRun(client.jobs, "one", 0.1).cancel()
    [run] = light.workspace.runs.values()
    assert run.wait(10).result == "CANCELED"


def test_what_a_killed_dagster_left_ends_with_the_next_run_once_the_killed_one_is_known_to_be_over(
    light: OnWorkspace, tmp_path: Path
) -> None:
    (light.messages / "linger").touch()
    with dagster_in(tmp_path) as instance:
        with going(instance) as clicked:
            clicked.kill()
        (light.messages / "linger").unlink()
        [killed], [left] = instance.get_runs(), light.workspace.runs.values()
        light.click("silver_db.workouts", instance=instance)
        assert left.result == "RUNNING" and messages_of_runs(light) == [killed.run_id]

        instance.report_run_failed(killed)  # as run monitoring does
        result = light.click("silver_db.workouts", instance=instance)
        assert left.wait(10).result == "CANCELED" and messages_of_runs(light) == []
        told = [event.user_message for event in instance.all_logs(result.run_id)]
        assert [line for line in told if f"Run {left.run_id}" in line and killed.run_id in line]


def test_a_run_of_another_dagster_is_left_alone(light: OnWorkspace, tmp_path: Path) -> None:
    (light.messages / "linger").touch()
    with dagster_in(tmp_path) as instance, going(instance) as clicked:
        instance.report_run_failed(instance.get_runs()[0])
        clicked.kill()
    (light.messages / "linger").unlink()
    light.click("silver_db.workouts")
    left, _ = light.workspace.runs.values()
    assert left.result == "RUNNING" and len(messages_of_runs(light)) == 1


def messages_of_runs(on: OnWorkspace) -> list[str]:
    """The Dagster runs whose messages are still there."""
    return [folder.name[:36] for folder in (on.messages / "runs").iterdir()]
