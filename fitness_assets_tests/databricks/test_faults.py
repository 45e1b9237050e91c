"""Whatever the network and the workspace do: no run is lost, none doubled, and nothing counts that did not happen."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fitness_assets.contracts.registry import all_tables
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.patience import patiently
from fitness_assets.databricks.run import RemoteRun
from fitness_assets.databricks.settings import DatabricksSettings
from fitness_assets.databricks.submission import submission, uploaded_wheel
from fitness_assets.errors import SettingError, WorkspaceError
from fitness_assets_tests.databricks.light import executed, in_a_step
from fitness_assets_tests.databricks.on_workspace import OnWorkspace


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
    result = light.click(*all_tables())
    assert len(result.get_asset_materialization_events()) == len(all_tables())
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
    client = Client.from_env(settings.patience_seconds)
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


def test_a_workspace_that_does_not_answer_is_given_up_in_time(light: OnWorkspace) -> None:
    light.set(FITNESS_PATIENCE_SECONDS="2")
    light.workspace.fail("POST", "/jobs/runs/submit", status=503, times=1000)
    began = time.monotonic()
    with pytest.raises(WorkspaceError, match=r"does not do POST .*submit.*tried for 2 s"):
        in_a_step(list)
    assert time.monotonic() - began < 60
    assert not light.workspace.runs


def test_why_it_was_given_up_is_said_where_the_client_below_says_only_that_its_time_was_over() -> None:
    def call() -> None:
        raise TimeoutError("Timed out after 0:00:01") from ConnectionError("Connection refused")

    with pytest.raises(WorkspaceError, match=r"does not do it: Connection refused\. It was tried for 0 s"):
        patiently(call, 0, "it")


@pytest.mark.parametrize("name", ["DATABRICKS_HOST", "FITNESS_WHEEL", "FITNESS_CLUSTER_ID"])
def test_a_missing_setting_is_named(light: OnWorkspace, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    light.compute("existing")
    monkeypatch.delenv(name)
    with pytest.raises(SettingError, match=name):
        in_a_step(list)


def test_no_way_to_sign_in_is_said_so(light: OnWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DATABRICKS_TOKEN")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SettingError, match="DATABRICKS_TOKEN"):
        in_a_step(list)
