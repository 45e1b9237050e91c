"""A deploy that is killed, at each change that it makes, and repeated on another machine: nothing is made twice."""

import json
import os
import signal
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from fitness_assets_tests.deployment.deploys import (
    DEPLOY_SCRIPT,
    JOBS,
    SCHEMAS,
    VOLUMES,
    Environment,
    deploy_successfully,
    require_complete,
    run_deploy,
)
from fitness_assets_tests.deployment.emulator import Emulator

pytestmark = pytest.mark.programs


class KilledDeploy:
    """Kills a deploy and all that it started when the nth change of a kind is made and the answer is not yet given."""

    def __init__(self, workspace: Emulator, change: str, nth: int, *options: str) -> None:
        self._options = options
        self._change = change
        self._remaining = nth
        self._process: subprocess.Popen[bytes] | None = None
        workspace.on_change = self._on_change

    def run(self, artifact: Path, target: str, environment: Environment) -> bool:
        """True where it was killed, False where it was over before."""
        command = [DEPLOY_SCRIPT, artifact, target, *self._options]
        output = subprocess.DEVNULL
        self._process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
        return self._process.wait() == -signal.SIGKILL

    def _on_change(self, method: str, path: str) -> None:
        self._remaining -= change_name(method, path) == self._change
        if self._remaining == 0 and self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)


def change_name(method: str, path: str) -> str:
    """A change without what differs from deploy to deploy; of the state it is the name of the file."""
    path = unquote(path)
    return f"{method} {Path(path).name if '/workspace' in path else path}".split("fitness_assets-")[0]


KILL_POINTS = [
    ("POST deploy.lock", 1),
    ("POST ", 1),
    ("POST deployment.json", 1),
    ("POST /api/2.2/jobs/create", 1),
    ("POST /api/2.2/jobs/create", 3),
    ("POST /api/2.1/unity-catalog/schemas", 2),
    ("POST /api/2.1/unity-catalog/volumes", 1),
    ("POST /api/2.1/unity-catalog/volumes", 3),
    ("POST resources.json", 1),
    ("POST metadata.json", 1),
]


def test_every_change_of_a_deploy_is_one_that_it_is_killed_at(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    changes: list[str] = []
    workspace.on_change = lambda method, path: changes.append(change_name(method, path))
    deploy_successfully(artifact, "qa", environment)
    assert set(changes) - {change for change, _ in KILL_POINTS} == {"POST mkdirs", "POST delete", "POST /telemetry-ext"}


@pytest.mark.parametrize(("change", "nth"), KILL_POINTS)
def test_a_deploy_killed_at_any_change_and_repeated_ends_right(
    change: str, nth: int, artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    assert KilledDeploy(workspace, change, nth).run(artifact, "qa", environment), "It was not killed."
    workspace.on_change = lambda method, path: None
    deploy_successfully(artifact, "qa", environment, "--force-lock")
    require_complete(workspace, "qa")
    (state,) = [file for file in workspace.files() if file.endswith("state/resources.json")]
    recorded = json.loads(workspace.read(state))["state"]
    recorded_jobs = {entry["__id__"] for key, entry in recorded.items() if key.startswith("resources.jobs.")}
    assert recorded_jobs == {str(job) for job in workspace.jobs()}, (
        "A job that is not noted is made again the next time."
    )
    assert len(recorded) == len(JOBS) + len(SCHEMAS) + len(VOLUMES)


DASHBOARD = ("--dashboard", "0a1b")


@pytest.mark.parametrize(
    "change", ["POST /api/2.0/lakeview/dashboards", "POST /api/2.0/lakeview/dashboards/{id}/published"]
)
def test_a_dashboard_that_a_killed_deploy_left_is_taken_over(
    change: str, artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    elsewhere = {
        "display_name": "Fitness (qa)",
        "parent_path": "/Workspace/Users/somebody",
        "serialized_dashboard": "{}",
    }
    workspace.dashboards.answer("POST", "/api/2.0/lakeview/dashboards", elsewhere)
    assert KilledDeploy(workspace, change, 1, *DASHBOARD).run(artifact, "qa", environment), "It was not killed."
    workspace.on_change = lambda method, path: None
    [left] = set(workspace.dashboards.drafts) - {next(iter(workspace.dashboards.drafts))}
    printed = deploy_successfully(artifact, "qa", environment, "--force-lock", *DASHBOARD)
    assert f"Taking over dashboard {left}, which is there already ..." in printed
    assert len(workspace.dashboards.drafts) == 2 and set(workspace.dashboards.published) == {left}
    assert not workspace.dashboards.published[left]["embed_credentials"]
    printed = deploy_successfully(artifact, "qa", environment, *DASHBOARD)
    assert "Taking over" not in printed and len(workspace.dashboards.drafts) == 2


def test_a_killed_deploy_leaves_a_lock_that_is_told_of_and_not_broken_by_itself(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    assert KilledDeploy(workspace, "POST resources.json", 1).run(artifact, "qa", environment), "It was not killed."
    workspace.on_change = lambda method, path: None
    process = run_deploy(artifact, "qa", environment)
    assert process.returncode == 1
    assert "--force-lock" in process.stderr
    deploy_successfully(artifact, "qa", environment, "--force-lock")
    require_complete(workspace, "qa")


def test_a_lakeflow_pipeline_is_taken_over_and_one_of_somebody_else_is_left_alone(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    theirs = {"name": "fitness_assets lakeflow dev", "deployment": {"metadata_file_path": "/Users/them/metadata.json"}}
    workspace.pipelines.answer("POST", "/api/2.0/pipelines", {}, theirs)
    options = ("--lakeflow", "qa")
    assert KilledDeploy(workspace, "POST /api/2.0/pipelines", 1, *options).run(artifact, "dev", environment)
    workspace.on_change = lambda method, path: None
    assert len(workspace.pipelines.specs) == 2
    output = deploy_successfully(artifact, "dev", environment, *options, "--force-lock")
    assert "Taking over pipeline" in output and len(workspace.pipelines.specs) == 2
    assert [spec for spec in workspace.pipelines.specs.values() if "libraries" not in spec] == [
        {**theirs, "id": next(iter(workspace.pipelines.specs))}
    ]
