"""One run on the workspace: submitted once whatever the network does, followed, cancelled, and never taken for a
success that it was not."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.jobs import JobsAPI, Run, RunLifeCycleState, RunResultState, RunType

from fitness_assets.errors import RemoteError, WorkspaceError

log = logging.getLogger("fitness_assets")

_FINAL_STATES = (RunLifeCycleState.TERMINATED, RunLifeCycleState.SKIPPED, RunLifeCycleState.INTERNAL_ERROR)
_NAME_PREFIX = "fitness_assets "
_CANCEL_WITHIN_SECONDS = 120.0
_OUTPUT_LENGTH = 1_500
"""How much of what the task wrote is shown where it failed without reporting why."""


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
        self.page_url = ""

    @classmethod
    def active_runs(cls, jobs: JobsAPI, poll_seconds: float) -> Iterator["RemoteRun"]:
        """The runs that were submitted here or by other processes, and are not over."""
        for active in jobs.list_runs(active_only=True, run_type=RunType.SUBMIT_RUN):
            name = active.run_name or ""
            if name.startswith(_NAME_PREFIX):
                run = cls(jobs, name.removeprefix(_NAME_PREFIX), poll_seconds)
                run.run_id, run.page_url = active.run_id, active.run_page_url or ""
                yield run

    @property
    def name(self) -> str:
        return f"{_NAME_PREFIX}{self.token}"

    def submit(self, job_spec: dict[str, Any]) -> int:
        """Submit the run, or find the one that was submitted under this token already.

        Raises:
            WorkspaceError: the workspace refuses it, or does not answer.
        """
        try:
            waiter: Any = self._jobs.submit(run_name=self.name, idempotency_token=self.token, **job_spec)
        except DatabricksError as error:
            raise WorkspaceError(
                f"The workspace refuses the run: {error}. Look at FITNESS_COMPUTE and what belongs to it, and at the "
                f"privileges of who submits."
            ) from error
        self.run_id = int(waiter.response.run_id)
        return self.run_id

    def follow(self) -> Iterator[Run]:
        """The run, each time it was polled, until it is over; the last one is how it ended."""
        assert self.run_id is not None, "it has been submitted"
        logged_state = None
        while True:
            run = self._jobs.get_run(self.run_id)
            self.page_url = run.run_page_url or self.page_url
            if run.state and run.state.life_cycle_state != logged_state:
                logged_state = run.state.life_cycle_state
                log.info(
                    "Run %s is %s. %s", self.run_id, logged_state.value if logged_state else "unknown", self.page_url
                )
            yield run
            if _is_over(run):
                return
            time.sleep(self._poll_seconds)

    def cancel(self) -> None:
        """End the run and wait until it is over, a bounded time; also one whose submission was cut short."""
        if self.run_id is None:
            self.run_id = self._find_run_id()
        if self.run_id is None:
            return
        try:
            self._jobs.cancel_run(self.run_id)
            deadline = time.monotonic() + _CANCEL_WITHIN_SECONDS
            while not _is_over(self._jobs.get_run(self.run_id)) and time.monotonic() < deadline:
                time.sleep(min(self._poll_seconds, 1.0))
        except (DatabricksError, WorkspaceError) as error:
            log.error("Run %s could not be cancelled (%s). Cancel it there: %s", self.run_id, error, self.page_url)

    def failure_reason(self, run: Run) -> str | None:
        """Why a run that is over is no success, with its address; None where it is one."""
        state = run.state
        if state is None or not _is_over(run):
            return f"Run {self.run_id} is not over. {self.page_url}"
        if state.life_cycle_state is RunLifeCycleState.TERMINATED and state.result_state is RunResultState.SUCCESS:
            return None
        result = state.result_state or state.life_cycle_state
        phrase = _RESULT_PHRASES.get(
            result.value if result else "", f"ended as {result.value if result else 'nothing known'}"
        )
        message = f": {state.state_message.strip().rstrip('.')}" if state.state_message else ""
        return f"Run {self.run_id} {phrase}{message}. {self.page_url}"

    def task_output(self, run: Run) -> str:
        """The end of what the task wrote, for a run that failed without reporting why."""
        for task in run.tasks or []:
            with suppress(DatabricksError, WorkspaceError):
                output = self._jobs.get_run_output(task.run_id or 0)
                text = "\n".join(part for part in (output.logs, output.error_trace or output.error) if part)
                if text:
                    return text[-_OUTPUT_LENGTH:]
        return ""

    def _find_run_id(self) -> int | None:
        """The run of our name, where the answer to its submission did not reach us."""
        with suppress(DatabricksError, WorkspaceError):
            for run in self.active_runs(self._jobs, self._poll_seconds):
                if run.token == self.token:
                    return run.run_id
        return None


_RESULT_PHRASES = {
    "FAILED": "failed",
    "CANCELED": "was cancelled on the workspace",
    "TIMEDOUT": "was ended by the workspace because it took too long",
    "SKIPPED": "was skipped by the workspace",
    "INTERNAL_ERROR": "was ended by an error of the workspace itself",
    "MAXIMUM_CONCURRENT_RUNS_REACHED": "was skipped because too many runs go on at once",
}


def require_success(run: RemoteRun, final: Run, unreported: Sequence[str]) -> None:
    """Hold a run that is over against what it reported.

    Args:
        final: the run as it ended.
        unreported: the tables that were asked for and that it reported nothing of.

    Raises:
        RemoteError: it is no success, or is one that did not report all that was asked of it.
    """
    reason = run.failure_reason(final)
    if reason is not None:
        output = run.task_output(final) if unreported else ""
        raise RemoteError(f"{reason}\n{output}".strip())
    if unreported:
        raise RemoteError(
            f"Run {run.run_id} ended well and reported nothing of {', '.join(unreported)}, so it is not known what "
            f"became of them. Is FITNESS_WHEEL of this version? {run.page_url}"
        )


def _is_over(run: Run) -> bool:
    return run.state is not None and run.state.life_cycle_state in _FINAL_STATES
