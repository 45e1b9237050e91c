"""States of runs and tasks, in the old `state` and the newer `status` form of the Jobs API."""

from dataclasses import dataclass
from typing import Any

FINAL = ("TERMINATED", "SKIPPED", "INTERNAL_ERROR")


@dataclass(frozen=True)
class RunState:
    """Where a run or task stands.

    Attributes:
        life_cycle_state: `QUEUED`, `PENDING`, `RUNNING`, `TERMINATING`, `BLOCKED`, or one of `FINAL`.
        result_state: Only where it is final.
        message: `state_message`.
        termination_code: Of `termination_details`.
        termination_type: `SUCCESS`, `CLIENT_ERROR`, `INTERNAL_ERROR` or `CLOUD_FAILURE`.
    """

    life_cycle_state: str
    result_state: str | None = None
    message: str = ""
    termination_code: str = ""
    termination_type: str = "CLIENT_ERROR"

    @property
    def is_final(self) -> bool:
        return self.life_cycle_state in FINAL

    @property
    def result(self) -> str:
        """One word for it: the result where there is one, else the state."""
        return self.result_state or self.life_cycle_state

    def as_state(self) -> dict[str, Any]:
        state: dict[str, Any] = {"life_cycle_state": self.life_cycle_state, "state_message": self.message}
        if self.result_state:
            state["result_state"] = self.result_state
        if self.life_cycle_state == "QUEUED":
            state["queue_reason"] = self.message
        return state | {"user_cancelled_or_timedout": self.result_state in ("CANCELED", "TIMEDOUT")}

    def as_status(self) -> dict[str, Any]:
        if self.is_final:
            details = {"code": self.termination_code, "type": self.termination_type, "message": self.message}
            return {"state": "TERMINATED", "termination_details": details}
        if self.life_cycle_state == "QUEUED":
            details = {"code": "ACTIVE_RUNS_LIMIT_REACHED", "message": self.message}
            return {"state": "QUEUED", "queue_details": details}
        return {"state": self.life_cycle_state}


def _final(life_cycle_state: str, result_state: str, message: str, code: str, of: str = "CLIENT_ERROR") -> RunState:
    return RunState(
        life_cycle_state=life_cycle_state,
        result_state=result_state,
        message=message,
        termination_code=code,
        termination_type=of,
    )


QUEUED = RunState("QUEUED", message="Queued due to reaching maximum concurrent runs in the workspace.")
PENDING = RunState("PENDING", message="Waiting for cluster")
RUNNING = RunState("RUNNING", message="In run")
TERMINATING = RunState("TERMINATING", message="Cleaning up")
BLOCKED = RunState("BLOCKED", message="Waiting for upstream tasks")

SUCCESS = _final("TERMINATED", "SUCCESS", "", "SUCCESS", "SUCCESS")
FAILED = _final("TERMINATED", "FAILED", "Workload failed, see run output for details", "RUN_EXECUTION_ERROR")
CANCELED = _final("TERMINATED", "CANCELED", "Run cancelled.", "USER_CANCELED")
TIMEDOUT = _final("TERMINATED", "TIMEDOUT", "The run was stopped after reaching its timeout.", "CANCELED")
UPSTREAM_FAILED = _final("TERMINATED", "UPSTREAM_FAILED", "An upstream task failed.", "SKIPPED")
SKIPPED = _final(
    "SKIPPED",
    "MAXIMUM_CONCURRENT_RUNS_REACHED",
    "Run was skipped: the maximum of concurrent runs is reached.",
    "MAX_CONCURRENT_RUNS_EXCEEDED",
)


def internal_error(message: str) -> RunState:
    """A fault of the platform itself."""
    return _final("INTERNAL_ERROR", "FAILED", message, "INTERNAL_ERROR", "INTERNAL_ERROR")


INTERNAL_ERROR = internal_error("Unexpected failure while waiting for the cluster.")


def installation_failed(reason: str) -> RunState:
    """A wheel which cannot be installed: the task never starts."""
    message = f"Library installation failed for library due to user error. Error messages: {reason}"
    return _final("INTERNAL_ERROR", "FAILED", message, "LIBRARY_INSTALLATION_ERROR")


def state_of_run(task_states: dict[str, RunState]) -> RunState:
    """What a run comes to, from its tasks by key.

    A failed task makes the run `INTERNAL_ERROR` in the old form, though the task itself is `TERMINATED`: a client
    which takes INTERNAL_ERROR for a fault of the platform alone blames the wrong one.
    """
    for key, state in task_states.items():
        if state.result_state in ("CANCELED", "TIMEDOUT") or state.life_cycle_state == "SKIPPED":
            return state
        if state.result_state != "SUCCESS":
            message = f"Task {key} failed with message: {state.message}."
            return _final("INTERNAL_ERROR", "FAILED", message, state.termination_code, state.termination_type)
    return SUCCESS
