"""A deploy that is killed, at each change that it makes, and repeated on another machine: nothing is made twice."""

import json
import os
import signal
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from fitness_assets_tests.deployment.emulator import Emulator
from fitness_assets_tests.deployment.test_deploy import (
    DEPLOY,
    JOBS,
    SCHEMAS,
    VOLUMES,
    Environment,
    deploy,
    deployed,
    expect_whole,
)


class Killed:
    """Kills a deploy and all that it started when the nth change of a kind is made and the answer is not yet given."""

    def __init__(self, workspace: Emulator, kind: str, nth: int) -> None:
        self._kind = kind
        self._left = nth
        self._process: subprocess.Popen[bytes] | None = None
        workspace.on_change = self._changed

    def run(self, artifact: Path, target: str, environment: Environment) -> bool:
        """True where it was killed, False where it was over before."""
        command = [DEPLOY, artifact, target]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet, start_new_session=True)
        return self._process.wait() == -signal.SIGKILL

    def _changed(self, method: str, path: str) -> None:
        self._left -= kind_of(method, path) == self._kind
        if self._left == 0 and self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)


def kind_of(method: str, path: str) -> str:
    """A change without what differs from deploy to deploy; of the state it is the name of the file."""
    path = unquote(path)
    return f"{method} {Path(path).name if '/workspace' in path else path}".split("fitness_assets-")[0]


KILLED_AT = [
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
    seen: list[str] = []
    workspace.on_change = lambda method, path: seen.append(kind_of(method, path))
    deployed(artifact, "qa", environment)
    assert set(seen) - {kind for kind, _ in KILLED_AT} == {"POST mkdirs", "POST delete", "POST /telemetry-ext"}


@pytest.mark.parametrize(("kind", "nth"), KILLED_AT)
def test_a_deploy_killed_at_any_change_and_repeated_ends_right(
    kind: str, nth: int, artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    assert Killed(workspace, kind, nth).run(artifact, "qa", environment), "It was not killed."
    workspace.on_change = lambda method, path: None
    deployed(artifact, "qa", environment, "--force-lock")
    expect_whole(workspace, "qa")
    (state,) = [file for file in workspace.files() if file.endswith("state/resources.json")]
    noted = json.loads(workspace.read(state))["state"]
    noted_jobs = {entry["__id__"] for key, entry in noted.items() if key.startswith("resources.jobs.")}
    assert noted_jobs == {str(job) for job in workspace.jobs()}, "A job that is not noted is made again the next time."
    assert len(noted) == len(JOBS) + len(SCHEMAS) + len(VOLUMES)


def test_a_killed_deploy_leaves_a_lock_that_is_told_of_and_not_broken_by_itself(
    artifact: Path, workspace: Emulator, environment: Environment
) -> None:
    assert Killed(workspace, "POST resources.json", 1).run(artifact, "qa", environment), "It was not killed."
    workspace.on_change = lambda method, path: None
    done = deploy(artifact, "qa", environment)
    assert done.returncode == 1
    assert "--force-lock" in done.stderr
    deployed(artifact, "qa", environment, "--force-lock")
    expect_whole(workspace, "qa")
