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

from workspace import WorkspaceError, ask, complain, databricks, say

NAME = "fitness_assets integration test"
ENDED_BY = (signal.SIGTERM, signal.SIGINT)
OVER = {"TERMINATED", "SKIPPED", "INTERNAL_ERROR"}
# The workspace may be away for a moment while a run of an hour goes on.
FAILURES_IN_A_ROW = 20
SECONDS_BETWEEN_LOOKS = float(os.environ.get("FITNESS_POLL_SECONDS", "10"))


class TestFailed(Exception):
    """The integration test did not succeed; the message says how."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", required=True)
    parser.add_argument("--minutes", type=int, required=True)
    parser.add_argument("tables", nargs="+")
    arguments = parser.parse_args()
    for number in ENDED_BY:
        signal.signal(number, _ended)
    try:
        job = job_of(arguments.target)
        # Held back until the run has a number by which it can be cancelled.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDED_BY)
        run = start(job)
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDED_BY)
            over = wait(run, arguments.minutes)
        except BaseException:
            say(f"Cancelling run {run} ...")
            databricks("jobs", "cancel-run", run, "--no-wait")
            raise
        judge(over, arguments.tables)
    except (WorkspaceError, TestFailed) as error:
        return complain("run-integration-test.sh", error)
    say(f"The integration test of {arguments.target} has passed.")
    return 0


def job_of(target: str) -> str:
    """The job that the bundle deployed to this target.

    Raises:
        TestFailed: there is none, or more than one.
    """
    found = [
        str(one["job_id"])
        for one in ask("jobs", "list", "--name", NAME) or []
        if one["settings"]["name"] == NAME and one["settings"].get("tags", {}).get("environment") == target
    ]
    if not found:
        raise TestFailed(f"There is no job '{NAME}' of {target} in this workspace. Has deploy.sh been run?")
    if len(found) > 1:
        raise TestFailed(
            f"There are several jobs '{NAME}' of {target}: {', '.join(found)}. Delete all but the deployed."
        )
    return found[0]


def start(job: str) -> str:
    going = [str(run["run_id"]) for run in ask("jobs", "list-runs", "--job-id", job, "--active-only") or []]
    if going:
        say(f"Run {', '.join(going)} of an earlier test is still going on; this one waits in the queue for it.")
    run = str(ask("jobs", "run-now", job, "--no-wait", "--idempotency-token", uuid.uuid4().hex)["run_id"])
    say(f"Job {job}, run {run} ...")
    return run


def wait(run: str, minutes: int) -> dict[str, Any]:
    """The run once it is over.

    Raises:
        TestFailed: it takes longer.
        WorkspaceError: the workspace does not answer any more.
    """
    until = time.monotonic() + minutes * 60
    before, failures = "", 0
    while True:
        try:
            found: dict[str, Any] = ask("jobs", "get-run", run)
            failures = 0
        except WorkspaceError as error:
            failures += 1
            if failures == FAILURES_IN_A_ROW:
                raise
            say(f"  (asked in vain: {error})")
        else:
            state = found["state"]["life_cycle_state"]
            if not before:
                say(f"  {found.get('run_page_url', '')}")
            if state != before:
                say(f"  {state}")
            if state in OVER:
                return found
            before = state
        if time.monotonic() > until:
            raise TestFailed(f"Run {run} was not over after {minutes} minutes.")
        time.sleep(SECONDS_BETWEEN_LOOKS)


def judge(run: dict[str, Any], tables: list[str]) -> None:
    """Prints what each task says of each table.

    Raises:
        TestFailed: the run or one of its tasks has not succeeded, or a table was not spoken of.
    """
    silent = list(tables)
    wrong: list[str] = []
    for task in run.get("tasks", []):
        result = _result(task)
        say(f"{task['task_key']}: {result}")
        said, trouble = _output(task)
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        for line in lines if trouble or result != "SUCCESS" else _verdicts(lines):
            say(f"  {line}")
        if result != "SUCCESS":
            reason = task["state"].get("state_message") or "no reason"
            wrong.append(f"task {task['task_key']} ended as {result}: {reason}")
        if trouble:
            wrong.append(f"task {task['task_key']}: {trouble}")
        verdicts = [line.split(maxsplit=2) for line in _verdicts(lines)]
        wrong += [f"{table} failed" for verdict, table, *_ in verdicts if verdict != "PASS"]
        silent = [table for table in silent if table not in {about for _, about, *_ in verdicts}]
    for table in silent:
        say(f"  NO RESULT {table}")
    if silent:
        wrong.append(f"no result for {', '.join(silent)}")
    if (result := _result(run)) != "SUCCESS":
        wrong.insert(0, f"the run ended as {result}: {run['state'].get('state_message') or 'no reason'}")
    if wrong:
        raise TestFailed("FAILED: " + "; ".join(wrong) + f". See {run.get('run_page_url', 'the run')}.")


def _output(task: dict[str, Any]) -> tuple[str, str]:
    """What a task printed, and its error."""
    try:
        output = ask("jobs", "get-run-output", str(task.get("run_id", ""))) or {}
    except WorkspaceError as error:
        # A task that was never begun has none.
        return "", f"no output ({error})"
    return output.get("logs") or "", output.get("error") or ""


def _verdicts(lines: list[str]) -> list[str]:
    """What the test says of each table: `PASS` or `FAIL`, its name, and why."""
    return [line for line in lines if line.startswith(("PASS ", "FAIL "))]


def _result(run: dict[str, Any]) -> str:
    state = run["state"]
    return str(state.get("result_state") or state["life_cycle_state"])


def _ended(signum: int, frame: FrameType | None) -> None:
    raise TestFailed(f"Ended by {signal.Signals(signum).name} before the test was over.")


if __name__ == "__main__":
    sys.exit(main())
