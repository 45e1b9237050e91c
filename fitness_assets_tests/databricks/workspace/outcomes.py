"""States of runs and tasks, in the old `state` and the newer `status` form of the Jobs API."""

from dataclasses import dataclass
from typing import Any

FINAL = ("TERMINATED", "SKIPPED", "INTERNAL_ERROR")


@dataclass(frozen=True)
class Outcome:
    """Where a run or task stands.

    Attributes:
        life_cycle_state: `QUEUED`, `PENDING`, `RUNNING`, `TERMINATING`, `BLOCKED`, or one of `FINAL`.
        result_state: Only where it is final.
        message: `state_message`.
        code: Of `termination_details`.
        kind: Its type: `SUCCESS`, `CLIENT_ERROR`, `INTERNAL_ERROR` or `CLOUD_FAILURE`.
    """

    life_cycle_state: str
    result_state: str | None = None
    message: str = ""
    code: str = ""
    kind: str = "CLIENT_ERROR"

    @property
    def final(self) -> bool:
        return self.life_cycle_state in FINAL

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = {"life_cycle_state": self.life_cycle_state, "state_message": self.message}
        if self.result_state:
            state["result_state"] = self.result_state
        if self.life_cycle_state == "QUEUED":
            state["queue_reason"] = self.message
        return state | {"user_cancelled_or_timedout": self.result_state in ("CANCELED", "TIMEDOUT")}

    @property
    def status(self) -> dict[str, Any]:
        if self.final:
            details = {"code": self.code, "type": self.kind, "message": self.message}
            return {"state": "TERMINATED", "termination_details": details}
        if self.life_cycle_state == "QUEUED":
            details = {"code": "ACTIVE_RUNS_LIMIT_REACHED", "message": self.message}
            return {"state": "QUEUED", "queue_details": details}
        return {"state": self.life_cycle_state}

    @property
    def result(self) -> str:
        """One word for it: the result where there is one, else the state."""
        return self.result_state or self.life_cycle_state


QUEUED = Outcome("QUEUED", message="Queued due to reaching maximum concurrent runs in the workspace.")
PENDING = Outcome("PENDING", message="Waiting for cluster")
RUNNING = Outcome("RUNNING", message="In run")
TERMINATING = Outcome("TERMINATING", message="Cleaning up")
BLOCKED = Outcome("BLOCKED", message="Waiting for upstream tasks")

SUCCESS = Outcome("TERMINATED", "SUCCESS", "", "SUCCESS", "SUCCESS")
FAILED = Outcome("TERMINATED", "FAILED", "Workload failed, see run output for details", "RUN_EXECUTION_ERROR")
CANCELED = Outcome("TERMINATED", "CANCELED", "Run cancelled.", "USER_CANCELED")
TIMEDOUT = Outcome("TERMINATED", "TIMEDOUT", "The run was stopped after reaching its timeout.", "CANCELED")
UPSTREAM_FAILED = Outcome("TERMINATED", "UPSTREAM_FAILED", "An upstream task failed.", "SKIPPED")
SKIPPED = Outcome(
    "SKIPPED",
    "MAXIMUM_CONCURRENT_RUNS_REACHED",
    "Run was skipped: the maximum of concurrent runs is reached.",
    "MAX_CONCURRENT_RUNS_EXCEEDED",
)
INTERNAL_ERROR = Outcome(
    "INTERNAL_ERROR", "FAILED", "Unexpected failure while waiting for the cluster.", "INTERNAL_ERROR", "INTERNAL_ERROR"
)


def not_installed(why: str) -> Outcome:
    """A wheel which cannot be installed: the task never starts."""
    message = f"Library installation failed for library due to user error. Error messages: {why}"
    return Outcome("INTERNAL_ERROR", "FAILED", message, "LIBRARY_INSTALLATION_ERROR")


def of_run(tasks: dict[str, Outcome]) -> Outcome:
    """What a run comes to, from its tasks by key.

    A failed task makes the run `INTERNAL_ERROR` in the old form, though the task itself is `TERMINATED`: a client
    which takes INTERNAL_ERROR for a fault of the platform alone blames the wrong one.
    """
    for key, outcome in tasks.items():
        if outcome.result_state in ("CANCELED", "TIMEDOUT") or outcome.life_cycle_state == "SKIPPED":
            return outcome
        if outcome.result_state != "SUCCESS":
            message = f"Task {key} failed with message: {outcome.message}."
            return Outcome("INTERNAL_ERROR", "FAILED", message, outcome.code, outcome.kind)
    return SUCCESS
