"""How many records of the topics were not read yet, and for how long: what the lag sensor looks at."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.kafka.settings import KafkaSettings

_TELL_AGAIN_SECONDS = 60.0


@dataclass(frozen=True)
class TopicLag:
    """The unread records of one topic.

    Attributes:
        seconds: for how long some have been waiting, as far as we have seen; 0 where there are none.
        end: the end offsets of the partitions, summed: how many records there ever were.
        read: the offsets that were read up to, summed.
    """

    topic: str
    records: int
    seconds: float
    end: int
    read: int
    partitions: int

    def __str__(self) -> str:
        return f"{self.topic} {self.records:,} unread" + (f" for {self.seconds:.0f} s" if self.records else "")


class LagWatch:
    """Looks at the lag again and again, and remembers since when each topic has had some."""

    def __init__(self, cluster: Cluster, settings: KafkaSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._cluster = cluster
        self._settings = settings
        self._clock = clock
        self._since: dict[str, float] = {}
        self._told: dict[str, tuple[float, int, int]] = {}

    def look(self) -> list[TopicLag]:
        """The lag of every topic that is there.

        Raises:
            KafkaError: the broker does not answer.
        """
        topics = self._cluster.topics(TOPICS)
        committed = self._cluster.committed(topics.values())
        now, found = self._clock(), []
        for topic in topics.values():
            held = topic.partitions
            records = sum(
                max(held[number].end - max(committed.get((topic.name, number), 0), held[number].first), 0)
                for number in held
            )
            if not records:
                self._since.pop(topic.name, None)
            since = self._since.setdefault(topic.name, now) if records else now
            end = sum(one.end for one in held.values())
            read = sum(committed.get((topic.name, number), 0) for number in held)
            found.append(TopicLag(topic.name, records, now - since, end, read, len(held)))
        return found

    def over(self, lags: Sequence[TopicLag]) -> str:
        """Where a threshold is passed, how far the topics were read then; otherwise nothing."""
        most = sum(lag.records for lag in lags) >= self._settings.lag_records
        old = any(lag.records and lag.seconds >= self._settings.lag_seconds for lag in lags)
        return ";".join(f"{lag.topic}={lag.read}" for lag in lags) if most or old else ""

    def worth_telling(self, lags: Sequence[TopicLag]) -> list[TopicLag]:
        """The topics whose lag is to be recorded: what changed, and at most once a minute each."""
        found = []
        for lag in lags:
            at, records, end = self._told.get(lag.topic, (-_TELL_AGAIN_SECONDS, -1, -1))
            if self._clock() - at >= _TELL_AGAIN_SECONDS and (records, end) != (lag.records, lag.end):
                self._told[lag.topic] = (self._clock(), lag.records, lag.end)
                found.append(lag)
        return found
