"""A submitted wheel is truly installed and run, in each form of compute, and ends as the real service says."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from databricks.sdk.errors import BadRequest
from databricks.sdk.service import compute, jobs
from databricks.sdk.service.jobs import RunLifeCycleState, RunResultState

from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace, build_wheel
from fitness_assets_tests.databricks.test_fake_workspace.sdk_client import NEW_CLUSTER, SdkClient, wait_until

pytestmark = pytest.mark.programs


@pytest.mark.parametrize("form", ["new", "existing", "serverless"])
def test_the_wheel_runs_in_another_process_with_its_parameters(client: SdkClient, form: str) -> None:
    run_id = client.submit(client.task(client.reports, "--x", "1 2", compute_form=form), run_name="echo")
    run = client.workspace.runs[run_id].wait()
    [report] = client.read_reports()
    assert run.result == "SUCCESS" and run.executions == 1
    assert report["pid"] == run.tasks[0].pid != os.getpid()
    assert report["argv"][0] == "echo" and report["argv"][2:] == ["--x", "1 2"]
    assert str(client.workspace.folder / "libraries") in report["file"]


def test_named_parameters_come_as_options(client: SdkClient) -> None:
    wheel = jobs.PythonWheelTask("echo", "main", named_parameters={"to": client.reports, "why": "a b"})
    client.workspace.runs[client.submit(client.task(python_wheel_task=wheel))].wait()
    [report] = client.read_reports()
    assert [option.split("=")[0] for option in report["argv"][1:]] == ["--to", "--why"]
    assert report["argv"][2] == "--why=a b"


def test_only_a_new_cluster_takes_the_environment_of_the_submission(
    client: SdkClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_TEST", "1")
    client.workspace.machine_env["OF_THE_MACHINE"] = "yes"
    cluster = NEW_CLUSTER.as_dict() | {"spark_env_vars": {"REPORTS": client.reports, "MODE": "new"}}
    new = client.task(compute_form="new", new_cluster=compute.ClusterSpec.from_dict(cluster))
    existing = client.task(client.reports, task_key="existing")
    client.workspace.create_cluster("shared", {"MODE": "its own"})
    serverless = client.task(client.reports, compute_form="serverless", task_key="serverless")
    client.workspace.runs[client.submit(new, existing, serverless)].wait()
    environments = [report["env"] for report in client.read_reports()]
    assert [environment.get("MODE") for environment in environments] == ["new", "its own", None]
    assert [environment["DATABRICKS_RUNTIME_VERSION"] for environment in environments] == ["17.3", "17.3", "client.4.0"]
    assert all(environment["OF_THE_MACHINE"] == "yes" for environment in environments)
    assert all("SECRET_OF_THE_TEST" not in environment for environment in environments)


def test_a_run_shows_both_forms_of_state_and_its_output(client: SdkClient) -> None:
    run_id = client.submit(client.task(client.reports), run_name="echo")
    client.workspace.runs[run_id].wait()
    run = client.api.jobs.get_run(run_id)
    assert run.state and run.status and run.status.termination_details and run.tasks
    assert run.state.life_cycle_state == RunLifeCycleState.TERMINATED
    assert run.state.result_state == RunResultState.SUCCESS
    assert run.status.termination_details.code == jobs.TerminationCodeCode.SUCCESS
    assert run.run_page_url and run.run_page_url.endswith(f"#job/{run.job_id}/run/{run_id}")
    output = client.api.jobs.get_run_output(run.tasks[0].run_id or 0)
    assert output.logs == "hello from the wheel\nand from its stderr\n" and output.error is None
    with pytest.raises(BadRequest, match="multiple tasks is not supported"):
        client.api.jobs.get_run_output(run_id)


def test_an_exception_fails_the_task_and_a_return_value_does_not(client: SdkClient) -> None:
    run_id = client.submit(client.task("fail"))
    client.workspace.runs[run_id].wait()
    run = client.api.jobs.get_run(run_id)
    assert run.state and run.tasks and run.tasks[0].state
    assert (run.state.life_cycle_state, run.state.result_state) == (
        RunLifeCycleState.INTERNAL_ERROR,
        RunResultState.FAILED,
    )
    assert run.tasks[0].state.life_cycle_state == RunLifeCycleState.TERMINATED
    message = "Task echo failed with message: Workload failed, see run output for details."
    assert run.state.state_message == message
    output = client.api.jobs.get_run_output(run.tasks[0].run_id or 0)
    assert output.error == "ValueError: the wheel is unhappy" and "Traceback" in (output.error_trace or "")


@pytest.mark.parametrize(
    ("form", "is_disabled", "executions"),
    [("serverless", False, 2), ("serverless", True, 1), ("existing", False, 1), ("new", False, 1)],
)
def test_serverless_compute_runs_a_failed_task_again_unless_it_is_told_not_to(
    client: SdkClient, form: str, is_disabled: bool, executions: int
) -> None:
    task = client.task(client.reports, "fail", compute_form=form).as_dict()
    task |= {"disable_auto_optimization": True} if is_disabled else {}
    body = {"tasks": [task], "environments": [environment.as_dict() for environment in client.environments()]}
    run_id = client.api.api_client.do("POST", "/api/2.2/jobs/runs/submit", body=body)["run_id"]
    run = client.workspace.runs[run_id].wait()
    assert (run.result, run.executions, len(client.read_reports())) == ("FAILED", executions, executions)
    [described] = client.api.jobs.get_run(run_id).tasks or []
    assert described.attempt_number == executions - 1


def test_a_wheel_which_is_not_there_or_no_wheel_never_starts(client: SdkClient) -> None:
    client.workspace.local_path(f"{client.volume}/bad-1.0-py3-none-any.whl").write_text("no zip")
    for name in ("none-1.0-py3-none-any.whl", "bad-1.0-py3-none-any.whl"):
        libraries = [compute.Library(whl=f"{client.volume}/{name}")]
        run = client.workspace.runs[client.submit(client.task(libraries=libraries))].wait()
        assert run.result == "FAILED" and run.executions == 0
        assert "Library installation failed" in run.state.message and name in run.state.message


def test_without_its_wheel_the_package_is_not_taken_from_the_checkout(client: SdkClient) -> None:
    wheel = jobs.PythonWheelTask("fitness-assets", "fitness-assets", parameters=["--help"])
    run = client.workspace.runs[client.submit(client.task(python_wheel_task=wheel))].wait()
    assert run.result == "FAILED"
    assert "Python wheel with name fitness-assets could not be found" in run.tasks[0].stderr


@pytest.mark.parametrize(("form", "is_kept"), [("new", False), ("serverless", False), ("existing", True)])
def test_a_wheel_uploaded_anew_under_the_same_version_runs_but_where_the_cluster_has_it(
    client: SdkClient, form: str, is_kept: bool
) -> None:
    def output() -> str:
        run = client.workspace.runs[client.submit(client.task(client.reports, compute_form=form))].wait()
        return run.tasks[0].stdout

    assert "hello" in output()
    newer = build_wheel(client.workspace.folder, "echo", "def main(): print('newer')")
    client.api.files.upload(client.wheel, newer.open("rb"), overwrite=True)
    assert ("hello" in output()) is is_kept


def test_a_wheel_of_another_version_takes_the_place_of_the_one_that_the_cluster_has(client: SdkClient) -> None:
    client.workspace.runs[client.submit(client.task(client.reports))].wait()
    newer = build_wheel(client.workspace.folder, "echo", "def main(): print('newer')", version="1.0+later")
    path = f"{client.volume}/{newer.name}"
    client.api.files.upload(path, newer.open("rb"))
    task = client.task(client.reports, libraries=[compute.Library(whl=path)])
    assert client.workspace.runs[client.submit(task)].wait().tasks[0].stdout == "newer\n"


def test_a_cancelled_run_is_ended_with_everything_it_started(client: SdkClient) -> None:
    client.workspace.grace_seconds = 0.2
    stubborn = "\n".join(
        [
            "import signal, subprocess, time",
            "def main():",
            "    signal.signal(signal.SIGTERM, signal.SIG_IGN)",
            "    print(subprocess.Popen(['sleep', '60'], preexec_fn=lambda: signal.signal(15, signal.SIG_IGN)).pid)",
            "    time.sleep(60)",
        ]
    )
    wheel = build_wheel(client.workspace.folder, "stubborn", stubborn)
    client.api.files.upload(f"{client.volume}/{wheel.name}", wheel.open("rb"))
    task = client.task(
        python_wheel_task=jobs.PythonWheelTask("stubborn", "main"),
        libraries=[compute.Library(whl=f"{client.volume}/{wheel.name}")],
    )
    run = client.workspace.runs[client.submit(task)]
    wait_until(lambda: bool(run.tasks[0].stdout.strip()))
    client.api.jobs.cancel_run(run.run_id)
    assert run.wait().result == "CANCELED"
    state = client.api.jobs.get_run(run.run_id).state
    assert state and state.user_cancelled_or_timedout and state.state_message == "Run cancelled."
    for pid in (run.tasks[0].pid or 0, int(run.tasks[0].stdout)):
        wait_until(lambda pid=pid: not is_running(pid))
    client.api.jobs.cancel_run(run.run_id)
    assert run.result == "CANCELED"


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_run_stops_at_its_timeout(client: SdkClient) -> None:
    with_run_timeout = client.submit(client.task("sleep"), timeout_seconds=1)
    with_task_timeout = client.submit(client.task("sleep", timeout_seconds=1))
    for run_id in (with_run_timeout, with_task_timeout):
        assert client.workspace.runs[run_id].wait().result == "TIMEDOUT"


def test_a_killed_process_is_a_failure(client: SdkClient) -> None:
    run = client.workspace.runs[client.submit(client.task("sleep"))]
    wait_until(lambda: "hello" in run.tasks[0].stdout)
    os.kill(run.tasks[0].pid or 0, signal.SIGKILL)
    assert run.wait().result == "FAILED"


def test_tasks_follow_their_dependencies(client: SdkClient) -> None:
    first, second = client.task("fail"), client.task(task_key="after", depends_on=[jobs.TaskDependency("echo")])
    run = client.workspace.runs[client.submit(first, second)].wait()
    assert [task.state.result_state for task in run.tasks] == ["FAILED", "UPSTREAM_FAILED"]
    assert run.executions == 1


def test_what_is_more_than_the_workspace_runs_at_once_is_queued(client: SdkClient) -> None:
    for _ in range(8):
        client.workspace.slots.acquire()
    run_id = client.submit(client.task(client.reports))
    state = client.api.jobs.get_run(run_id).state
    assert state and state.life_cycle_state == RunLifeCycleState.QUEUED
    assert [run.run_id for run in client.api.jobs.list_runs(active_only=True)] == [run_id]
    client.workspace.slots.release()
    assert client.workspace.runs[run_id].wait().result == "SUCCESS"
    assert not list(client.api.jobs.list_runs(active_only=True))


def test_the_end_of_a_workspace_ends_its_runs(client: SdkClient) -> None:
    run = client.workspace.runs[client.submit(client.task("sleep"))]
    wait_until(lambda: "hello" in run.tasks[0].stdout)
    client.workspace.__exit__(None, None, None)
    assert run.result == "CANCELED" and not is_running(run.tasks[0].pid or 0)


def test_pipes_parameters_lead_the_task_to_the_volume(client: SdkClient) -> None:
    from dagster_pipes import encode_param

    code = "\n".join(
        [
            "import json, pathlib, sys",
            "from dagster_pipes import decode_param",
            "def main():",
            "    context = json.loads(pathlib.Path(decode_param(sys.argv[1])['path']).read_text())",
            "    pathlib.Path(context['extras']['landing'], 'marker').write_text('yes')",
        ]
    )
    wheel = build_wheel(client.workspace.folder, "piped", code)
    client.api.files.upload(f"{client.volume}/{wheel.name}", wheel.open("rb"))
    context = {"extras": {"landing": client.volume}}
    client.workspace.local_path(f"{client.volume}/context.json").write_text(json.dumps(context))
    task = client.task(
        python_wheel_task=jobs.PythonWheelTask(
            "piped", "main", parameters=[encode_param({"path": f"{client.volume}/context.json"})]
        ),
        libraries=[compute.Library(whl=f"{client.volume}/{wheel.name}")],
    )
    assert client.workspace.runs[client.submit(task)].wait().result == "SUCCESS"
    assert client.workspace.local_path(f"{client.volume}/marker").read_text() == "yes"


def test_two_workspaces_side_by_side_have_volumes_of_their_own(client: SdkClient) -> None:
    folder = client.workspace.folder / "other"
    with FakeWorkspace(folder) as other:
        other_client = SdkClient(other, folder)
        both = (client, other_client)
        runs = [each.workspace.runs[each.submit(each.task(each.reports))].wait() for each in both]
        assert [run.result for run in runs] == ["SUCCESS", "SUCCESS"]
        assert len(client.read_reports()) == len(other_client.read_reports()) == 1


def test_the_projects_own_wheel_runs_and_not_the_checkout(client: SdkClient, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=Path(__file__).parents[3], check=True, capture_output=True)
    [wheel] = tmp_path.glob("fitness_assets-*.whl")
    path = f"{client.volume}/{wheel.name}"
    client.api.files.upload(path, wheel.open("rb"))
    run = client.workspace.runs[
        client.submit(
            client.task(
                libraries=[compute.Library(whl=path)],
                python_wheel_task=jobs.PythonWheelTask("fitness-assets", "fitness-assets", parameters=["--help"]),
            )
        )
    ].wait()
    assert run.result == "SUCCESS" and "Usage: fitness-assets" in run.tasks[0].stdout
