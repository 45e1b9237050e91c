"""The deploy scripts and the real Databricks CLI against an emulated workspace."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fitness_assets_tests.deployment.deploys import (
    DEPLOY_SCRIPT,
    JOBS,
    SCHEMAS,
    Environment,
    deploy_refused,
    deploy_successfully,
    deployed_resources,
    require_complete,
    run_deploy,
)
from fitness_assets_tests.deployment.emulator import CLIENT_SECRET, TOKEN, Emulator

pytestmark = pytest.mark.programs


@pytest.mark.parametrize("target", ["dev", "qa", "prod"])
def test_an_artifact_is_deployed_to_each_target(
    target: str, artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    output = deploy_successfully(artifact, target, environment)
    require_complete(workspace, target)
    assert "Warn" not in output
    assert f"/explore/data/{target}/gold_db" in output
    for job in deployed_resources(workspace, target)["jobs"]:
        parameters = job["tasks"][0]["python_wheel_task"]["named_parameters"]
        assert parameters["catalog"] == parameters["env"] == target
        assert parameters["landing"] == f"/Volumes/{target}/bronz_db/landing_zone"
        assert "PAUSED" in str(job) or job["name"] in JOBS[1:3], "A deploy starts nothing that costs money."


SERVICE = "0a1b2c3d-0000-4000-8000-123456789abc"


def test_who_deploys_is_not_who_runs_and_people_are_told(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    options = (
        "--run-as",
        SERVICE,
        "--budget-policy",
        "0a-1b",
        "--email",
        "a@b.c",
        "--email",
        "d@e.f",
        "--webhook",
        "9f",
    )
    deploy_successfully(artifact, "prod", environment, *options)
    for job in deployed_resources(workspace, "prod")["jobs"]:
        assert job["run_as"] == {"service_principal_name": SERVICE}
        assert job["budget_policy_id"] == "0a-1b"
        # The probe is looked at by whoever starts it.
        if "probe" not in job["name"]:
            assert job["email_notifications"]["on_failure"] == ["a@b.c", "d@e.f"]
            assert job["webhook_notifications"]["on_failure"] == [{"id": "9f"}]
    for job_id in workspace.jobs():
        entries = workspace.call("GET", f"/api/2.0/permissions/jobs/{job_id}")["access_control_list"]
        levels = {
            entry["group_name"]: [held["permission_level"] for held in entry["all_permissions"]]
            for entry in entries
            if entry.get("group_name")
        }
        assert levels == {"fitness_owners": ["CAN_MANAGE"], "fitness_engineers": ["CAN_VIEW"]}
    batch, integration_test, _, stream = deployed_resources(workspace, "prod")["jobs"]
    assert batch["health"]["rules"] == [{"metric": "RUN_DURATION_SECONDS", "op": "GREATER_THAN", "value": 3600}]
    assert (batch["timeout_seconds"], integration_test["timeout_seconds"]) == (14_400, 7_200)
    assert batch["performance_target"] == "STANDARD" and "performance_target" not in stream
    assert stream["tasks"][0]["python_wheel_task"]["named_parameters"]["seconds"] == "3600"
    deploy_successfully(artifact, "prod", environment)
    for job in deployed_resources(workspace, "prod")["jobs"]:
        assert not job.get("email_notifications", {}).get("on_failure")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--run-as", "fitness_service"),
        ("--email", "nobody"),
        ("--email", 'a"@b.c'),
        ("--webhook", "https"),
        ("--budget-policy", ""),
        ("--lakeflow", "a.b"),
    ],
)
def test_an_option_that_is_none_is_refused(
    option: str, value: str, artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    process = subprocess.run(
        [DEPLOY_SCRIPT, artifact, "dev", option, value], env=environment, capture_output=True, text=True, check=False
    )
    assert process.returncode == 2 and f"{option} needs " in process.stderr


def test_no_secret_is_printed(artifact: Path, workspace: Emulator, environment: Environment) -> None:
    output = deploy_successfully(artifact, "dev", environment)
    assert CLIENT_SECRET not in output
    assert TOKEN not in output


def test_a_second_deploy_of_the_same_artifact_changes_nothing(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    deploy_successfully(artifact, "qa", environment)
    before, ids = deployed_resources(workspace, "qa"), sorted(workspace.jobs())
    changes: list[str] = []
    workspace.on_change = lambda method, path: changes.append(path)
    deploy_successfully(artifact, "qa", environment)
    assert deployed_resources(workspace, "qa") == before
    assert sorted(workspace.jobs()) == ids
    assert not [path for path in changes if "/jobs/" in path or "unity-catalog" in path]


def test_targets_do_not_touch_each_other(artifact: Path, workspace: Emulator, environment: Environment) -> None:
    deploy_successfully(artifact, "dev", environment)
    before = deployed_resources(workspace, "dev")
    deploy_successfully(artifact, "prod", environment)
    assert deployed_resources(workspace, "dev") == before
    require_complete(workspace, "prod")


@pytest.mark.parametrize(
    ("compute", "variable", "expected"),
    [
        ("serverless", "serverless_version=5", {"environment_key": "fitness_assets"}),
        ("job", "policy_id=0123456789ABCDEF", {"job_cluster_key": "fitness_assets"}),
        ("existing", "cluster_id=1124-000000-abcdefgh", {"existing_cluster_id": "1124-000000-abcdefgh"}),
    ],
)
def test_the_jobs_run_on_the_compute_of_ones_choice(
    compute: str,
    variable: str,
    expected: dict[str, str],
    artifact: Path,
    workspace: Emulator,
    environment: Environment,
) -> None:
    deploy_successfully(artifact, "dev", environment, "--compute", compute, "--var", variable)
    require_complete(workspace, "dev")
    for job in deployed_resources(workspace, "dev")["jobs"]:
        for task in job["tasks"]:
            forms = ("environment_key", "job_cluster_key", "existing_cluster_id")
            assert {form: task[form] for form in forms if task.get(form)} == expected
            assert bool(task["libraries"]) is (compute != "serverless"), "Serverless compute takes it as a dependency."
        assert variable.split("=")[1] in str(job)


def test_a_stream_ends_and_is_started_again_on_serverless_compute_and_has_workers_of_its_own_on_a_cluster(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    def deployed_stream() -> Any:
        *_, stream = deployed_resources(workspace, "dev")["jobs"]
        return stream

    deploy_successfully(artifact, "dev", environment)
    parameters = deployed_stream()["tasks"][0]["python_wheel_task"]["named_parameters"]
    assert (parameters["compute"], parameters["seconds"]) == ("serverless", "3600")
    process = run_deploy(artifact, "dev", environment, "--var", "stream_seconds=0")
    assert process.returncode == 1
    assert "a continuous job on serverless compute is for tasks that end" in process.stderr
    deploy_successfully(artifact, "dev", environment, "--compute", "job", "--var", "policy_id=1", "--var", "workers=3")
    [cluster] = deployed_stream()["job_clusters"]
    assert cluster["new_cluster"]["num_workers"] == 3 and "autoscale" not in cluster["new_cluster"]
    parameters = deployed_stream()["tasks"][0]["python_wheel_task"]["named_parameters"]
    assert (parameters["compute"], parameters["seconds"]) == ("job", "0")


def test_files_that_land_start_the_batch_job_where_that_is_wanted(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    def deployed_batch(*options: str) -> Any:
        deploy_successfully(artifact, "dev", environment, *options)
        return deployed_resources(workspace, "dev")["jobs"][0]

    assert "schedule" in deployed_batch() and "trigger" not in deployed_batch()
    batch = deployed_batch("--trigger", "file-arrival", "--var", "batch_schedule=UNPAUSED")
    assert "schedule" not in batch and batch["trigger"] == {
        "pause_status": "UNPAUSED",
        "file_arrival": {
            "url": "/Volumes/dev/bronz_db/landing_zone/",
            "min_time_between_triggers_seconds": 60,
            "wait_after_last_change_seconds": 60,
        },
    }
    process = run_deploy(artifact, "dev", environment, "--trigger", "file-arrival", "--var", "quiet_seconds=5")
    assert process.returncode == 1 and "wait_after_last_change_seconds must be at least 60" in process.stderr


def test_another_compute_replaces_the_one_before(artifact: Path, workspace: Emulator, environment: Environment) -> None:
    deploy_successfully(
        artifact, "dev", environment, "--compute", "existing", "--var", "cluster_id=1124-000000-abcdefgh"
    )
    ids = sorted(workspace.jobs())
    deploy_successfully(artifact, "dev", environment)
    assert sorted(workspace.jobs()) == ids
    assert "1124-000000-abcdefgh" not in str(workspace.jobs())


def test_a_policy_cluster_without_a_policy_is_refused_by_name(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    assert "policy_id" in deploy_refused(artifact, workspace, environment, "--compute", "job")


def test_what_is_there_already_is_taken_over(artifact: Path, workspace: Emulator, environment: Environment) -> None:
    workspace.call("POST", "/api/2.1/unity-catalog/schemas", {"name": "gold_db", "catalog_name": "qa"})
    settings = {"name": JOBS[0], "tags": {"environment": "of somebody else"}}
    foreign_job = workspace.call("POST", "/api/2.2/jobs/create", settings)["job_id"]
    output = deploy_successfully(artifact, "qa", environment)
    assert "Taking over schema qa.gold_db" in output
    require_complete(workspace, "qa")
    assert workspace.jobs()[foreign_job]["tags"] == settings["tags"], "A job is not ours because of its name."


def test_production_cannot_be_destroyed_by_mistake_and_dev_can(
    artifact: Path, workspace: Emulator, environment: Environment, cli: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    subprocess.run(["unzip", "-q", artifact, "-d", bundle], check=True)
    direct = {**environment, "DATABRICKS_BUNDLE_ENGINE": "direct"}
    for target in ("dev", "prod"):
        deploy_successfully(artifact, target, environment)
    destroyed = {}
    for target in ("dev", "prod"):
        command = [cli, "bundle", "destroy", "--auto-approve", "--target", target]
        destroyed[target] = subprocess.run(command, env=direct, cwd=bundle, capture_output=True, text=True, check=False)
    assert destroyed["dev"].returncode == 0, destroyed["dev"].stderr
    assert workspace.schemas("dev") == []
    assert destroyed["prod"].returncode != 0
    assert "prevent_destroy" in destroyed["prod"].stderr
    require_complete(workspace, "prod")


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        ([], 2, "An artifact and a target are needed."),
        (["{artifact}", "staging"], 2, "There is no target 'staging'."),
        (["{artifact}", "dev", "--compute", "toaster"], 2, "There is no compute 'toaster'."),
        (["{artifact}", "dev", "--yes"], 2, "There is no option --yes."),
        (["nothing.zip", "dev"], 1, "There is no file nothing.zip."),
        (["{rubbish}", "dev"], 1, "cannot be unpacked"),
    ],
)
def test_wrong_use_is_answered_in_one_line_and_changes_nothing(
    words: list[str],
    code: int,
    complaint: str,
    artifact: Path,
    workspace: Emulator,
    environment: Environment,
    tmp_path: Path,
) -> None:
    rubbish = tmp_path / "rubbish.zip"
    rubbish.write_bytes(b"no zip at all")
    arguments = [word.format(artifact=artifact, rubbish=rubbish) for word in words]
    process = subprocess.run([DEPLOY_SCRIPT, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert process.returncode == code
    assert complaint in process.stderr
    assert not workspace.jobs()


def test_a_missing_catalog_is_named_before_anything_is_made(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    output = deploy_refused(artifact, workspace, environment, "--var", "catalog=nowhere")
    assert "The catalog nowhere cannot be used" in output


def test_wrong_credentials_end_the_deploy_before_it_begins(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    output = deploy_refused(artifact, workspace, {**environment, "DATABRICKS_CLIENT_SECRET": "wr0ng"})
    assert re.search("authentication|invalid_client|credentials", output)
    assert "wr0ng" not in output


def test_the_lakeflow_pipeline_is_deployed_where_it_is_asked_for_and_once(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    deploy_successfully(artifact, "dev", environment)
    assert not workspace.pipelines.specs and "lakeflow" not in str(workspace.files())
    deploy_successfully(artifact, "dev", environment, "--lakeflow", "qa")
    (pipeline,) = workspace.pipelines.specs.values()
    assert (pipeline["catalog"], pipeline["serverless"], pipeline["continuous"]) == ("qa", True, False)
    assert pipeline["configuration"] == {"fitness.landing": "/Volumes/dev/bronz_db/landing_zone", "fitness.secrets": ""}
    assert workspace.schemas("qa") == SCHEMAS
    needed = [*pipeline["environment"]["dependencies"], pipeline["libraries"][0]["file"]["path"]]
    assert [Path(path).suffix for path in needed] == [".whl", ".py"]
    for path in needed:
        assert any(path.endswith(file) for file in workspace.files()), path
