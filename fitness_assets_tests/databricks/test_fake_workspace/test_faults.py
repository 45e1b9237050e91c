"""Each fault does what it says, and what a run comes to can be seen from outside."""

import threading
from collections import Counter

import pytest
import requests
from databricks.sdk.errors import InternalError, OperationFailed
from databricks.sdk.service.jobs import RunLifeCycleState, RunResultState, TerminationCodeCode

from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace
from fitness_assets_tests.databricks.fake_workspace.faults import Fault, Faults
from fitness_assets_tests.databricks.fake_workspace.http_messages import Request
from fitness_assets_tests.databricks.test_fake_workspace.sdk_client import SdkClient, wait_until

pytestmark = pytest.mark.programs

SUBMIT = "/jobs/runs/submit"


@pytest.fixture
def workspace(tmp_path):
    with FakeWorkspace(tmp_path / "workspace") as workspace:
        yield workspace


def submit_statuses(client: SdkClient) -> list[int | None]:
    return [request.status for request in client.workspace.requests_of("POST", SUBMIT)]


def test_an_error_before_the_effect_starts_nothing_and_the_retry_does(client: SdkClient) -> None:
    client.workspace.fail("POST", SUBMIT, status=503, retry_after=0, times=2)
    client.submit(client.task())
    assert submit_statuses(client) == [503, 503, 200] and len(client.workspace.runs) == 1


def test_an_error_after_the_effect_leaves_a_run_which_only_the_token_finds_again(client: SdkClient) -> None:
    for fields, runs in (({}, 2), ({"idempotency_token": "one"}, 1)):
        client.workspace.runs.clear()
        client.workspace.fail("POST", SUBMIT, status=503, retry_after=0, after_effect=True)
        client.submit(client.task(client.reports), **fields)
        assert len(client.workspace.runs) == runs
    client.workspace.fail("POST", SUBMIT, status=500, after_effect=True)
    with pytest.raises(InternalError):
        client.submit(client.task(), idempotency_token="two")
    assert len(client.workspace.runs) == 2


def test_a_throttled_call_says_when_to_come_again(client: SdkClient) -> None:
    client.workspace.fail("GET", "/jobs/runs/list", status=429, retry_after=7)
    headers = {"Authorization": f"Bearer {client.workspace.token}"}
    response = requests.get(f"{client.workspace.host}/api/2.2/jobs/runs/list", headers=headers, timeout=10)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    assert response.json()["error_code"] == "REQUEST_LIMIT_EXCEEDED"


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_cut_connection_is_a_connection_error(client: SdkClient, after_effect: bool) -> None:
    client.workspace.cut("POST", SUBMIT, after_effect=after_effect)
    headers = {"Authorization": f"Bearer {client.workspace.token}"}
    body = {"tasks": [client.task().as_dict()]}
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{client.workspace.host}/api/2.2{SUBMIT}", json=body, headers=headers, timeout=10)
    assert submit_statuses(client) == [None] and len(client.workspace.runs) == after_effect


def test_a_slow_answer_comes_too_late_for_its_client_and_has_its_effect(client: SdkClient) -> None:
    client.workspace.slow("POST", SUBMIT, 1.0, after_effect=True)
    headers = {"Authorization": f"Bearer {client.workspace.token}"}
    body = {"tasks": [client.task().as_dict()]}
    with pytest.raises(requests.Timeout):
        requests.post(f"{client.workspace.host}/api/2.2{SUBMIT}", json=body, headers=headers, timeout=0.3)
    assert len(client.workspace.runs) == 1


def test_a_fault_meets_its_own_path_alone(client: SdkClient) -> None:
    client.workspace.fail("GET", "/jobs/runs/get", status=500)
    run = client.workspace.runs[client.submit(client.task())].wait()
    assert client.api.jobs.get_run_output(run.tasks[0].run_id).logs
    with pytest.raises(InternalError):
        client.api.jobs.get_run(run.run_id)


@pytest.mark.parametrize(
    ("name", "life_cycle", "result", "code"),
    [
        ("SKIPPED", "SKIPPED", "MAXIMUM_CONCURRENT_RUNS_REACHED", "MAX_CONCURRENT_RUNS_EXCEEDED"),
        ("INTERNAL_ERROR", "INTERNAL_ERROR", "FAILED", "INTERNAL_ERROR"),
        ("TIMEDOUT", "TERMINATED", "TIMEDOUT", "CANCELED"),
        ("CANCELED", "TERMINATED", "CANCELED", "USER_CANCELED"),
    ],
)
@pytest.mark.parametrize("after_seconds", [None, 0.3])
def test_a_scripted_ending_ends_one_run_with_its_reason(
    client: SdkClient, name: str, life_cycle: str, result: str, code: str, after_seconds: float | None
) -> None:
    client.workspace.script_result(name, "the spot node was taken", after_seconds=after_seconds)
    run = client.workspace.runs[client.submit(client.task("sleep"))].wait()
    assert run.executions == (after_seconds is not None)
    description = client.api.jobs.get_run(run.run_id)
    assert description.state and description.status and description.status.termination_details
    assert description.state.life_cycle_state == RunLifeCycleState(life_cycle)
    assert description.state.result_state == RunResultState(result)
    assert "the spot node was taken" in (description.state.state_message or "")
    assert description.status.termination_details.code == TerminationCodeCode(code)
    assert client.workspace.runs[client.submit(client.task())].wait().result == "SUCCESS"


def test_an_internal_error_is_what_the_sdk_takes_for_a_failed_operation(client: SdkClient) -> None:
    client.workspace.script_result("INTERNAL_ERROR")
    with pytest.raises(OperationFailed, match="Unexpected failure"):
        client.api.jobs.submit_and_wait(tasks=[client.task()])


def test_a_task_which_reports_nothing_succeeds_and_has_done_nothing(client: SdkClient) -> None:
    client.workspace.script_result("NOTHING_REPORTED")
    run = client.workspace.runs[client.submit(client.task(client.reports))].wait()
    assert run.result == "SUCCESS" and run.executions == 1 and not client.read_reports()


def test_somebody_else_cancels_the_run(client: SdkClient) -> None:
    run = client.workspace.runs[client.submit(client.task("sleep"))]
    wait_until(lambda: "hello" in run.tasks[0].stdout)
    client.workspace.cancel(run.run_id)
    assert run.wait().result == "CANCELED"


def test_a_storm_is_the_same_for_the_same_seed_and_calls() -> None:
    def drawn(seed: int) -> list[Fault | None]:
        faults = Faults()
        faults.storm(0.3, seed, "/api")
        return [faults.take(Request("GET", f"/api/{number % 2}", {}, {})) for number in range(200)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 30 < sum(fault is not None for fault in drawn(1)) < 90


def test_a_storm_over_a_hundred_submissions_loses_and_doubles_no_run(client: SdkClient) -> None:
    client.workspace.script_result("NOTHING_REPORTED", times=100)
    client.workspace.storm(0.4, seed=1, path=SUBMIT)
    ids: dict[int, int] = {}

    def submit(number: int) -> None:
        while number not in ids:
            try:
                ids[number] = client.submit(client.task(), idempotency_token=f"storm {number}")
            except InternalError:
                continue

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ids.values()) == sorted(client.workspace.runs) and len(set(ids.values())) == 100
    for run in client.workspace.runs.values():
        assert run.wait().result == "SUCCESS" and run.executions == 1
    statuses = Counter(submit_statuses(client))
    assert statuses[200] >= 100 and {429, 500, 503, None} < set(statuses)
