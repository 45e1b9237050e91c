"""What rules need of the past: since when a source has brought nothing, and how many records were refused lately."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fitness_assets.alerts.facts import Facts

_SAMPLES = 60
"""A window is cut into so many samples, however often somebody looks."""
_UNWATCHED = timedelta(hours=1)
"""If nobody looked for so long all was off, on purpose or not; what is silent then is silent from now on."""


@dataclass(frozen=True)
class Sample:
    """How many records there were at an instant (UTC)."""

    at: datetime
    loaded: int
    refused: int


@dataclass(frozen=True)
class LastRecord:
    """How many records a source had brought, and when that number was first seen (UTC)."""

    count: int
    at: datetime


@dataclass(frozen=True)
class Trends:
    """What was seen before.

    Attributes:
        samples: of the window, oldest first.
        last_records: by source.
        last_look: when somebody last looked, UTC.
        watched_since: since when somebody looks again and again, UTC.
    """

    samples: tuple[Sample, ...] = ()
    last_records: dict[str, LastRecord] = field(default_factory=dict)
    last_look: datetime | None = None
    watched_since: datetime | None = None

    def with_facts(self, facts: Facts, window: timedelta) -> "Trends":
        """The same with what is seen now, and without what is older than the window."""
        last_records = dict(self.last_records)
        for records in facts.records:
            before = last_records.get(records.source)
            if before is None or before.count != records.count:
                at = records.changed_at if before is None and records.changed_at else facts.at
                last_records[records.source] = LastRecord(records.count, at)
        is_watched = self.last_look is not None and facts.at - self.last_look < _UNWATCHED
        return Trends(
            samples=self._samples(facts, window),
            last_records=last_records,
            last_look=facts.at,
            watched_since=self.watched_since if is_watched else facts.at,
        )

    def arrivals(self) -> Iterator[tuple[datetime, int, int]]:
        """For each sample of the window, the oldest first: its instant, and how many records were loaded since then and
        how many of them refused."""
        for sample in self.samples[:-1]:
            last = self.samples[-1]
            yield sample.at, last.loaded - sample.loaded, last.refused - sample.refused

    def _samples(self, facts: Facts, window: timedelta) -> tuple[Sample, ...]:
        if facts.loaded is None or facts.refused is None:
            return self.samples
        now = Sample(facts.at, facts.loaded, facts.refused)
        if not self.samples:
            # Whoever looks for the first time does not know what came when: all of it counts as of now.
            return (Sample(facts.at - window, 0, 0), now)
        if self.samples and (now.loaded < self.samples[-1].loaded or now.refused < self.samples[-1].refused):
            return (now,)  # made anew, or judged again: the difference to before says nothing of what came
        older = [sample for sample in self.samples if facts.at - window >= sample.at]
        kept = [*older[-1:], *(sample for sample in self.samples if sample.at > facts.at - window)]
        if len(kept) > 1 and kept[-1].at - kept[-2].at < window / _SAMPLES:
            kept.pop()
        return (*kept, now)
