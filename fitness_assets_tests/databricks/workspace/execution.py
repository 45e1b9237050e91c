"""Executes a run: its wheels are installed, and each task's entry point runs in another process."""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from fitness_assets_tests.databricks.workspace import libraries, outcomes, processes
from fitness_assets_tests.databricks.workspace.endings import Ending
from fitness_assets_tests.databricks.workspace.libraries import CannotInstall
from fitness_assets_tests.databricks.workspace.outcomes import Outcome
from fitness_assets_tests.databricks.workspace.runs import Run, TaskRun, now

if TYPE_CHECKING:
    from fitness_assets_tests.databricks.workspace.workspace import Workspace

ENTRY_POINT = Path(__file__).with_name("entry_point.py")
# What a cluster's machine has of its own. Nothing else of the test's environment reaches a task.
MACHINE = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "JAVA_HOME", "LD_LIBRARY_PATH")


def execute(workspace: "Workspace", run: Run) -> None:
    """Brings a run to its end. A task that never came to run ends as the run does."""
    ending = workspace.endings.take()
    rest = outcomes.CANCELED
    try:
        if ending and ending.before_start:
            rest = ending.outcome
        elif _has_a_slot(workspace, run):
            try:
                rest = _execute_tasks(workspace, run, ending)
            finally:
                workspace.slots.release()
    except Exception as error:
        rest = Outcome("INTERNAL_ERROR", "FAILED", f"The stand-in broke: {error!r}", "INTERNAL_ERROR", "INTERNAL_ERROR")
        raise
    finally:
        for task in run.tasks:
            if not task.outcome.final:
                task.outcome, task.ended = rest, now()
        run.ended = now()
        run.outcome = outcomes.of_run({task.key: task.outcome for task in run.tasks})
        run.finished.set()


def _has_a_slot(workspace: "Workspace", run: Run) -> bool:
    while not run.cancelled.is_set():
        if workspace.slots.acquire(timeout=processes.POLL_SECONDS):
            return True
    return False


def _execute_tasks(workspace: "Workspace", run: Run, ending: Ending | None) -> Outcome:
    """Runs the tasks one after the other. Returns what those are which had no turn."""
    until = _deadline(run.body)
    for task in run.tasks:
        task.outcome = outcomes.BLOCKED if task.spec.get("depends_on") else outcomes.PENDING
    run.outcome = outcomes.PENDING
    run.cancelled.wait(workspace.start_seconds)
    for task in run.tasks:
        if run.cancelled.is_set():
            return outcomes.CANCELED
        if time.monotonic() >= until:
            return outcomes.TIMEDOUT
        needs = {upstream["task_key"] for upstream in task.spec.get("depends_on", [])}
        if any(other.key in needs and other.outcome.result_state != "SUCCESS" for other in run.tasks):
            task.outcome = outcomes.UPSTREAM_FAILED
            continue
        task.folder.mkdir(parents=True)
        try:
            installed = workspace.libraries.installed(_wheels(workspace, run, task))
        except CannotInstall as error:
            task.outcome = outcomes.not_installed(str(error))
        else:
            task.outcome = _execute(workspace, run, task, installed, until, ending)
        task.ended = now()
    return outcomes.CANCELED


def _deadline(spec: dict[str, int]) -> float:
    seconds = spec.get("timeout_seconds")
    return time.monotonic() + seconds if seconds else float("inf")


def _wheels(workspace: "Workspace", run: Run, task: TaskRun) -> list[Path]:
    wheels = []
    for path in libraries.named(run.body, task.spec):
        wheel = workspace.path(path.removeprefix("dbfs:"))
        if not wheel.is_file():
            raise CannotInstall(f"java.io.FileNotFoundException: {path} does not exist")
        wheels.append(wheel)
    return wheels


def _execute(
    workspace: "Workspace", run: Run, task: TaskRun, installed: Path, until: float, ending: Ending | None
) -> Outcome:
    wheel = task.spec["python_wheel_task"]
    named = [f"--{name}={value}" for name, value in wheel.get("named_parameters", {}).items()]
    task.arguments = [workspace.mounts.value(value, task.folder) for value in wheel.get("parameters") or named]
    variables = _environment(workspace, task) | {"PYTHONUNBUFFERED": "1"}
    task.environment = {name: workspace.mounts.value(value, task.folder) for name, value in variables.items()}
    # The Python workers of Spark find the wheel by this, as they do in a cluster's site-packages.
    task.environment["PYTHONPATH"] = str(installed)
    driver = shutil.copy(ENTRY_POINT, task.folder / "driver.py")
    command = [driver, wheel["package_name"], wheel["entry_point"], str(installed), *task.arguments]
    if ending and ending.reports_nothing:
        command = ["-c", "print('nothing to report')"]
    command = workspace.mounts.command([sys.executable, *command], task.folder)
    until = min(until, _deadline(task.spec))
    process = processes.start(command, task.environment, task.folder)
    task.pid, task.started = process.pid, now()
    run.outcome = task.outcome = outcomes.RUNNING
    breaks = time.monotonic() + (ending.after_seconds if ending and ending.after_seconds is not None else float("inf"))

    def stopped() -> Outcome | None:
        if run.cancelled.is_set():
            return outcomes.CANCELED
        if ending and time.monotonic() >= breaks:
            return ending.outcome
        return outcomes.TIMEDOUT if time.monotonic() >= until else None

    def stopping() -> None:
        run.outcome = task.outcome = outcomes.TERMINATING

    return processes.watch(process, stopped, stopping, workspace.grace_seconds)


def _environment(workspace: "Workspace", task: TaskRun) -> dict[str, str]:
    """The environment variables of the task's form of compute.

    A new cluster has the submission's `spark_env_vars`; an existing one has its own, whatever is submitted; serverless
    has none.
    """
    machine = {name: os.environ[name] for name in MACHINE if name in os.environ} | workspace.machine_env
    if "new_cluster" in task.spec:
        cluster = task.spec["new_cluster"]
        version = cluster["spark_version"].split("-")[0].removesuffix(".x")
        return machine | {"DATABRICKS_RUNTIME_VERSION": version} | cluster.get("spark_env_vars", {})
    if "existing_cluster_id" in task.spec:
        cluster = workspace.clusters[task.spec["existing_cluster_id"]]
        return machine | {"DATABRICKS_RUNTIME_VERSION": "17.3"} | cluster["spark_env_vars"]
    return machine | {"DATABRICKS_RUNTIME_VERSION": "client.4.0", "IS_SERVERLESS": "TRUE"}
