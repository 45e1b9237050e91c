"""Results which a test scripts for the runs to come."""

import threading
from dataclasses import dataclass, replace

from fitness_assets_tests.databricks.fake_workspace import run_states
from fitness_assets_tests.databricks.fake_workspace.run_states import RunState

STATES = {
    "SKIPPED": run_states.SKIPPED,
    "INTERNAL_ERROR": run_states.INTERNAL_ERROR,
    "TIMEDOUT": run_states.TIMEDOUT,
    "CANCELED": run_states.CANCELED,
    "NOTHING_REPORTED": run_states.SUCCESS,
}


@dataclass(frozen=True)
class ScriptedResult:
    """How a run ends whatever its task does.

    Attributes:
        state: Of its tasks.
        after_seconds: Of running, before it ends so; None: it never starts.
        reports_nothing: The process exits with 0 and never calls the entry point.
    """

    state: RunState
    after_seconds: float | None = None
    reports_nothing: bool = False

    @property
    def is_before_start(self) -> bool:
        return self.after_seconds is None and not self.reports_nothing


class ScriptedResults:
    """A queue of them: each run that starts takes one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[ScriptedResult] = []

    def add(self, name: str, message: str | None, after_seconds: float | None, times: int) -> None:
        state = STATES[name] if message is None else replace(STATES[name], message=message)
        with self._lock:
            self._queue += [ScriptedResult(state, after_seconds, name == "NOTHING_REPORTED")] * times

    def take(self) -> ScriptedResult | None:
        with self._lock:
            return self._queue.pop(0) if self._queue else None
