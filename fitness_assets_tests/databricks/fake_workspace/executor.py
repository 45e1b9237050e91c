"""Executes a run: its wheels are installed, and each task's entry point runs in another process."""

import json
import os
import re
import shutil
import sys
import time
from pathlib import Path

from fitness_assets_tests.databricks.fake_workspace import run_states
from fitness_assets_tests.databricks.fake_workspace.machine import dbruntime, driver, processes, session_limits
from fitness_assets_tests.databricks.fake_workspace.machine.libraries import InstallError, libraries_of
from fitness_assets_tests.databricks.fake_workspace.machine.strict_volumes import strict_environment
from fitness_assets_tests.databricks.fake_workspace.run_states import RunState
from fitness_assets_tests.databricks.fake_workspace.runs import Run, TaskRun, now_millis
from fitness_assets_tests.databricks.fake_workspace.scripted_results import ScriptedResult
from fitness_assets_tests.databricks.fake_workspace.state import WorkspaceState

DRIVER = Path(driver.__file__)
# How often is not documented.
RETRIES = 1
# What a cluster's machine has of its own. Nothing else of the test's environment reaches a task.
MACHINE_VARIABLES = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "JAVA_HOME", "LD_LIBRARY_PATH")


def execute(workspace: WorkspaceState, run: Run) -> None:
    """Brings a run to its end. A task that never came to run ends as the run does."""
    scripted = workspace.scripted_results.take()
    unstarted_state = run_states.CANCELED
    try:
        if scripted and scripted.is_before_start:
            unstarted_state = scripted.state
        elif _acquire_slot(workspace, run):
            try:
                unstarted_state = _execute_tasks(workspace, run, scripted)
            finally:
                workspace.slots.release()
    except Exception as error:
        unstarted_state = run_states.internal_error(f"The stand-in broke: {error!r}")
        raise
    finally:
        for task in run.tasks:
            if not task.state.is_final:
                task.state, task.ended = unstarted_state, now_millis()
        run.ended = now_millis()
        run.state = run_states.state_of_run({task.key: task.state for task in run.tasks})
        run.finished.set()


def _acquire_slot(workspace: WorkspaceState, run: Run) -> bool:
    while not run.cancelled.is_set():
        if workspace.slots.acquire(timeout=processes.POLL_SECONDS):
            return True
    return False


def _execute_tasks(workspace: WorkspaceState, run: Run, scripted: ScriptedResult | None) -> RunState:
    """Runs the tasks one after the other. Returns the state of those which had no turn."""
    deadline = _deadline(run.body)
    for task in run.tasks:
        task.state = run_states.BLOCKED if task.spec.get("depends_on") else run_states.PENDING
    run.state = run_states.PENDING
    run.cancelled.wait(workspace.start_seconds)
    for task in run.tasks:
        if run.cancelled.is_set():
            return run_states.CANCELED
        if time.monotonic() >= deadline:
            return run_states.TIMEDOUT
        upstream_keys = {upstream["task_key"] for upstream in task.spec.get("depends_on", [])}
        if any(other.key in upstream_keys and other.state.result_state != "SUCCESS" for other in run.tasks):
            task.state = run_states.UPSTREAM_FAILED
            continue
        task.folder.mkdir(parents=True)
        try:
            site_packages = _installed(workspace, run, task)
        except InstallError as error:
            task.state = run_states.installation_failed(str(error))
        else:
            task.state = _execute_task(workspace, run, task, site_packages, deadline, scripted)
            while task.state is run_states.FAILED and _is_run_again(workspace, task):
                task.attempt += 1
                shutil.rmtree(task.folder)
                task.folder.mkdir()
                task.state = _execute_task(workspace, run, task, site_packages, deadline, scripted)
        task.ended = now_millis()
    return run_states.CANCELED


def _deadline(spec: dict[str, int]) -> float:
    seconds = spec.get("timeout_seconds")
    return time.monotonic() + seconds if seconds else float("inf")


def _is_run_again(workspace: WorkspaceState, task: TaskRun) -> bool:
    """Whether the platform runs a task again that failed: serverless compute does, unless it is told not to."""
    is_optimized = "environment_key" in task.spec and not task.spec.get("disable_auto_optimization")
    return (is_optimized or workspace.repeats_failed_tasks) and task.attempt < RETRIES


def _with_references(parameter: str, run: Run, task: TaskRun) -> str:
    """A parameter with the values that it refers to in their places; what nothing is known of stays as it is."""
    values = {"task.execution_count": task.attempt + 1, "task.run_id": task.run_id, "job.run_id": run.run_id}
    return re.sub(r"\{\{([\w.]+)\}\}", lambda reference: str(values.get(reference[1], reference[0])), parameter)


def _installed(workspace: WorkspaceState, run: Run, task: TaskRun) -> Path:
    """The folder of what a task may import; a cluster that is there keeps what earlier runs brought."""
    libraries, cluster_id = _libraries(workspace, run, task), task.spec.get("existing_cluster_id")
    if cluster_id:
        return workspace.libraries.install_on(cluster_id, libraries)
    return workspace.libraries.install(libraries)


def _libraries(workspace: WorkspaceState, run: Run, task: TaskRun) -> list[list[Path]]:
    """The wheels that are installed, those of one call of pip together."""
    return [
        [wheel for path in paths for wheel in _wheels(workspace, path)] for paths in libraries_of(run.body, task.spec)
    ]


def _wheels(workspace: WorkspaceState, path: str) -> list[Path]:
    """The wheel of this path, or the wheels that the file names."""
    file = workspace.local_path(path.removeprefix("dbfs:"))
    if not file.is_file():
        raise InstallError(f"java.io.FileNotFoundException: {path} does not exist")
    if file.suffix != ".txt":
        return [file]
    return [wheel for line in file.read_text().splitlines() for wheel in _wheels(workspace, line)]


def _execute_task(
    workspace: WorkspaceState,
    run: Run,
    task: TaskRun,
    site_packages: Path,
    run_deadline: float,
    scripted: ScriptedResult | None,
) -> RunState:
    wheel_task = task.spec["python_wheel_task"]
    named = [f"--{name}={value}" for name, value in wheel_task.get("named_parameters", {}).items()]
    parameters = [_with_references(value, run, task) for value in wheel_task.get("parameters") or named]
    task.arguments = [workspace.mounts.translate(value, task.folder) for value in parameters]
    variables = _environment(workspace, task) | {"PYTHONUNBUFFERED": "1"}
    if workspace.has_strict_volumes:
        variables |= strict_environment(workspace.mounts.volumes, _clock_skew(task))
    task.environment = {name: workspace.mounts.translate(value, task.folder) for name, value in variables.items()}
    # The Python workers of Spark find the wheel by this, as they do in a cluster's site-packages.
    task.environment["PYTHONPATH"] = os.pathsep.join(
        [str(site_packages), *_runtime(workspace, task), *variables.get("PYTHONPATH", "").split(os.pathsep)]
    ).rstrip(os.pathsep)
    copy = shutil.copy(DRIVER, task.folder / "driver.py")
    shutil.copy(session_limits.__file__, task.folder / "session_limits.py")
    arguments = [copy, wheel_task["package_name"], wheel_task["entry_point"], str(site_packages), *task.arguments]
    if scripted and scripted.reports_nothing:
        arguments = ["-c", "print('nothing to report')"]
    python = str(workspace.another_spark.python) if workspace.another_spark else sys.executable
    command = workspace.mounts.command([python, *arguments], task.folder)
    deadline = min(run_deadline, _deadline(task.spec))
    process = processes.start(command, task.environment, task.folder)
    task.pid, task.started = process.pid, now_millis()
    run.state = task.state = run_states.RUNNING
    after_seconds = scripted.after_seconds if scripted else None
    scripted_end = time.monotonic() + (float("inf") if after_seconds is None else after_seconds)

    def stop_state() -> RunState | None:
        if run.cancelled.is_set():
            return run_states.CANCELED
        if scripted and time.monotonic() >= scripted_end:
            return scripted.state
        return run_states.TIMEDOUT if time.monotonic() >= deadline else None

    def before_stop() -> None:
        run.state = task.state = run_states.TERMINATING

    return processes.watch(process, stop_state, before_stop, workspace.grace_seconds)


def _runtime(workspace: WorkspaceState, task: TaskRun) -> list[str]:
    """The folder of the runtime's own modules; only a cluster of dedicated access mode has them for a wheel."""
    if "new_cluster" not in task.spec:
        return []
    folder = task.folder / "runtime"
    folder.mkdir()
    shutil.copy(dbruntime.__file__, folder / "dbruntime.py")
    task.environment["FAKE_SECRETS"] = json.dumps(workspace.secrets)
    return [str(folder)]


def _clock_skew(task: TaskRun) -> int:
    """How far the times that a form of compute sees of files are from those that another sees, in seconds."""
    return next((skew for form, skew in (("new_cluster", 3), ("existing_cluster_id", -2)) if form in task.spec), 0)


def _environment(workspace: WorkspaceState, task: TaskRun) -> dict[str, str]:
    """The environment variables of the task's form of compute.

    A new cluster, of dedicated access mode, has the submission's `spark_env_vars`; an existing one, of standard access
    mode, has its own, whatever is submitted; serverless has none. The last two speak Spark Connect alone.
    """
    machine = {name: os.environ[name] for name in MACHINE_VARIABLES if name in os.environ} | workspace.machine_env
    spark = workspace.another_spark
    if "new_cluster" in task.spec:
        cluster = task.spec["new_cluster"]
        version = cluster["spark_version"].split("-")[0].removesuffix(".x")
        machine |= spark.own_environment(task.folder) if spark else {}
        return machine | {"DATABRICKS_RUNTIME_VERSION": version} | cluster.get("spark_env_vars", {})
    form = "standard" if "existing_cluster_id" in task.spec else "serverless"
    machine |= {**spark.connected_environment(), "FAKE_COMPUTE": form} if spark else {}
    if form == "standard":
        cluster = workspace.clusters[task.spec["existing_cluster_id"]]
        return machine | {"DATABRICKS_RUNTIME_VERSION": "17.3"} | cluster["spark_env_vars"]
    return machine | {"DATABRICKS_RUNTIME_VERSION": "client.4.0", "IS_SERVERLESS": "TRUE"}
