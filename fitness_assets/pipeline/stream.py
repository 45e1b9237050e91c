"""Stream mode: every table kept up to date, interval after interval, with the same updates as in batch mode.

Nothing but what batch mode notes is remembered, so the two may follow each other, or be ended, at any instant.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.scheduler import TableOutcome, update_tables
from fitness_assets.pipeline.state.pending import LandingZoneWatcher, stale_tables
from fitness_assets.pipeline.update import SparkProvider

_LONGEST_PAUSE_SECONDS = 60.0


@dataclass(frozen=True)
class Interval:
    """What one interval did.

    Attributes:
        outcomes: of the tables that changed or have trouble.
        seconds: how long it took.
    """

    number: int
    seconds: float
    outcomes: list[TableOutcome] = field(default_factory=list)

    @property
    def troubles(self) -> list[TableOutcome]:
        return [one for one in self.outcomes if not one.good or (one.result and one.result.trouble)]


def stream_updates(
    lake: Lakehouse,
    chosen: Iterable[str],
    spark: SparkProvider,
    every: float,
    stopping: Callable[[float], bool],
) -> Iterator[Interval]:
    """Bring the tables up to date once an interval, and at once where one took longer than that.

    A failure ends nothing: after one the pause grows, up to a minute, until an interval is good again.

    Args:
        every: seconds from the beginning of one interval to the next.
        stopping: waits for so many seconds and says whether to end.
    """
    names, number, failures = list(chosen), 0, 0
    watch = LandingZoneWatcher(lake)
    while True:
        number += 1
        began = time.monotonic()
        # Without a broker the notes and folders tell whether anything is new, and nothing has to be opened.
        due = lake.settings.kafka is not None or watch.changed() or stale_tables(lake)
        outcomes = list(update_tables(lake, names, spark)) if due else []
        told = [one for one in outcomes if not one.good or (one.result and (one.result.changed or one.result.trouble))]
        interval = Interval(number, time.monotonic() - began, told)
        yield interval
        failures = failures + 1 if interval.troubles else 0
        pause = min(every * 2**failures, _LONGEST_PAUSE_SECONDS) if failures else every
        if stopping(max(pause - (time.monotonic() - began), 0)):
            return
