"""Deploys of the artifact to an emulated workspace, and what they must leave there."""

import subprocess
from pathlib import Path
from typing import Any

from fitness_assets_tests.deployment.emulator import Emulator
from fitness_assets_tests.deployment.tools import ROOT

DEPLOY_SCRIPT = ROOT / "deployment" / "deploy.sh"
JOBS = ["fitness_assets batch", "fitness_assets integration test", "fitness_assets probe", "fitness_assets stream"]
SCHEMAS = ["bronz_db", "gold_db", "silver_db"]
VOLUMES = ["bronz_db.checkpoint_zone", "bronz_db.landing_zone", "bronz_db.pipes_messages"]

Environment = dict[str, str]


def run_deploy(
    artifact: Path, target: str, environment: Environment, *options: str
) -> "subprocess.CompletedProcess[str]":
    command = [DEPLOY_SCRIPT, artifact, target, *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def deploy_successfully(artifact: Path, target: str, environment: Environment, *options: str) -> str:
    """All that a deploy prints."""
    process = run_deploy(artifact, target, environment, *options)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout + process.stderr


def deploy_refused(artifact: Path, workspace: Emulator, environment: Environment, *options: str) -> str:
    """The error of a deploy that is refused before it makes anything."""
    process = run_deploy(artifact, "dev", environment, *options)
    assert process.returncode == 1
    assert not workspace.jobs()
    return process.stderr


def deployed_resources(workspace: Emulator, target: str) -> dict[str, Any]:
    """What a target has in the workspace; ids, which may differ, left out."""
    jobs = [job for job in workspace.jobs().values() if job["tags"]["environment"] == target]
    return {
        "jobs": sorted(jobs, key=lambda job: job["name"]),
        "schemas": workspace.schemas(target),
        "volumes": workspace.volumes(target),
        "files": [file for file in workspace.files() if f"/{target}/" in file],
    }


def require_complete(workspace: Emulator, target: str) -> None:
    """Everything of the bundle is deployed, once."""
    resources = deployed_resources(workspace, target)
    assert [job["name"] for job in resources["jobs"]] == JOBS
    assert resources["schemas"] == SCHEMAS
    assert resources["volumes"] == [f"{target}.{volume}" for volume in VOLUMES]
    assert not [file for file in resources["files"] if file.endswith("deploy.lock")]
    (wheel,) = [file for file in resources["files"] if file.endswith(".whl")]
    for job in resources["jobs"]:
        assert f"/{wheel}" in str(job), "A job asks for a wheel that is not there."
