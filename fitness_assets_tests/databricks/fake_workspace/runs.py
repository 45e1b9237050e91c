"""A submitted run and its tasks, as they stand and as `runs/get` shows them."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fitness_assets_tests.databricks.fake_workspace.run_states import PENDING, QUEUED, RunState

TASK_FIELDS = ("task_key", "description", "depends_on", "run_if", "timeout_seconds", "libraries", "python_wheel_task")
COMPUTE_FIELDS = ("new_cluster", "existing_cluster_id", "environment_key")


def now_millis() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass
class TaskRun:
    """One task of a run. `folder` holds what its last attempt wrote: `stdout`, `stderr` and its working directory."""

    run_id: int
    spec: dict[str, Any]
    folder: Path
    state: RunState = PENDING
    pid: int | None = None
    attempt: int = 0
    arguments: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    started: int = 0
    ended: int = 0

    @property
    def key(self) -> str:
        return str(self.spec["task_key"])

    @property
    def stdout(self) -> str:
        return _text(self.folder / "stdout")

    @property
    def stderr(self) -> str:
        return _text(self.folder / "stderr")


@dataclass
class Run:
    """One accepted submission. Times are epoch milliseconds."""

    run_id: int
    job_id: int
    body: dict[str, Any]
    tasks: list[TaskRun]
    created: int = field(default_factory=now_millis)
    ended: int = 0
    state: RunState = QUEUED
    cancelled: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)

    @property
    def name(self) -> str:
        return str(self.body.get("run_name", "Untitled"))

    @property
    def result(self) -> str:
        """`SUCCESS`, `FAILED`, `CANCELED`, …; the life cycle state while it is not over."""
        return self.state.result

    @property
    def executions(self) -> int:
        """How many processes it started: what a test of double runs counts."""
        return sum(task.attempt + 1 for task in self.tasks if task.pid is not None)

    def wait(self, seconds: float = 60) -> "Run":
        """Until the run is over.

        Raises:
            TimeoutError: It is not over after `seconds`.
        """
        if not self.finished.wait(seconds):
            raise TimeoutError(f"run {self.run_id} is still {self.state.life_cycle_state} after {seconds} s")
        return self


def describe_run(run: Run, page_url: str, user: str, with_tasks: bool = True) -> dict[str, Any]:
    """The run as `runs/get` and `runs/list` show it."""
    description = _common_fields(run, run, run.created, page_url)
    description |= {
        "job_id": run.job_id,
        "number_in_job": run.run_id,
        "original_attempt_run_id": run.run_id,
        "creator_user_name": user,
        "run_name": run.name,
        "run_type": "SUBMIT_RUN",
        "trigger": "ONE_TIME",
        "format": "MULTI_TASK",
        "run_duration": (run.ended or now_millis()) - run.created,
    }
    if with_tasks:
        description["tasks"] = [describe_task(run, task, page_url) for task in run.tasks]
    return description


def describe_task(run: Run, task: TaskRun, page_url: str) -> dict[str, Any]:
    """One task inside `runs/get`."""
    description = {name: task.spec[name] for name in (*TASK_FIELDS, *COMPUTE_FIELDS) if name in task.spec}
    description |= _common_fields(run, task, task.started, page_url)
    description["attempt_number"] = task.attempt
    if "environment_key" not in task.spec and task.started:
        cluster_id = task.spec.get("existing_cluster_id", f"1124-000000-{task.run_id}")
        description["cluster_instance"] = {"cluster_id": cluster_id, "spark_context_id": str(task.run_id)}
    return description


def _common_fields(run: Run, part: Run | TaskRun, started: int, page_url: str) -> dict[str, Any]:
    """What a run and each of its tasks have in common."""
    # The address is where a person reads on: what a client reports must lead to this very run.
    return {
        "run_id": part.run_id,
        "run_page_url": f"{page_url}#job/{run.job_id}/run/{part.run_id}",
        "state": part.state.as_state(),
        "status": part.state.as_status(),
        "start_time": run.created,
        "end_time": part.ended,
        "setup_duration": max(0, started - run.created),
        "execution_duration": max(0, part.ended - started) if started else 0,
        "cleanup_duration": 0,
    }


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace") if path.exists() else ""
