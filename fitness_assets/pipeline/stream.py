"""Stream mode: every table kept up to date, each as soon as one of its sources changed, by the updates of batch mode.

No table waits for one that it is not made from: while gold takes over one change, bronze reads the next. Nothing but
what batch mode notes is remembered, so the two may follow each other, or be ended, at any instant.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from fitness_assets.contracts.catalog import table as contract
from fitness_assets.contracts.landing import KAFKA_RECORDS
from fitness_assets.contracts.model import Kind
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.run import AT_ONCE, Engine, Outcome, all_below, outcome
from fitness_assets.pipeline.update import SparkProvider
from fitness_assets.pipeline.waiting import LandingWatch

_LONGEST_PAUSE_SECONDS = 60.0
_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Interval:
    """What was done since the interval before.

    Attributes:
        outcomes: of the tables that changed or have trouble.
    """

    number: int
    seconds: float
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def troubles(self) -> list[Outcome]:
        return [one for one in self.outcomes if _troubled(one)]


def keep_up_to_date(
    lake: Lakehouse,
    chosen: Iterable[str],
    spark: SparkProvider,
    every: float,
    stopping: Callable[[float], bool],
) -> Iterator[Interval]:
    """Keep the tables up to date, and tell what was done about once an interval.

    A failure ends nothing: the table is tried again after a pause that grows, up to a minute; the tables above it
    wait for it.

    Args:
        every: seconds from one look at folders and topics to the next.
        stopping: is asked whenever nothing is going on; waits for so many seconds and says whether to end.
    """
    flow = _Flow(lake, list(chosen), spark, every)
    number, began = 0, time.monotonic()
    done: list[Outcome] = []
    try:
        while True:
            flow.start_what_is_due()
            done += flow.finished()
            idle = not flow.running
            if idle or time.monotonic() - began >= every:
                number += 1
                yield Interval(number, time.monotonic() - began, [one for one in done if _news(one)])
                began, done = time.monotonic(), []
                if idle and stopping(every):
                    return
    finally:
        flow.end()


class _Flow:
    """Which tables are being updated, which are due, and which must wait.

    At first each waits until all that it is made from were brought up to date once, as in batch mode.
    """

    def __init__(self, lake: Lakehouse, names: list[str], spark: SparkProvider, every: float) -> None:
        self.running: dict[Future[Outcome], str] = {}
        self._lake = lake
        self._names = names
        self._every = every
        self._engine = Engine(spark)
        self._watch = LandingWatch(lake)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="stream")
        self._below = {name: all_below(name) & set(names) for name in names}
        self._good: set[str] = set()
        self._used: dict[str, tuple[object, ...]] = {}
        self._not_before: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    def start_what_is_due(self) -> None:
        changed: set[str] | None = None
        for name in self._names:
            if name in self.running.values() or time.monotonic() < self._not_before.get(name, 0.0):
                continue
            if self._failures.keys() & self._below[name] or not self._below[name] <= self._good:
                continue
            table = contract(name)
            if table.kind is Kind.LANDED:
                changed = self._watch.changed() if changed is None else changed
                topics = name == KAFKA_RECORDS.table and self._lake.settings.kafka is not None
                due = topics or name in changed or name not in self._used
                self._used.setdefault(name, ())
                self._not_before[name] = time.monotonic() + self._every
            else:
                latest = self._sources_now(name)
                due = self._used.get(name) != latest
                self._used[name] = latest
            if due:
                self.running[self._pool.submit(outcome, self._lake, table, self._engine, False)] = name

    def finished(self) -> list[Outcome]:
        """The outcomes that are there, after a moment's wait for one."""
        if not self.running:
            return []
        done, _ = wait(self.running, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
        return [self._finish(self.running.pop(future), future.result()) for future in done]

    def end(self) -> None:
        if self.running:
            self._engine.interrupt()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _finish(self, name: str, found: Outcome) -> Outcome:
        if not _troubled(found):
            self._failures.pop(name, None)
            self._good.add(name)
            return found
        failures = self._failures.get(name, 0) + 1
        pause = min(self._every * 2.0**failures, _LONGEST_PAUSE_SECONDS)
        self._not_before[name] = time.monotonic() + pause
        self._used.pop(name, None)
        if found.good:
            # Only its source is in trouble: the tables above may use what it has.
            self._failures.pop(name, None)
            self._good.add(name)
        else:
            self._failures[name] = failures
        return found

    def _sources_now(self, name: str) -> tuple[object, ...]:
        table = contract(name)
        day = self._lake.settings.as_of if table.daily else None
        return (day, *(self._lake.log(contract(source.table)).latest_number() for source in table.sources))


def _troubled(one: Outcome) -> bool:
    return not one.good or bool(one.result and one.result.trouble)


def _news(one: Outcome) -> bool:
    return _troubled(one) or bool(one.result and one.result.changed)
