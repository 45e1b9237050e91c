"""A client with real HTTP, in the words of the tests: it submits a wheel which reports what it was given."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.config import Config
from databricks.sdk.service import compute, jobs

from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace, build_wheel

ECHO_CODE = """
import json, os, sys, time, uuid

def main():
    print("hello from the wheel")
    print("and from its stderr", file=sys.stderr)
    report = {"file": __file__, "argv": sys.argv, "env": dict(os.environ), "pid": os.getpid()}
    path = next((value.split("=")[-1] for value in sys.argv if "reports" in value), os.environ.get("REPORTS"))
    if path:
        os.makedirs(path, exist_ok=True)
        with open(f"{path}/{time.time_ns()}_{uuid.uuid4()}", "w") as file:
            file.write(json.dumps(report))
    if "sleep" in sys.argv:
        time.sleep(60)
    if "fail" in sys.argv:
        raise ValueError("the wheel is unhappy")
    return 1
"""
NEW_CLUSTER = compute.ClusterSpec(spark_version="17.3.x-scala2.13", node_type_id="Standard_D4ds_v5", num_workers=1)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


class SdkClient:
    """What the tests ask of a workspace through the SDK.

    Attributes:
        reports: the folder, in a volume, in which the wheel writes what it was given.
    """

    def __init__(self, workspace: FakeWorkspace, folder: Path) -> None:
        self.workspace = workspace
        self.api = WorkspaceClient(
            config=Config(host=workspace.host, token=workspace.token, auth_type="pat", retry_timeout_seconds=20)
        )
        self.volume = workspace.create_volume("fitness", "ops", "jobs")
        self.cluster = workspace.create_cluster("shared")
        self.reports = f"{self.volume}/reports"
        self.wheel = f"{self.volume}/echo-1.0-py3-none-any.whl"
        with build_wheel(folder, "echo", ECHO_CODE).open("rb") as content:
            self.api.files.upload(self.wheel, content)

    def task(self, *parameters: str, compute_form: str = "existing", **fields: Any) -> jobs.SubmitTask:
        """A task of the echo wheel on one of the forms of compute."""
        wheel_task = jobs.PythonWheelTask("echo", "main", parameters=list(parameters) or None)
        libraries = [compute.Library(whl=self.wheel)]
        compute_fields: dict[str, Any] = {
            "new": {"new_cluster": NEW_CLUSTER, "libraries": libraries},
            "existing": {"existing_cluster_id": self.cluster, "libraries": libraries},
            "serverless": {"environment_key": "default"},
        }[compute_form]
        return jobs.SubmitTask(**{"task_key": "echo", "python_wheel_task": wheel_task, **compute_fields, **fields})

    def environments(self) -> list[jobs.JobEnvironment]:
        spec = compute.Environment(environment_version="4", dependencies=[self.wheel, "requests>=2"])
        return [jobs.JobEnvironment("default", spec)]

    def submit(self, *tasks: jobs.SubmitTask, **fields: Any) -> int:
        if any(task.environment_key for task in tasks):
            fields.setdefault("environments", self.environments())
        run_id = self.api.jobs.submit(tasks=list(tasks), **fields).response.run_id
        assert run_id is not None
        return run_id

    def read_reports(self) -> list[dict[str, Any]]:
        """What the wheel was given, one a process, in their order."""
        folder = self.workspace.local_path(self.reports)
        return [json.loads(file.read_text()) for file in sorted(folder.glob("*"))]
