"""The runs of jobs, which the emulator does not have: it reports a wheel's run as success without running it."""

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fitness_assets_tests.deployment.emulator import Emulator


class Runs:
    """The runs of jobs: each task in turn a process that is given the parameters of the deployed job."""

    def __init__(self, emulator: "Emulator") -> None:
        self._emulator = emulator

    def answer(self, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[Any, int]:
        call = path.removeprefix("/api/2.2/jobs/")
        if call == "run-now":
            return {"run_id": self._start(body["job_id"])}, 200
        if call == "runs/list":
            states = [self._state(run) for run in self._emulator.runs]
            return {"runs": [state for state in states if state["state"]["life_cycle_state"] == "RUNNING"]}, 200
        number = int(query.get("run_id") or body["run_id"])
        if call == "runs/get":
            return self._state(number), 200
        if call == "runs/cancel":
            self._emulator.runs[number].cancel()
            return {}, 200
        if call == "runs/get-output":
            run = self._emulator.runs[number // 10]
            return {"logs": run.said(number % 10)}, 200
        return {"error_code": "NOT_IMPLEMENTED", "message": call}, 501

    def _start(self, job: int) -> int:
        tasks = self._emulator.ask("GET", f"/api/2.2/jobs/get?job_id={job}")["settings"]["tasks"]
        number = len(self._emulator.runs) + 1
        self._emulator.runs[number] = Run(self._emulator.task, tasks, self._emulator.folder)
        return number

    def _state(self, number: int) -> dict[str, Any]:
        run = self._emulator.runs[number]
        tasks = [
            {"task_key": key, "run_id": number * 10 + at, "state": _as_state(state)}
            for at, (key, state) in enumerate(run.states())
        ]
        ended = {"SUCCESS": "SUCCESS", "CANCELED": "CANCELED"}.get(run.states()[-1][1], "FAILED")
        state = _as_state("RUNNING" if run.going else ended)
        return {"run_id": number, "state": state, "tasks": tasks, "run_page_url": f"{self._emulator.host}/run/{number}"}


def _as_state(state: str) -> dict[str, str]:
    if state == "RUNNING":
        return {"life_cycle_state": state}
    if state == "UPSTREAM_FAILED":
        return {"life_cycle_state": "SKIPPED", "state_message": "The task before it failed."}
    return {"life_cycle_state": "TERMINATED", "result_state": state}


class Run:
    """The tasks of a job, one after the other; one that fails is the last."""

    def __init__(self, command: list[str], tasks: list[dict[str, Any]], folder: Path) -> None:
        self._command = command
        self._tasks = tasks
        self._folder = Path(tempfile.mkdtemp(dir=folder))
        self._processes: list[subprocess.Popen[bytes]] = []
        self.cancelled = False
        self._next()

    @property
    def going(self) -> bool:
        """Begins the next task where the one before has succeeded."""
        if self._processes[-1].poll() == 0 and len(self._processes) < len(self._tasks) and not self.cancelled:
            self._next()
        return self._processes[-1].poll() is None

    def states(self) -> list[tuple[str, str]]:
        """The key and the state of each task."""
        going = self.going
        found = []
        for at, task in enumerate(self._tasks):
            if at >= len(self._processes):
                state = "RUNNING" if going else "CANCELED" if self.cancelled else "UPSTREAM_FAILED"
            elif (code := self._processes[at].poll()) is None:
                state = "RUNNING"
            else:
                state = "SUCCESS" if code == 0 else "CANCELED" if self.cancelled else "FAILED"
            found.append((task["task_key"], state))
        return found

    def said(self, at: int) -> str:
        file = self._folder / str(at)
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def cancel(self) -> None:
        self.cancelled = True
        self._processes[-1].kill()

    def _next(self) -> None:
        at = len(self._processes)
        parameters = self._tasks[at]["python_wheel_task"]["named_parameters"]
        words = [f"--{key}={value}" for key, value in parameters.items()]
        with (self._folder / str(at)).open("wb") as output:
            command = [*self._command, *words]
            self._processes.append(subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT))
