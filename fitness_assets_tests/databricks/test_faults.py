"""Whatever the network and the workspace do: no run is lost, none doubled, and nothing counts that did not happen."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, OpExecutionContext, in_process_executor, job, op
from dagster._core.pipes import utils

from fitness_assets.contracts.catalog import tables
from fitness_assets.databricks import patience
from fitness_assets.databricks.pipes import Client
from fitness_assets.databricks.run import RemoteRun
from fitness_assets.databricks.settings import DatabricksSettings
from fitness_assets.databricks.submission import Work, submission, uploaded_wheel
from fitness_assets.databricks.updates import told_by_workspace
from fitness_assets.errors import SettingError, WorkspaceError
from fitness_assets.pipeline.checks import CheckResult, described
from fitness_assets_tests.databricks.conftest import OnWorkspace
from fitness_assets_tests.databricks.workspace import Workspace, build_wheel

LIGHT = """
import json, os, sys, time
from dagster_pipes import PipesCliArgsParamsLoader, PipesUnityCatalogVolumesContextLoader
from dagster_pipes import PipesUnityCatalogVolumesMessageWriter, open_dagster_pipes

def main():
    given = dict(a[2:].split("=", 1) for a in sys.argv[1:] if a.startswith("--") and "=" in a)
    with open("/Volumes/spark_catalog/bronz_db/pipes_messages/executed", "a") as file:
        file.write(f"{os.getpid()}\\n")
    if "--dagster-pipes-context" not in sys.argv:
        return
    with open_dagster_pipes(
        params_loader=PipesCliArgsParamsLoader(),
        context_loader=PipesUnityCatalogVolumesContextLoader(),
        message_writer=PipesUnityCatalogVolumesMessageWriter(interval=0),
    ) as pipes:
        with open("/Volumes/spark_catalog/bronz_db/pipes_messages/checks") as file:
            checks = json.load(file)
        for name in [one for one in checks if one in given["tables"].split(",")]:
            result = {"table": name, "mode": "unchanged", "version": os.getpid(), "rows": 0, "told": []}
            told = {"table": name, "result": result, "checks": checks[name]}
            told |= {"error": None, "trace": "", "held_back_by": None}
            if os.path.exists(f"/Volumes/spark_catalog/bronz_db/pipes_messages/forget_{name}"):
                continue
            pipes.report_custom_message({"kind": "outcome", **told})
        if os.path.exists("/Volumes/spark_catalog/bronz_db/pipes_messages/linger"):
            time.sleep(600)
"""
"""A wheel that tells what ours tells and does nothing: these tests are of what lies between it and Dagster."""


@pytest.fixture
def light(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OnWorkspace]:
    monkeypatch.setattr(patience, "_FIRST_PAUSE_SECONDS", 0.05)
    # For so long Dagster waits for the last words of a run that did not say that they were the last.
    monkeypatch.setattr(utils, "WAIT_FOR_LOGS_AFTER_EXECUTION_INTERVAL", 1)
    wheel = build_wheel(tmp_path, "fitness_assets", LIGHT, entry_point="fitness-assets-remote")
    with Workspace(tmp_path / "workspace", private_mounts=True) as workspace:
        on = OnWorkspace(workspace, monkeypatch, wheel, tmp_path / "tables")
        checks = {
            name: [asdict(CheckResult(check, True, said)) for check, said in described(one).items()]
            for name, one in tables().items()
        }
        (on.messages / "checks").write_text(json.dumps(checks))
        yield on


def executed(on: OnWorkspace) -> list[str]:
    """The processes that truly ran."""
    file = on.messages / "executed"
    return file.read_text().splitlines() if file.exists() else []


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("status", [429, 500, 503, None])
def test_a_submission_that_gets_no_good_answer_is_sent_again_and_runs_once(
    light: OnWorkspace, status: int | None, after_effect: bool
) -> None:
    if status is None:
        light.workspace.cut("POST", "/jobs/runs/submit", after_effect=after_effect, times=2)
    else:
        light.workspace.fail("POST", "/jobs/runs/submit", status=status, after_effect=after_effect, times=2)
    result = light.click("silver_db.users")
    [event] = result.get_asset_materialization_events()
    assert executed(light) == [str(event.materialization.metadata["delta_version"].value)]
    assert len(light.workspace.runs) == 1


def test_a_run_that_is_followed_over_a_bad_network_is_told_whole(light: OnWorkspace) -> None:
    for path in ("/jobs/runs/get", "/fs/files", "/fs/directories"):
        light.workspace.fail("GET", path, status=500, times=2)
        light.workspace.cut("GET", path, times=2)
    light.workspace.slow("GET", "/jobs/runs/get", 1.0)
    result = light.click(*tables())
    assert len(result.get_asset_materialization_events()) == len(tables())
    assert len(executed(light)) == 1


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("SKIPPED", "was skipped"),
        ("INTERNAL_ERROR", "spot node taken"),
        ("TIMEDOUT", "took too long"),
        ("CANCELED", "was cancelled on the workspace"),
        ("NOTHING_REPORTED", "told nothing of silver_db.users"),
    ],
)
def test_a_run_that_ends_in_another_way_is_no_success_and_says_why_and_where(
    light: OnWorkspace, ending: str, said: str
) -> None:
    light.workspace.end_run(ending, "spot node taken" if ending == "INTERNAL_ERROR" else None)
    result = light.click("silver_db.users", raises=False)
    assert not result.success
    assert not result.get_asset_materialization_events()
    [failure] = result.get_step_failure_events()
    message = failure.step_failure_data.user_failure_data.description  # type: ignore[union-attr]
    assert said in message and light.workspace.host in message
    assert len(light.workspace.runs) == 1


def test_a_table_that_was_not_told_of_is_not_taken_for_up_to_date(light: OnWorkspace) -> None:
    (light.messages / "forget_silver_db.users").touch()
    result = light.click("silver_db.users", "silver_db.workouts", raises=False)
    assert not result.success
    assert [
        str(event.asset_key.path[-1]) for event in result.get_asset_materialization_events() if event.asset_key
    ] == ["workouts"]


def test_a_hundred_submissions_in_a_storm(light: OnWorkspace) -> None:
    """No run is lost, none is doubled, none is taken for a success that it was not."""
    settings = DatabricksSettings.from_env()
    client = Client.of(settings)
    request = submission(settings, uploaded_wheel(client.files, settings), ["--mode=once"])
    endings = ["INTERNAL_ERROR", "SKIPPED", "TIMEDOUT", "CANCELED", "INTERNAL_ERROR"]
    for ending in endings:
        light.workspace.end_run(ending)
    light.workspace.storm(0.3, seed=5, path="/api/2.2/jobs")

    def succeeded(number: int) -> bool:
        run = RemoteRun(client.jobs, f"storm-{number}", poll_seconds=0.05)
        run.submit(request)
        *_, last = run.follow()
        return run.why_it_failed(last) is None

    with ThreadPoolExecutor(8) as at_once:
        good = sum(at_once.map(succeeded, range(100)))
    assert good == 100 - len(endings)
    assert len(light.workspace.runs) == 100
    assert len(executed(light)) == 100 - len(endings)


def test_an_interrupt_cancels_the_run(light: OnWorkspace) -> None:
    (light.messages / "linger").touch()

    def stop_in_the_middle(told: Iterator[Any]) -> None:
        assert next(told).table.full_name == "silver_db.users"
        told.close()  # type: ignore[attr-defined]

    _in_a_step(stop_in_the_middle)
    [run] = light.workspace.runs.values()
    assert run.wait(10).result == "CANCELED"


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


@pytest.mark.parametrize(("asked_for", "status"), [(True, "CANCELED"), (False, "FAILURE")])
def test_a_run_that_is_terminated_in_dagster_ends_here_and_there_and_is_no_success(
    light: OnWorkspace, tmp_path: Path, asked_for: bool, status: str
) -> None:
    (light.messages / "linger").touch()
    (light.messages / "forget_silver_db.workouts").touch()
    home = tmp_path / "dagster"
    home.mkdir()
    with subprocess.Popen([sys.executable, "-c", CLICK, str(home)], stdout=subprocess.PIPE, text=True) as clicked:
        until = time.monotonic() + 60
        while not executed(light) and time.monotonic() < until:
            time.sleep(0.2)
        time.sleep(2)
        if asked_for:  # which the button does before it sends the signal
            with DagsterInstance.local_temp(str(home)) as instance:
                instance.report_run_canceling(instance.get_runs()[0])
        clicked.send_signal(signal.SIGINT)
        said, _ = clicked.communicate(timeout=60)
    [run] = light.workspace.runs.values()
    assert run.wait(10).result == "CANCELED"
    assert said.startswith(f"['{status}']"), said
    assert said.rstrip().endswith("False]"), "a table that was not told of is not materialized"


def test_a_run_whose_submission_was_interrupted_is_found_and_cancelled(light: OnWorkspace) -> None:
    (light.messages / "linger").touch()
    settings = DatabricksSettings.from_env()
    client = Client.of(settings)
    submitted = RemoteRun(client.jobs, "one", 0.1)
    submitted.submit(submission(settings, uploaded_wheel(client.files, settings), ["--tables=silver_db.users"]))
    RemoteRun(client.jobs, "one", 0.1).cancel()
    [run] = light.workspace.runs.values()
    assert run.wait(10).result == "CANCELED"


def test_a_workspace_that_does_not_answer_is_given_up_in_time(light: OnWorkspace) -> None:
    light.set(FITNESS_PATIENCE_SECONDS="2")
    light.workspace.fail("POST", "/jobs/runs/submit", status=503, times=1000)
    began = time.monotonic()
    with pytest.raises(WorkspaceError, match=r"does not do POST .*submit.*tried for 2 s"):
        _in_a_step(list)
    assert time.monotonic() - began < 60
    assert not light.workspace.runs


@pytest.mark.parametrize("name", ["DATABRICKS_HOST", "FITNESS_WHEEL", "FITNESS_CLUSTER_ID"])
def test_a_missing_setting_is_named(light: OnWorkspace, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    light.compute("existing")
    monkeypatch.delenv(name)
    with pytest.raises(SettingError, match=name):
        _in_a_step(list)


def test_no_way_to_sign_in_is_said_so(light: OnWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DATABRICKS_TOKEN")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SettingError, match="DATABRICKS_TOKEN"):
        _in_a_step(list)


def _in_a_step(use: Callable[[Iterator[Any]], Any]) -> None:
    """Do something in a step of Dagster with what a run on the workspace tells."""

    @op
    def step(context: OpExecutionContext) -> None:
        use(told_by_workspace(context, Work("once", ["silver_db.users"]), DatabricksSettings.from_env(), "one"))

    @job(executor_def=in_process_executor)
    def steps() -> None:
        step()

    steps.execute_in_process(instance=DagsterInstance.ephemeral())
