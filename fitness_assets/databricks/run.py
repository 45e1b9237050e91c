"""One run on the workspace: submitted once whatever the network does, followed, cancelled, and never taken for a
success that it was not."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.jobs import JobsAPI, Run, RunLifeCycleState, RunResultState, RunType

from fitness_assets.errors import RemoteError, WorkspaceError

log = logging.getLogger("fitness_assets")

_OVER = (RunLifeCycleState.TERMINATED, RunLifeCycleState.SKIPPED, RunLifeCycleState.INTERNAL_ERROR)
_NAMED = "fitness_assets "
_CANCEL_WITHIN_SECONDS = 120.0
_OUTPUT = 1_500
"""How much of what the task wrote is shown where it failed without telling us why."""


class RemoteRun:
    """One run.

    Args:
        token: its idempotency token, which also is its name: submitting again gives the same run.
    """

    def __init__(self, jobs: JobsAPI, token: str, poll_seconds: float) -> None:
        self._jobs = jobs
        self.token = token
        self._poll_seconds = poll_seconds
        self.run_id: int | None = None
        self.address = ""

    @classmethod
    def going_on(cls, jobs: JobsAPI, poll_seconds: float) -> Iterator["RemoteRun"]:
        """The runs that were submitted here or by other processes, and are not over."""
        for found in jobs.list_runs(active_only=True, run_type=RunType.SUBMIT_RUN):
            name = found.run_name or ""
            if name.startswith(_NAMED):
                run = cls(jobs, name.removeprefix(_NAMED), poll_seconds)
                run.run_id, run.address = found.run_id, found.run_page_url or ""
                yield run

    @property
    def name(self) -> str:
        return f"{_NAMED}{self.token}"

    def submit(self, request: dict[str, Any]) -> int:
        """Submit the run, or find the one that was submitted under this token already.

        Raises:
            WorkspaceError: the workspace refuses it, or does not answer.
        """
        try:
            waiter: Any = self._jobs.submit(run_name=self.name, idempotency_token=self.token, **request)
        except DatabricksError as error:
            raise WorkspaceError(
                f"The workspace refuses the run: {error}. Look at FITNESS_COMPUTE and what belongs to it, and at the "
                f"privileges of who submits."
            ) from error
        self.run_id = int(waiter.response.run_id)
        return self.run_id

    def follow(self) -> Iterator[Run]:
        """The run, each time it was asked about, until it is over; the last one is how it ended."""
        assert self.run_id is not None, "it has been submitted"
        seen = None
        while True:
            run = self._jobs.get_run(self.run_id)
            self.address = run.run_page_url or self.address
            if run.state and run.state.life_cycle_state != seen:
                seen = run.state.life_cycle_state
                log.info("Run %s is %s. %s", self.run_id, seen.value if seen else "unknown", self.address)
            yield run
            if _is_over(run):
                return
            time.sleep(self._poll_seconds)

    def cancel(self) -> None:
        """End the run and wait until it is over, a bounded time; also one whose submission was cut short."""
        if self.run_id is None:
            self.run_id = self._found()
        if self.run_id is None:
            return
        try:
            self._jobs.cancel_run(self.run_id)
            until = time.monotonic() + _CANCEL_WITHIN_SECONDS
            while not _is_over(self._jobs.get_run(self.run_id)) and time.monotonic() < until:
                time.sleep(min(self._poll_seconds, 1.0))
        except (DatabricksError, WorkspaceError) as error:
            log.error("Run %s could not be cancelled (%s). Cancel it there: %s", self.run_id, error, self.address)

    def why_it_failed(self, run: Run) -> str | None:
        """Why a run that is over is no success, with its address; None where it is one."""
        state = run.state
        if state is None or not _is_over(run):
            return f"Run {self.run_id} is not over. {self.address}"
        if state.life_cycle_state is RunLifeCycleState.TERMINATED and state.result_state is RunResultState.SUCCESS:
            return None
        ended = state.result_state or state.life_cycle_state
        words = _WORDS.get(ended.value if ended else "", f"ended as {ended.value if ended else 'nothing known'}")
        said = f": {state.state_message.strip().rstrip('.')}" if state.state_message else ""
        return f"Run {self.run_id} {words}{said}. {self.address}"

    def output(self, run: Run) -> str:
        """The end of what the task wrote, for a run that failed without telling us why."""
        for task in run.tasks or []:
            with suppress(DatabricksError, WorkspaceError):
                found = self._jobs.get_run_output(task.run_id or 0)
                said = "\n".join(part for part in (found.logs, found.error_trace or found.error) if part)
                if said:
                    return said[-_OUTPUT:]
        return ""

    def _found(self) -> int | None:
        """The run of our name, where the answer to its submission did not reach us."""
        with suppress(DatabricksError, WorkspaceError):
            for run in self.going_on(self._jobs, self._poll_seconds):
                if run.token == self.token:
                    return run.run_id
        return None


def _is_over(run: Run) -> bool:
    return run.state is not None and run.state.life_cycle_state in _OVER


_WORDS = {
    "FAILED": "failed",
    "CANCELED": "was cancelled on the workspace",
    "TIMEDOUT": "was ended by the workspace because it took too long",
    "SKIPPED": "was skipped by the workspace",
    "INTERNAL_ERROR": "was ended by an error of the workspace itself",
    "MAXIMUM_CONCURRENT_RUNS_REACHED": "was skipped because too many runs go on at once",
}


def finish(run: RemoteRun, last: Run, told: Callable[[], list[str]]) -> None:
    """Hold a run that is over against what it told.

    Args:
        told: what of its work the run said nothing about.

    Raises:
        RemoteError: it is no success, or is one that did not tell of all that was asked of it.
    """
    why = run.why_it_failed(last)
    missing = told()
    if why is not None:
        output = run.output(last) if missing else ""
        raise RemoteError(f"{why}\n{output}".strip())
    if missing:
        raise RemoteError(
            f"Run {run.run_id} ended well and told nothing of {', '.join(missing)}, so it is not known what became of "
            f"them. Is FITNESS_WHEEL of this version? {run.address}"
        )
