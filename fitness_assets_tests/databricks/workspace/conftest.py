"""A workspace with a volume, a wheel which tells what it was given, and a client with real HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.config import Config
from databricks.sdk.service import compute, jobs

from fitness_assets_tests.databricks.workspace import Workspace, build_wheel
from fitness_assets_tests.databricks.workspace.mounts import namespaces_work

CODE = """
import json, os, sys, time

def main():
    print("hello from the wheel")
    print("and from its stderr", file=sys.stderr)
    told = {"file": __file__, "argv": sys.argv, "env": dict(os.environ), "pid": os.getpid()}
    where = next((value.split("=")[-1] for value in sys.argv if "told" in value), os.environ.get("TOLD"))
    if where:
        open(where, "a").write(json.dumps(told) + chr(10))
    if "sleep" in sys.argv:
        time.sleep(60)
    if "fail" in sys.argv:
        raise ValueError("the wheel is unhappy")
    return 1
"""
NEW_CLUSTER = compute.ClusterSpec(spark_version="17.3.x-scala2.13", node_type_id="Standard_D4ds_v5", num_workers=1)


class Client:
    """What the tests ask of a workspace through the SDK, in the words of the tests."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self.workspace = workspace
        self.api = WorkspaceClient(
            config=Config(host=workspace.host, token=workspace.token, auth_type="pat", retry_timeout_seconds=20)
        )
        self.volume = workspace.make_volume("fitness", "ops", "jobs")
        self.cluster = workspace.add_cluster("shared")
        self.told = f"{self.volume}/told"
        self.wheel = f"{self.volume}/teller-1.0-py3-none-any.whl"
        with build_wheel(folder, "teller", CODE).open("rb") as content:
            self.api.files.upload(self.wheel, content)

    def task(self, *parameters: str, compute_form: str = "existing", **fields: Any) -> jobs.SubmitTask:
        """A task of the teller wheel on one of the forms of compute."""
        wheel = jobs.PythonWheelTask("teller", "main", parameters=list(parameters) or None)
        libraries = [compute.Library(whl=self.wheel)]
        form: dict[str, Any] = {
            "new": {"new_cluster": NEW_CLUSTER, "libraries": libraries},
            "existing": {"existing_cluster_id": self.cluster, "libraries": libraries},
            "serverless": {"environment_key": "default"},
        }[compute_form]
        return jobs.SubmitTask(**{"task_key": "tell", "python_wheel_task": wheel, **form, **fields})

    def environments(self) -> list[jobs.JobEnvironment]:
        spec = compute.Environment(environment_version="4", dependencies=[self.wheel, "requests>=2"])
        return [jobs.JobEnvironment("default", spec)]

    def submit(self, *tasks: jobs.SubmitTask, **fields: Any) -> int:
        if any(task.environment_key for task in tasks):
            fields.setdefault("environments", self.environments())
        run_id = self.api.jobs.submit(tasks=list(tasks), **fields).response.run_id
        assert run_id is not None
        return run_id

    def what_was_told(self) -> list[dict[str, Any]]:
        path = self.workspace.path(self.told)
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture(params=["private mounts", "rewriting"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    private = request.param == "private mounts"
    if private and not namespaces_work():
        pytest.skip("this machine lets no process have mounts of its own")
    with Workspace(tmp_path / "workspace", private_mounts=private) as workspace:
        yield workspace


@pytest.fixture
def client(workspace: Workspace, tmp_path: Path) -> Client:
    return Client(workspace, tmp_path)
