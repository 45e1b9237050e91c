"""The runs of jobs, which the emulator does not have: it reports a wheel's run as success without running it."""

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


class JobRuns:
    """The runs of jobs: each task in turn a process that is given the parameters of the deployed job.

    Args:
        folder: where the output of tasks goes.
        host: the address of the workspace.
        tasks_of_job: the tasks of a deployed job, by its id.

    Attributes:
        command: what each task runs as; where it is empty, no run is ours.
        runs: every run by its id.
    """

    def __init__(self, folder: Path, host: str, tasks_of_job: Callable[[int], list[dict[str, Any]]]) -> None:
        self._folder = folder
        self._host = host
        self._tasks_of_job = tasks_of_job
        self.command: list[str] = []
        self.runs: dict[int, JobRun] = {}

    def clear(self) -> None:
        self.command, self.runs = [], {}

    def answer(self, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[Any, int]:
        """The body and the status of the answer to a call."""
        call = path.removeprefix("/api/2.2/jobs/")
        if call == "run-now":
            return {"run_id": self._start(body["job_id"])}, 200
        if call == "runs/list":
            descriptions = [self._describe(run_id) for run_id in self.runs]
            active = [run for run in descriptions if run["state"]["life_cycle_state"] == "RUNNING"]
            return {"runs": active}, 200
        run_id = int(query.get("run_id") or body["run_id"])
        if call == "runs/get":
            return self._describe(run_id), 200
        if call == "runs/cancel":
            self.runs[run_id].cancel()
            return {}, 200
        if call == "runs/get-output":
            # A task's run has the id of its job's run and, as the last digit, its place in it.
            return {"logs": self.runs[run_id // 10].output(run_id % 10)}, 200
        return {"error_code": "NOT_IMPLEMENTED", "message": call}, 501

    def _start(self, job_id: int) -> int:
        run_id = len(self.runs) + 1
        self.runs[run_id] = JobRun(self.command, self._tasks_of_job(job_id), self._folder)
        return run_id

    def _describe(self, run_id: int) -> dict[str, Any]:
        run = self.runs[run_id]
        # Asked first: once it is over, its results stay as they are.
        is_running = run.is_running()
        results = run.task_results()
        tasks = [
            {"task_key": key, "run_id": run_id * 10 + index, "state": _state(result)}
            for index, (key, result) in enumerate(results)
        ]
        last_result = results[-1][1]
        result = last_result if last_result in ("SUCCESS", "CANCELED") else "FAILED"
        state = _state("RUNNING" if is_running else result)
        return {"run_id": run_id, "state": state, "tasks": tasks, "run_page_url": f"{self._host}/run/{run_id}"}


class JobRun:
    """The tasks of a job, one after the other; one that fails is the last."""

    def __init__(self, command: list[str], tasks: list[dict[str, Any]], folder: Path) -> None:
        self._command = command
        self._tasks = tasks
        self._folder = Path(tempfile.mkdtemp(dir=folder))
        self._processes: list[subprocess.Popen[bytes]] = []
        self.cancelled = False
        self._start_next()

    def is_running(self) -> bool:
        """Whether it goes on; begins the next task where the one before has succeeded."""
        if self._processes[-1].poll() == 0 and len(self._processes) < len(self._tasks) and not self.cancelled:
            self._start_next()
        return self._processes[-1].poll() is None

    def task_results(self) -> list[tuple[str, str]]:
        """The key of each task, and how it ended; `RUNNING` where it did not."""
        is_running = self.is_running()
        results = []
        for index, task in enumerate(self._tasks):
            if index >= len(self._processes):
                result = "RUNNING" if is_running else "CANCELED" if self.cancelled else "UPSTREAM_FAILED"
            elif (code := self._processes[index].poll()) is None:
                result = "RUNNING"
            else:
                result = "SUCCESS" if code == 0 else "CANCELED" if self.cancelled else "FAILED"
            results.append((task["task_key"], result))
        return results

    def output(self, index: int) -> str:
        """What a task wrote."""
        file = self._folder / str(index)
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def cancel(self) -> None:
        self.cancelled = True
        self._processes[-1].kill()

    def _start_next(self) -> None:
        index = len(self._processes)
        parameters = self._tasks[index]["python_wheel_task"]["named_parameters"]
        command = [*self._command, *(f"--{name}={value}" for name, value in parameters.items())]
        with (self._folder / str(index)).open("wb") as output:
            self._processes.append(subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT))


def _state(result: str) -> dict[str, str]:
    if result == "RUNNING":
        return {"life_cycle_state": result}
    if result == "UPSTREAM_FAILED":
        return {"life_cycle_state": "SKIPPED", "state_message": "The task before it failed."}
    return {"life_cycle_state": "TERMINATED", "result_state": result}
