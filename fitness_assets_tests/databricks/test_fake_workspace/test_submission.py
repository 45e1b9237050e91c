"""What a submission is refused for, and that one token is one run."""

import threading
from typing import Any

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.config import Config
from databricks.sdk.errors import (
    BadRequest,
    InvalidParameterValue,
    InvalidState,
    NotFound,
    PermissionDenied,
    ResourceDoesNotExist,
)
from databricks.sdk.service import jobs

from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace
from fitness_assets_tests.databricks.test_fake_workspace.sdk_client import SdkClient

WHEEL = {"package_name": "echo", "entry_point": "main"}
CLUSTER = {"spark_version": "17.3.x-scala2.13", "num_workers": 1, "node_type_id": "Standard_D4ds_v5"}
ENVIRONMENT = {"environment_key": "default", "spec": {"environment_version": "4"}}


@pytest.fixture
def workspace(tmp_path: Any) -> Any:
    with FakeWorkspace(tmp_path / "workspace") as workspace:
        workspace.create_cluster("shared")
        yield workspace


def test_one_token_is_one_run_however_often_and_at_once_it_is_sent(client: SdkClient) -> None:
    ids: list[int] = []
    task = client.task(client.reports)
    threads = [
        threading.Thread(target=lambda: ids.append(client.submit(task, idempotency_token="a" * 64))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8 and len(set(ids)) == 1
    client.workspace.runs[ids[0]].wait()
    assert client.submit(task, idempotency_token="a" * 64) == ids[0]
    assert len(client.read_reports()) == len(client.workspace.runs) == 1
    assert client.submit(task) != client.submit(task)


def task(**fields: Any) -> dict[str, Any]:
    return {"task_key": "echo", "python_wheel_task": WHEEL, "existing_cluster_id": "shared"} | fields


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "One of job_cluster_key, new_cluster, or existing_cluster_id must be specified"),
        ({"tasks": [task()], "tag": 1}, "Unknown field in the request: tag"),
        ({"tasks": [task(tags={"a": "b"})]}, r"Unknown field in tasks\[0\]: tags"),
        ({"tasks": [task()], "idempotency_token": "a" * 65}, "at most 64 characters"),
        ({"tasks": [task(existing_cluster_id=None)]}, "One of job_cluster_key"),
        ({"tasks": [task(existing_cluster_id="gone")]}, "Cluster gone does not exist"),
        ({"tasks": [task(new_cluster=CLUSTER)]}, "only one of new_cluster and existing_cluster_id"),
        ({"tasks": [task()] * 2}, "Duplicate task key"),
        ({"tasks": [task(depends_on=[{"task_key": "x"}])]}, "depends on x"),
        ({"tasks": [task(python_wheel_task=None)]}, "python_wheel_task is missing"),
        ({"tasks": [task(python_wheel_task={"package_name": "echo"})]}, "python_wheel_task.entry_point"),
        ({"tasks": [task(run_if="NOW")]}, "must be one of: ALL_DONE"),
        (
            {"tasks": [task(python_wheel_task=WHEEL | {"parameters": ["a"], "named_parameters": {"a": "b"}})]},
            "Only one of parameters and named_parameters",
        ),
        ({"tasks": [task(existing_cluster_id=None, new_cluster={"spark_version": "17"})]}, "new_cluster.size"),
        ({"tasks": [task(existing_cluster_id=None, new_cluster=CLUSTER | {"env": {}})]}, "Unknown field .*: env"),
        (
            {"tasks": [task(existing_cluster_id=None)], "environments": [ENVIRONMENT]},
            "An environment is required for serverless task echo",
        ),
        ({"tasks": [task(existing_cluster_id=None, environment_key="default")]}, "is not in environments"),
        (
            {
                "tasks": [task(existing_cluster_id=None, environment_key="default", libraries=[{"whl": "x"}])],
                "environments": [ENVIRONMENT],
            },
            "Libraries field is not supported for serverless task",
        ),
        ({"tasks": [task()], "environments": [{"environment_key": "a", "spec": {}}]}, "client and environment_version"),
    ],
)
def test_a_wrong_submission_is_refused_and_starts_nothing(
    workspace: FakeWorkspace, body: dict[str, Any], message: str
) -> None:
    api = WorkspaceClient(config=Config(host=workspace.host, token=workspace.token, auth_type="pat"))
    with pytest.raises(InvalidParameterValue, match=message):
        api.api_client.do("POST", "/api/2.2/jobs/runs/submit", body=body)
    assert not workspace.runs


@pytest.mark.parametrize(
    "field",
    [
        {"tasks": "all"},
        {"tasks": [1]},
        {"tasks": [task(python_wheel_task=WHEEL | {"parameters": [1]})]},
        {"tasks": [task(python_wheel_task=WHEEL | {"named_parameters": ["--a"]})]},
        {"tasks": [task(timeout_seconds="5")]},
        {"tasks": [task(libraries=[{"whl": True}])]},
        {"tasks": [task(new_cluster=CLUSTER | {"spark_env_vars": {"A": 1}})]},
    ],
)
def test_a_value_of_another_type_is_no_request(workspace: FakeWorkspace, field: dict[str, Any]) -> None:
    api = WorkspaceClient(config=Config(host=workspace.host, token=workspace.token, auth_type="pat"))
    with pytest.raises(BadRequest, match="Could not parse request object"):
        api.api_client.do("POST", "/api/2.2/jobs/runs/submit", body=field)


def test_the_real_ways_not_to_be_there(client: SdkClient) -> None:
    with pytest.raises(ResourceDoesNotExist, match="Run 5 does not exist"):
        client.api.jobs.get_run(5)
    with pytest.raises(ResourceDoesNotExist, match="Cluster gone does not exist"):
        client.api.clusters.get("gone")
    with pytest.raises(NotFound, match="No API found for 'GET /nothing'"):
        client.api.api_client.do("GET", "/api/2.0/nothing")
    body = {"tasks": [{"task_key": "a", "spark_python_task": {"python_file": "/x.py"}}]}
    response = requests.post(
        f"{client.workspace.host}/api/2.2/jobs/runs/submit",
        json=body,
        headers={"Authorization": f"Bearer {client.workspace.token}"},
        timeout=10,
    )
    assert response.status_code == 501 and "runs python_wheel_task, not spark_python_task" in response.json()["message"]


def test_a_token_is_asked_for(workspace: FakeWorkspace) -> None:
    wrong = WorkspaceClient(config=Config(host=workspace.host, token="dapi0", auth_type="pat"))
    with pytest.raises(PermissionDenied, match="Invalid access token"):
        wrong.current_user.me()
    response = requests.get(f"{workspace.host}/api/2.0/preview/scim/v2/Me", timeout=10)
    assert response.status_code == 401 and response.json()["error_code"] == "UNAUTHENTICATED"
    right = WorkspaceClient(config=Config(host=workspace.host, token=workspace.token, auth_type="pat"))
    assert right.current_user.me().user_name == workspace.user


def test_a_cluster_is_started_and_shows_its_libraries(client: SdkClient) -> None:
    client.workspace.create_cluster("asleep", state="TERMINATED")
    client.api.clusters.ensure_cluster_is_running("asleep")
    with pytest.raises(InvalidState, match="unexpected state Running"):
        client.api.clusters.start("asleep")
    client.workspace.runs[client.submit(client.task())].wait()
    [status] = client.api.libraries.cluster_status("shared")
    assert status.library and status.library.whl == client.wheel


def test_runs_are_listed_newest_first_in_pages(client: SdkClient) -> None:
    client.workspace.script_result("SKIPPED", times=30)
    ids = [client.submit(client.task(), run_name=f"run {number}") for number in range(30)]
    for run_id in ids:
        client.workspace.runs[run_id].wait()
    listed = list(client.api.jobs.list_runs(limit=7, run_type=jobs.RunType.SUBMIT_RUN))
    assert [run.run_id for run in listed] == ids[::-1]
    assert listed[0].run_name == "run 29"
    assert len(list(client.api.jobs.list_runs(completed_only=True))) == 30
    with pytest.raises(InvalidParameterValue, match="limit"):
        list(client.api.jobs.list_runs(limit=26))
