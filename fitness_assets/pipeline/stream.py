"""Stream mode: every table kept up to date, interval after interval, with the same updates as in batch mode.

Nothing but what batch mode notes is remembered, so the two may follow each other, or be ended, at any instant.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.run import Outcome, bring_up_to_date
from fitness_assets.pipeline.update import SparkProvider
from fitness_assets.pipeline.waiting import LandingWatch, left_behind

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
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def troubles(self) -> list[Outcome]:
        return [one for one in self.outcomes if not one.good or (one.result and one.result.trouble)]


def keep_up_to_date(
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
    watch = LandingWatch(lake)
    while True:
        number += 1
        began = time.monotonic()
        # Without a broker the notes and folders tell whether anything is new, and nothing has to be opened.
        due = lake.settings.kafka is not None or watch.changed() or left_behind(lake)
        outcomes = list(bring_up_to_date(lake, names, spark)) if due else []
        told = [one for one in outcomes if not one.good or (one.result and (one.result.changed or one.result.trouble))]
        interval = Interval(number, time.monotonic() - began, told)
        yield interval
        failures = failures + 1 if interval.troubles else 0
        pause = min(every * 2**failures, _LONGEST_PAUSE_SECONDS) if failures else every
        if stopping(max(pause - (time.monotonic() - began), 0)):
            return
