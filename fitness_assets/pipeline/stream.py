"""Stream mode: every table kept up to date, interval after interval, with the same updates as in batch mode.

It goes on from the same progress as batch mode, so the two may follow each other, or be ended, at any instant.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.pending import LocalZoneView, pending_tables
from fitness_assets.pipeline.scheduler import TableOutcome, update_tables

_MAX_PAUSE_SECONDS = 60.0


@dataclass(frozen=True)
class Interval:
    """What one interval did.

    Attributes:
        outcomes: of the tables that changed or have a problem.
        seconds: how long it took.
    """

    number: int
    seconds: float
    outcomes: list[TableOutcome] = field(default_factory=list)

    @property
    def problems(self) -> list[TableOutcome]:
        return [outcome for outcome in self.outcomes if outcome.has_problem]


def stream_updates(
    lake: Lakehouse,
    table_names: Iterable[str],
    interval_seconds: float,
    should_stop: Callable[[float], bool],
) -> Iterator[Interval]:
    """Bring the tables up to date once an interval, and at once where one took longer than that.

    A failure ends nothing: after one the pause grows, up to a minute, until an interval is good again.

    Args:
        interval_seconds: from the beginning of one interval to the next.
        should_stop: waits for so many seconds and says whether to end.
    """
    names, number, failures = list(table_names), 0, 0
    view = LocalZoneView(lake, asks_engine=True)
    while True:
        number += 1
        began = time.monotonic()
        # Without a broker progress, logs and folders tell whether anything is new.
        is_due = lake.settings.kafka is not None or pending_tables(view)
        outcomes = list(update_tables(lake, names)) if is_due else []
        notable = [
            outcome for outcome in outcomes if outcome.has_problem or (outcome.result and outcome.result.changed)
        ]
        interval = Interval(number, time.monotonic() - began, notable)
        yield interval
        failures = failures + 1 if interval.problems else 0
        pause = min(interval_seconds * 2**failures, _MAX_PAUSE_SECONDS) if failures else interval_seconds
        if should_stop(max(pause - (time.monotonic() - began), 0)):
            return
