"""The deploy scripts and the real Databricks CLI against an emulated workspace."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fitness_assets_tests.deployment.emulator import CLIENT_SECRET, TOKEN, Emulator
from fitness_assets_tests.deployment.tools import ROOT

DEPLOY = ROOT / "deployment" / "deploy.sh"
JOBS = ["fitness_assets batch", "fitness_assets integration test", "fitness_assets stream"]
SCHEMAS = ["bronz_db", "gold_db", "silver_db"]
VOLUMES = ["bronz_db.checkpoint_zone", "bronz_db.landing_zone", "bronz_db.pipes_messages"]

Environment = dict[str, str]


def deploy(artifact: Path, target: str, environment: Environment, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [DEPLOY, artifact, target, *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def deployed(artifact: Path, target: str, environment: Environment, *options: str) -> str:
    done = deploy(artifact, target, environment, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def refused(artifact: Path, workspace: Emulator, environment: Environment, *options: str) -> str:
    """What a deploy says that is refused before it makes anything."""
    done = deploy(artifact, "dev", environment, *options)
    assert done.returncode == 1
    assert not workspace.jobs()
    return done.stderr


def holds(workspace: Emulator, target: str) -> dict[str, Any]:
    """What a target has in the workspace; ids, which may differ, left out."""
    jobs = [job for job in workspace.jobs().values() if job["tags"]["environment"] == target]
    return {
        "jobs": sorted(jobs, key=lambda job: job["name"]),
        "schemas": workspace.schemas(target),
        "volumes": workspace.volumes(target),
        "files": [file for file in workspace.files() if f"/{target}/" in file],
    }


def expect_whole(workspace: Emulator, target: str) -> None:
    found = holds(workspace, target)
    assert [job["name"] for job in found["jobs"]] == JOBS
    assert found["schemas"] == SCHEMAS
    assert found["volumes"] == [f"{target}.{volume}" for volume in VOLUMES]
    assert not [file for file in found["files"] if file.endswith("deploy.lock")]
    (wheel,) = [file for file in found["files"] if file.endswith(".whl")]
    for job in found["jobs"]:
        assert f"/{wheel}" in str(job), "A job asks for a wheel that is not there."


@pytest.mark.parametrize("target", ["dev", "qa", "prod"])
def test_an_artifact_is_deployed_to_each_target(
    target: str, artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    said = deployed(artifact, target, environment)
    expect_whole(workspace, target)
    assert "Warn" not in said
    assert f"/explore/data/{target}/gold_db" in said
    for job in holds(workspace, target)["jobs"]:
        parameters = job["tasks"][0]["python_wheel_task"]["named_parameters"]
        assert parameters["catalog"] == parameters["env"] == target
        assert parameters["landing"] == f"/Volumes/{target}/bronz_db/landing_zone"
        assert "PAUSED" in str(job) or job["name"] == JOBS[1], "A deploy starts nothing that costs money."


def test_no_secret_is_printed(artifact: Path, workspace: Emulator, environment: Environment) -> None:
    said = deployed(artifact, "dev", environment)
    assert CLIENT_SECRET not in said
    assert TOKEN not in said


def test_a_second_deploy_of_the_same_artifact_changes_nothing(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    deployed(artifact, "qa", environment)
    before, ids = holds(workspace, "qa"), sorted(workspace.jobs())
    changes: list[str] = []
    workspace.on_change = lambda method, path: changes.append(path)
    deployed(artifact, "qa", environment)
    assert holds(workspace, "qa") == before
    assert sorted(workspace.jobs()) == ids
    assert not [path for path in changes if "/jobs/" in path or "unity-catalog" in path]


def test_targets_do_not_touch_each_other(artifact: Path, workspace: Emulator, environment: Environment) -> None:
    deployed(artifact, "dev", environment)
    before = holds(workspace, "dev")
    deployed(artifact, "prod", environment)
    assert holds(workspace, "dev") == before
    expect_whole(workspace, "prod")


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
    deployed(artifact, "dev", environment, "--compute", compute, "--var", variable)
    expect_whole(workspace, "dev")
    for job in holds(workspace, "dev")["jobs"]:
        for task in job["tasks"]:
            forms = ("environment_key", "job_cluster_key", "existing_cluster_id")
            assert {form: task[form] for form in forms if task.get(form)} == expected
            assert bool(task["libraries"]) is (compute != "serverless"), "Serverless compute takes it as a dependency."
        assert variable.split("=")[1] in str(job)


def test_another_compute_replaces_the_one_before(artifact: Path, workspace: Emulator, environment: Environment) -> None:
    deployed(artifact, "dev", environment, "--compute", "existing", "--var", "cluster_id=1124-000000-abcdefgh")
    ids = sorted(workspace.jobs())
    deployed(artifact, "dev", environment)
    assert sorted(workspace.jobs()) == ids
    assert "1124-000000-abcdefgh" not in str(workspace.jobs())


def test_a_policy_cluster_without_a_policy_is_refused_by_name(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    assert "policy_id" in refused(artifact, workspace, environment, "--compute", "job")


def test_what_is_there_already_is_taken_over(artifact: Path, workspace: Emulator, environment: Environment) -> None:
    workspace.ask("POST", "/api/2.1/unity-catalog/schemas", {"name": "gold_db", "catalog_name": "qa"})
    strange = {"name": JOBS[0], "tags": {"environment": "of somebody else"}}
    stranger = workspace.ask("POST", "/api/2.2/jobs/create", strange)["job_id"]
    said = deployed(artifact, "qa", environment)
    assert "Taking over schema qa.gold_db" in said
    expect_whole(workspace, "qa")
    assert workspace.jobs()[stranger]["tags"] == strange["tags"], "A job is not ours because of its name."


def test_production_cannot_be_destroyed_by_mistake_and_dev_can(
    artifact: Path, workspace: Emulator, environment: Environment, cli: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    subprocess.run(["unzip", "-q", artifact, "-d", bundle], check=True)
    direct = {**environment, "DATABRICKS_BUNDLE_ENGINE": "direct"}
    for target in ("dev", "prod"):
        deployed(artifact, target, environment)
    ended = {}
    for target in ("dev", "prod"):
        command = [cli, "bundle", "destroy", "--auto-approve", "--target", target]
        ended[target] = subprocess.run(command, env=direct, cwd=bundle, capture_output=True, text=True, check=False)
    assert ended["dev"].returncode == 0, ended["dev"].stderr
    assert workspace.schemas("dev") == []
    assert ended["prod"].returncode != 0
    assert "prevent_destroy" in ended["prod"].stderr
    expect_whole(workspace, "prod")


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
    given = [word.format(artifact=artifact, rubbish=rubbish) for word in words]
    done = subprocess.run([DEPLOY, *given], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert complaint in done.stderr
    assert not workspace.jobs()


def test_a_missing_catalog_is_named_before_anything_is_made(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    said = refused(artifact, workspace, environment, "--var", "catalog=nowhere")
    assert "The catalog nowhere cannot be used" in said


def test_wrong_credentials_end_the_deploy_before_it_begins(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    said = refused(artifact, workspace, {**environment, "DATABRICKS_CLIENT_SECRET": "wr0ng"})
    assert re.search("authentication|invalid_client|credentials", said)
    assert "wr0ng" not in said
