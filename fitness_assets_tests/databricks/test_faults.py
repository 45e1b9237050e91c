"""Whatever the network and the workspace do: no run is lost, none doubled, and nothing counts that did not happen."""

import time
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest

from fitness_assets.contracts.registry import all_tables
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.retry import call_with_retry
from fitness_assets.databricks.runs.job_spec import build_job_spec, upload_wheels
from fitness_assets.databricks.runs.remote_run import RemoteRun
from fitness_assets.databricks.runs.reporting.message_writer import VolumeMessageWriter
from fitness_assets.errors import RemoteError, SettingError, WorkspaceError
from fitness_assets.settings.databricks import DatabricksSettings
from fitness_assets_tests.databricks.remote_platform import RemotePlatform
from fitness_assets_tests.databricks.stub_wheel import executed_pids, run_in_step

pytestmark = pytest.mark.programs


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("status", [429, 500, 503, None])
def test_a_submission_that_gets_no_good_answer_is_sent_again_and_runs_once(
    remote: RemotePlatform, status: int | None, after_effect: bool
) -> None:
    if status is None:
        remote.workspace.cut("POST", "/jobs/runs/submit", after_effect=after_effect, times=2)
    else:
        remote.workspace.fail("POST", "/jobs/runs/submit", status=status, after_effect=after_effect, times=2)
    result = remote.materialize("silver_db.users")
    [event] = result.get_asset_materialization_events()
    assert executed_pids(remote) == [str(event.materialization.metadata["delta_version"].value)]
    assert len(remote.workspace.runs) == 1


def test_a_run_that_is_followed_over_a_bad_network_is_reported_whole(remote: RemotePlatform) -> None:
    for path in ("/jobs/runs/get", "/fs/files", "/fs/directories"):
        remote.workspace.fail("GET", path, status=500, times=2)
        remote.workspace.cut("GET", path, times=2)
    remote.workspace.slow("GET", "/jobs/runs/get", 1.0)
    result = remote.materialize(*all_tables())
    assert len(result.get_asset_materialization_events()) == len(all_tables())
    assert len(executed_pids(remote)) == 1


@pytest.mark.parametrize(
    ("result_name", "message"),
    [
        ("SKIPPED", "was skipped"),
        ("INTERNAL_ERROR", "spot node taken"),
        ("TIMEDOUT", "took too long"),
        ("CANCELED", "was cancelled on the workspace"),
        ("NOTHING_REPORTED", "reported nothing of silver_db.users"),
    ],
)
def test_a_run_that_ends_in_another_way_is_no_success_and_says_why_and_where(
    remote: RemotePlatform, result_name: str, message: str
) -> None:
    remote.workspace.script_result(result_name, "spot node taken" if result_name == "INTERNAL_ERROR" else None)
    result = remote.materialize("silver_db.users", raises=False)
    assert not result.success
    assert not result.get_asset_materialization_events()
    [failure] = result.get_step_failure_events()
    description = failure.step_failure_data.user_failure_data.description  # type: ignore[union-attr]
    assert message in description and remote.workspace.host in description
    assert len(remote.workspace.runs) == 1


def test_a_table_that_was_not_reported_is_not_taken_for_up_to_date(remote: RemotePlatform) -> None:
    (remote.messages / "skip_silver_db.users").touch()
    result = remote.materialize("silver_db.users", "silver_db.workouts", raises=False)
    assert not result.success
    assert [
        str(event.asset_key.path[-1]) for event in result.get_asset_materialization_events() if event.asset_key
    ] == ["workouts"]


@pytest.mark.parametrize("form", ["serverless", "existing", "job"])
def test_a_task_that_failed_is_not_run_again_by_the_workspace(remote: RemotePlatform, form: str) -> None:
    (remote.messages / "fail").touch()
    remote.choose_compute(form)
    result = remote.materialize("silver_db.users", raises=False)
    assert not result.success
    [run] = remote.workspace.runs.values()
    assert (run.result, run.executions, len(executed_pids(remote))) == ("FAILED", 1, 1)


def test_what_a_run_costs_can_be_told_by_its_tags(remote: RemotePlatform) -> None:
    remote.set_env(FITNESS_BUDGET_POLICY_ID="0a-1b")
    remote.materialize("silver_db.users")
    remote.choose_compute("job")
    remote.materialize("silver_db.users")
    serverless, job = remote.workspace.runs.values()
    assert serverless.body["budget_policy_id"] == "0a-1b" and "budget_policy_id" not in job.body
    tags = job.body["tasks"][0]["new_cluster"]["custom_tags"]
    assert tags == {"project": "fitness_assets", "environment": "dev"}


def test_what_a_second_attempt_reports_that_the_workspace_begins_by_itself_counts(remote: RemotePlatform) -> None:
    remote.workspace.repeats_failed_tasks = True
    (remote.messages / "fail_once").touch()
    result = remote.materialize("silver_db.users", "silver_db.workouts")
    first, second = executed_pids(remote)
    events = [event.materialization for event in result.get_asset_materialization_events()]
    assert [(event.asset_key.path[-1], str(event.metadata["delta_version"].value)) for event in events] == [
        ("users", first),
        ("users", second),
        ("workouts", second),
    ]


def test_a_second_attempt_that_does_not_know_that_it_is_one_does_nothing(tmp_path: Path) -> None:
    first = VolumeMessageWriter("{{task.execution_count}}").make_channel({"path": str(tmp_path)})
    first.upload_messages_chunk(StringIO("{}"), 1)
    with pytest.raises(RemoteError, match="This is a second attempt of the run"):
        VolumeMessageWriter("{{task.execution_count}}").make_channel({"path": str(tmp_path)})


def test_a_hundred_submissions_in_a_storm(remote: RemotePlatform) -> None:
    """No run is lost, none is doubled, none is taken for a success that it was not."""
    settings = DatabricksSettings.from_env()
    client = Client.from_env(settings.patience_seconds)
    job_spec = build_job_spec(settings, upload_wheels(client.files, settings), ["--mode=once"])
    failures = ["INTERNAL_ERROR", "SKIPPED", "TIMEDOUT", "CANCELED", "INTERNAL_ERROR"]
    for result_name in failures:
        remote.workspace.script_result(result_name)
    remote.workspace.storm(0.3, seed=5, path="/api/2.2/jobs")

    def succeeded(number: int) -> bool:
        run = RemoteRun(client.jobs, f"storm-{number}", poll_seconds=0.05)
        run.submit(job_spec)
        *_, final = run.follow()
        return run.failure_reason(final) is None

    with ThreadPoolExecutor(8) as pool:
        successes = sum(pool.map(succeeded, range(100)))
    assert successes == 100 - len(failures)
    assert len(remote.workspace.runs) == 100
    assert len(executed_pids(remote)) == 100 - len(failures)


def test_a_workspace_that_does_not_answer_is_given_up_in_time(remote: RemotePlatform) -> None:
    remote.set_env(FITNESS_PATIENCE_SECONDS="2")
    remote.workspace.fail("POST", "/jobs/runs/submit", status=503, times=1000)
    started = time.monotonic()
    with pytest.raises(WorkspaceError, match=r"does not do POST .*submit.*tried for 2 s"):
        run_in_step(list)
    assert time.monotonic() - started < 60
    assert not remote.workspace.runs


def test_why_it_was_given_up_is_said_where_the_client_below_says_only_that_its_time_was_over() -> None:
    def call() -> None:
        raise TimeoutError("Timed out after 0:00:01") from ConnectionError("Connection refused")

    with pytest.raises(WorkspaceError, match=r"does not do it: Connection refused\. It was tried for 0 s"):
        call_with_retry(call, 0, "it")


@pytest.mark.parametrize("name", ["DATABRICKS_HOST", "FITNESS_WHEEL", "FITNESS_CLUSTER_ID"])
def test_a_missing_setting_is_named(remote: RemotePlatform, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    remote.choose_compute("existing")
    monkeypatch.delenv(name)
    with pytest.raises(SettingError, match=name):
        run_in_step(list)


def test_no_way_to_sign_in_is_said_so(remote: RemotePlatform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DATABRICKS_TOKEN")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SettingError, match="DATABRICKS_TOKEN"):
        run_in_step(list)
