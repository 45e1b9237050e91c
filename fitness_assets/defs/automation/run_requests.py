"""When a sensor may ask for a run. What waits is a state, not an event, so that no trigger can be lost.

While a run that will see to it is queued or going nothing is asked for; afterwards what still waits is asked for
again. Where a run got nothing further, it failed: the next one is asked for later and later.
"""

import json
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from dagster import AssetKey, AssetObservation, RunRequest, SensorEvaluationContext, SensorResult, SkipReason

from fitness_assets.contracts.lineage import downstream
from fitness_assets.defs.asset_keys import table_asset_key
from fitness_assets.resources.debouncer import RunRequestDebouncer

FIRST_BACKOFF_SECONDS = 30.0
_LONGEST_BACKOFF_SECONDS = 300.0


@dataclass(frozen=True)
class LastRequest:
    """The run that a sensor asked for last: it is the sensor's cursor.

    Attributes:
        state: how far what waited was then.
        at: when, epoch seconds.
        attempts: how often a run was asked for with that state.
    """

    state: str = ""
    at: float = 0.0
    attempts: int = 0

    @classmethod
    def from_cursor(cls, cursor: str | None) -> "LastRequest":
        try:
            return cls(**json.loads(cursor or "{}"))
        except (ValueError, TypeError):
            return cls()

    def to_cursor(self) -> str:
        return json.dumps(asdict(self))

    def backoff_left(self, state: str, now: float) -> float:
        """Seconds until a run may be asked for again with the same state."""
        if state != self.state or not self.attempts:
            return 0.0
        backoff = min(FIRST_BACKOFF_SECONDS * 2.0 ** (self.attempts - 1), _LONGEST_BACKOFF_SECONDS)
        # A clock that was set back says nothing of how long ago it was.
        return max(self.at + backoff - now, 0.0) if now >= self.at else 0.0

    def followed_by(self, state: str, now: float) -> "LastRequest":
        """The request that is made now, after this one."""
        return LastRequest(state, now, self.attempts + 1 if state == self.state else 1)


def request_run(
    context: SensorEvaluationContext, debouncer: RunRequestDebouncer, state: str, changed_tables: Collection[str]
) -> SensorResult | SkipReason:
    """One run of the changed tables and all downstream them in the graph, unless it was asked for just now.

    Args:
        state: how far what waits is; a text that is another one after any update that did something.
    """
    now, last_request = time.time(), LastRequest.from_cursor(context.cursor)
    backoff_left = last_request.backoff_left(state, now)
    if backoff_left:
        return SkipReason(f"The last run got no further; it is tried again in {backoff_left:.0f} s.")
    if not debouncer.admits():
        return SkipReason("The other sensor has just asked for a run; what waits is its, or the next one's.")
    keys: list[AssetKey] = [table_asset_key(table_name) for table_name in sorted(downstream(set(changed_tables)))]
    cursor = last_request.followed_by(state, now).to_cursor()
    return SensorResult(run_requests=[RunRequest(asset_selection=keys)], cursor=cursor)


def with_observations(
    result: SensorResult | SkipReason, observations: Sequence[AssetObservation]
) -> SensorResult | SkipReason:
    """The same result of a tick, which also records the observations."""
    if not observations:
        return result
    if isinstance(result, SkipReason):
        return SensorResult(skip_reason=result, asset_events=observations)
    return SensorResult(run_requests=result.run_requests, cursor=result.cursor, asset_events=observations)
