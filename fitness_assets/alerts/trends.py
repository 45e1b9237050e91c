"""What rules need of the past: since when a source has brought nothing, how many records were refused lately, and since
when the oldest unread record of a topic waits. It is the same whichever process looks."""

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
class EndOffset:
    """How many records a topic had at an instant (UTC)."""

    at: datetime
    end_offset: int


@dataclass(frozen=True)
class Trends:
    """What was seen before.

    Attributes:
        samples: of the window, oldest first.
        last_records: by source.
        unread: by topic, its ends that were seen and are not read yet, the oldest first.
        last_look: when somebody last looked, UTC.
        watched_since: since when somebody looks again and again, UTC.
    """

    samples: tuple[Sample, ...] = ()
    last_records: dict[str, LastRecord] = field(default_factory=dict)
    unread: dict[str, tuple[EndOffset, ...]] = field(default_factory=dict)
    last_look: datetime | None = None
    watched_since: datetime | None = None

    def with_facts(self, facts: Facts, window: timedelta) -> "Trends":
        """The same with what is seen now, and without what is older than the window."""
        last_records = dict(self.last_records)
        for records in facts.records:
            before = last_records.get(records.source)
            # Fewer than before were taken out, which is no sign of life.
            is_arrival = before is None or before.count < records.count
            at = facts.at if before else records.changed_at or facts.at
            last_records[records.source] = LastRecord(records.count, at if is_arrival or before is None else before.at)
        is_watched = self.last_look is not None and facts.at - self.last_look < _UNWATCHED
        return Trends(
            samples=self._samples(facts, window),
            last_records=last_records,
            unread=self._unread(facts),
            last_look=facts.at,
            watched_since=self.watched_since if is_watched else facts.at,
        )

    def arrivals(self) -> Iterator[tuple[datetime, int, int]]:
        """For each sample of the window, the oldest first: its instant, and how many records were loaded since then and
        how many of them refused."""
        for sample in self.samples[:-1]:
            last = self.samples[-1]
            refused = last.refused - sample.refused
            # Records may have been taken out meanwhile; at least those that were refused came.
            yield sample.at, max(last.loaded - sample.loaded, refused), refused

    def waiting_seconds(self, topic: str) -> float:
        """For how long the oldest unread record of a topic has been waiting, as far as somebody looked."""
        ends = self.unread.get(topic, ())
        return (self.last_look - ends[0].at).total_seconds() if ends and self.last_look else 0.0

    def _unread(self, facts: Facts) -> dict[str, tuple[EndOffset, ...]]:
        if facts.broker_problem:
            return self.unread
        unread = {}
        for backlog in facts.backlogs:
            ends = (*self.unread.get(backlog.topic, ()), EndOffset(facts.at, backlog.end_offset))
            # A topic that was made anew begins again.
            left = [end for end in ends if backlog.read_offset < end.end_offset <= backlog.end_offset]
            # The oldest says for how long; of the others every second one will do.
            unread[backlog.topic] = tuple(left if len(left) <= _SAMPLES else [*left[::2], left[-1]])
        return unread

    def _samples(self, facts: Facts, window: timedelta) -> tuple[Sample, ...]:
        if facts.loaded is None or facts.refused is None:
            return self.samples
        now = Sample(facts.at, facts.loaded, facts.refused)
        if not self.samples:
            # Whoever looks for the first time does not know what came when: all of it counts as of now.
            return (Sample(facts.at - window, 0, 0), now)
        if self.samples and now.refused < self.samples[-1].refused:
            return (now,)  # judged again: the difference to before says nothing of what came
        older = [sample for sample in self.samples if facts.at - window >= sample.at]
        kept = [*older[-1:], *(sample for sample in self.samples if sample.at > facts.at - window)]
        if len(kept) > 1 and kept[-1].at - kept[-2].at < window / _SAMPLES:
            kept.pop()
        return (*kept, now)
