"""When a sensor may ask for a run. What waits is a state, not an event, so that no trigger can be lost.

While a run that will see to it is queued or going nothing is asked for; afterwards what still waits is asked for
again. Where a run got nothing further, it failed: the next one is asked for later and later.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from threading import Lock

from dagster import AssetKey, DagsterInstance, RunRequest, RunsFilter, SkipReason

from fitness_assets.defs.describe import key_of
from fitness_assets.defs.jobs import STREAM, UPDATE
from fitness_assets.defs.runs import UNFINISHED
from fitness_assets.pipeline.state.pending import downstream

_SEEN_WITHIN_SECONDS = 5.0
_FIRST_PAUSE_SECONDS = 30.0
_LONGEST_PAUSE_SECONDS = 300.0


@dataclass(frozen=True)
class Asked:
    """What a sensor asked for last: it is the sensor's cursor.

    Attributes:
        state: how far what waited was then.
        at: when, epoch seconds.
        times: how often a run was asked for with that state.
    """

    state: str = ""
    at: float = 0.0
    times: int = 0

    @classmethod
    def from_cursor(cls, cursor: str | None) -> "Asked":
        try:
            return cls(**json.loads(cursor or "{}"))
        except (ValueError, TypeError):
            return cls()

    def cursor(self) -> str:
        return json.dumps(asdict(self))

    def pause_left(self, state: str, now: float) -> float:
        """Seconds until the same state may be asked for again."""
        if state != self.state or not self.times:
            return 0.0
        pause = min(_FIRST_PAUSE_SECONDS * 2.0 ** (self.times - 1), _LONGEST_PAUSE_SECONDS)
        return max(self.at + pause - now, 0.0)

    def again(self, state: str, now: float) -> "Asked":
        return Asked(state, now, self.times + 1 if state == self.state else 1)


class _Desk:
    """What any sensor of this process asked for just now: its run is not in the instance yet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._at = float("-inf")

    def first(self) -> bool:
        """Whether nobody else asked in the last seconds; who is first has asked."""
        with self._lock:
            first = time.monotonic() - self._at > _SEEN_WITHIN_SECONDS
            self._at = time.monotonic() if first else self._at
            return first


_desk = _Desk()


def run_going(instance: DagsterInstance) -> str | None:
    """Why no run is to be asked for now: one that brings tables up to date is queued or going."""
    for name in (STREAM, UPDATE):
        found = instance.get_run_records(RunsFilter(job_name=name, statuses=UNFINISHED), limit=1)
        if found:
            run = found[0].dagster_run
            return f"{name} is {run.status.value.lower()} (run {run.run_id[:8]}); what waits is its, or the next one's."
    return None


def ask(asked: Asked, state: str, changed: Iterable[str]) -> tuple[RunRequest | SkipReason, Asked]:
    """One run of the changed tables and all downstream them in the graph, unless it was asked for just now."""
    now = time.time()
    left = asked.pause_left(state, now)
    if left:
        return SkipReason(f"The last run got no further; it is tried again in {left:.0f} s."), asked
    if not _desk.first():
        return SkipReason("The other sensor has just asked for a run; what waits is its, or the next one's."), asked
    keys: list[AssetKey] = [key_of(name) for name in sorted(downstream(set(changed)))]
    return RunRequest(asset_selection=keys), asked.again(state, now)
