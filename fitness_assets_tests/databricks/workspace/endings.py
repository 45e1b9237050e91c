"""Endings which a test scripts for the runs to come."""

import threading
from dataclasses import dataclass, replace

from fitness_assets_tests.databricks.workspace import outcomes
from fitness_assets_tests.databricks.workspace.outcomes import Outcome

NAMED = {
    "SKIPPED": outcomes.SKIPPED,
    "INTERNAL_ERROR": outcomes.INTERNAL_ERROR,
    "TIMEDOUT": outcomes.TIMEDOUT,
    "CANCELED": outcomes.CANCELED,
    "NOTHING_REPORTED": outcomes.SUCCESS,
}


@dataclass(frozen=True)
class Ending:
    """How a run ends whatever its task does.

    Attributes:
        outcome: Of its tasks.
        after_seconds: Of running, before it ends so; None: it never starts.
        reports_nothing: The process exits with 0 and never calls the entry point.
    """

    outcome: Outcome
    after_seconds: float | None = None
    reports_nothing: bool = False

    @property
    def before_start(self) -> bool:
        return self.after_seconds is None and not self.reports_nothing


class Endings:
    """A queue of them: each run that starts takes one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: list[Ending] = []

    def script(self, name: str, message: str | None, after_seconds: float | None, times: int) -> None:
        outcome = NAMED[name] if message is None else replace(NAMED[name], message=message)
        with self._lock:
            self._next += [Ending(outcome, after_seconds, name == "NOTHING_REPORTED")] * times

    def take(self) -> Ending | None:
        with self._lock:
            return self._next.pop(0) if self._next else None
