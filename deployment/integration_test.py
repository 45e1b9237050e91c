"""Runs the deployed integration test, waits for it, and prints what it says of each table.

`databricks bundle run` is not enough: it ends with 0 for some results that are none (SUCCESS_WITH_FAILURES, or a run
whose task was skipped), and knows nothing of tables.
"""

import argparse
import os
import signal
import sys
import time
import uuid
from types import FrameType
from typing import Any

from databricks_cli import DatabricksCliError, echo, print_error, query_cli, run_cli

JOB_NAME = "fitness_assets integration test"
END_SIGNALS = (signal.SIGTERM, signal.SIGINT)
FINAL_STATES = {"TERMINATED", "SKIPPED", "INTERNAL_ERROR"}
# The workspace may be away for a moment while a run of an hour goes on.
MAX_FAILED_POLLS = 20
POLL_SECONDS = float(os.environ.get("FITNESS_POLL_SECONDS", "10"))


class IntegrationTestError(Exception):
    """The integration test did not succeed; the message says how."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", required=True)
    parser.add_argument("--minutes", type=int, required=True)
    parser.add_argument("tables", nargs="+")
    parsed = parser.parse_args()
    for end_signal in END_SIGNALS:
        signal.signal(end_signal, _raise_ended)
    try:
        job_id = find_job(parsed.target)
        # Held back until the run has a number by which it can be cancelled.
        signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)
        run_id = start_run(job_id)
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, END_SIGNALS)
            run = wait_for_run(run_id, parsed.minutes)
        except BaseException:
            echo(f"Cancelling run {run_id} ...")
            run_cli("jobs", "cancel-run", run_id, "--no-wait")
            raise
        require_success(run, parsed.tables)
    except (DatabricksCliError, IntegrationTestError) as error:
        print_error("run-integration-test.sh", error)
        return 1
    echo(f"The integration test of {parsed.target} has passed.")
    return 0


def find_job(target: str) -> str:
    """The id of the job that the bundle deployed to this target.

    Raises:
        IntegrationTestError: there is none, or more than one.
    """
    job_ids = [
        str(job["job_id"])
        for job in query_cli("jobs", "list", "--name", JOB_NAME) or []
        if job["settings"]["name"] == JOB_NAME and job["settings"].get("tags", {}).get("environment") == target
    ]
    if not job_ids:
        raise IntegrationTestError(
            f"There is no job '{JOB_NAME}' of {target} in this workspace. Has deploy.sh been run?"
        )
    if len(job_ids) > 1:
        raise IntegrationTestError(
            f"There are several jobs '{JOB_NAME}' of {target}: {', '.join(job_ids)}. Delete all but the deployed."
        )
    return job_ids[0]


def start_run(job_id: str) -> str:
    active_runs = query_cli("jobs", "list-runs", "--job-id", job_id, "--active-only") or []
    active_ids = [str(run["run_id"]) for run in active_runs]
    if active_ids:
        echo(f"Run {', '.join(active_ids)} of an earlier test is still going on; this one waits in the queue for it.")
    run = query_cli("jobs", "run-now", job_id, "--no-wait", "--idempotency-token", uuid.uuid4().hex)
    run_id = str(run["run_id"])
    echo(f"Job {job_id}, run {run_id} ...")
    return run_id


def wait_for_run(run_id: str, minutes: int) -> dict[str, Any]:
    """The run once it is over.

    Raises:
        IntegrationTestError: it takes longer.
        DatabricksCliError: the workspace does not answer any more.
    """
    deadline = time.monotonic() + minutes * 60
    printed_state, failed_polls = "", 0
    while True:
        try:
            run: dict[str, Any] = query_cli("jobs", "get-run", run_id)
            failed_polls = 0
        except DatabricksCliError as error:
            failed_polls += 1
            if failed_polls == MAX_FAILED_POLLS:
                raise
            echo(f"  (asked in vain: {error})")
        else:
            state = run["state"]["life_cycle_state"]
            if not printed_state:
                echo(f"  {run.get('run_page_url', '')}")
            if state != printed_state:
                echo(f"  {state}")
            if state in FINAL_STATES:
                return run
            printed_state = state
        if time.monotonic() > deadline:
            raise IntegrationTestError(f"Run {run_id} was not over after {minutes} minutes.")
        time.sleep(POLL_SECONDS)


def require_success(run: dict[str, Any], tables: list[str]) -> None:
    """Prints what each task says of each table.

    Raises:
        IntegrationTestError: the run or one of its tasks has not succeeded, or a table was not reported.
    """
    unreported = list(tables)
    problems: list[str] = []
    for task in run.get("tasks", []):
        result = _result(task)
        echo(f"{task['task_key']}: {result}")
        output, error = _output(task)
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        for line in lines if error or result != "SUCCESS" else _verdicts(lines):
            echo(f"  {line}")
        if result != "SUCCESS":
            reason = task["state"].get("state_message") or "no reason"
            problems.append(f"task {task['task_key']} ended as {result}: {reason}")
        if error:
            problems.append(f"task {task['task_key']}: {error}")
        verdicts = [line.split(maxsplit=2) for line in _verdicts(lines)]
        problems += [f"{table} failed" for verdict, table, *_ in verdicts if verdict != "PASS"]
        reported = {table for _, table, *_ in verdicts}
        unreported = [table for table in unreported if table not in reported]
    for table in unreported:
        echo(f"  NO RESULT {table}")
    if unreported:
        problems.append(f"no result for {', '.join(unreported)}")
    if (result := _result(run)) != "SUCCESS":
        problems.insert(0, f"the run ended as {result}: {run['state'].get('state_message') or 'no reason'}")
    if problems:
        raise IntegrationTestError(f"FAILED: {'; '.join(problems)}. See {run.get('run_page_url', 'the run')}.")


def _output(task: dict[str, Any]) -> tuple[str, str]:
    """What a task printed, and its error."""
    try:
        output = query_cli("jobs", "get-run-output", str(task.get("run_id", ""))) or {}
    except DatabricksCliError as error:
        # A task that was never begun has none.
        return "", f"no output ({error})"
    return output.get("logs") or "", output.get("error") or ""


def _verdicts(lines: list[str]) -> list[str]:
    """What the test says of each table: `PASS` or `FAIL`, its name, and why."""
    return [line for line in lines if line.startswith(("PASS ", "FAIL "))]


def _result(run: dict[str, Any]) -> str:
    """How a run or a task ended."""
    state = run["state"]
    return str(state.get("result_state") or state["life_cycle_state"])


def _raise_ended(signum: int, frame: FrameType | None) -> None:
    raise IntegrationTestError(f"Ended by {signal.Signals(signum).name} before the test was over.")


if __name__ == "__main__":
    sys.exit(main())
