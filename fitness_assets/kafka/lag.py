"""How many records of the topics were not read yet, and for how long: what the lag sensor looks at."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.kafka.cluster import Cluster, PartitionOffsets, Topic
from fitness_assets.settings import KafkaSettings

_REPORT_INTERVAL_SECONDS = 60.0


@dataclass(frozen=True)
class TopicLag:
    """The unread records of one topic.

    Attributes:
        records: how many there are.
        age_seconds: for how long some have been waiting, as far as we have seen; 0 where there are none.
        end_offset: the end offsets of the partitions, summed: how many records there ever were.
        committed_offset: the offsets that were read up to, summed.
        partitions: how many partitions the topic has.
    """

    topic: str
    records: int
    age_seconds: float
    end_offset: int
    committed_offset: int
    partitions: int

    def __str__(self) -> str:
        return f"{self.topic} {self.records:,} unread" + (f" for {self.age_seconds:.0f} s" if self.records else "")


@dataclass(frozen=True)
class _Report:
    """What was last recorded of a topic, and when."""

    at: float = -_REPORT_INTERVAL_SECONDS
    records: int = -1
    end_offset: int = -1


class LagMonitor:
    """Measures the lag again and again, and remembers since when each topic has had some."""

    def __init__(self, cluster: Cluster, settings: KafkaSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._cluster = cluster
        self._settings = settings
        self._clock = clock
        self._lagging_since: dict[str, float] = {}
        self._last_reports: dict[str, _Report] = {}

    def measure(self) -> list[TopicLag]:
        """The lag of every topic that is there.

        Raises:
            KafkaError: the broker does not answer.
        """
        topics = self._cluster.describe_topics(TOPICS)
        committed = self._cluster.committed(topics.values())
        now = self._clock()
        return [self._topic_lag(topic, committed, now) for topic in topics.values()]

    def exceeding_offsets(self, lags: Sequence[TopicLag]) -> str:
        """Where a threshold is exceeded, how far the topics are read by now; otherwise nothing."""
        too_many = sum(lag.records for lag in lags) >= self._settings.lag_records
        too_old = any(lag.records and lag.age_seconds >= self._settings.lag_seconds for lag in lags)
        return ";".join(f"{lag.topic}={lag.committed_offset}" for lag in lags) if too_many or too_old else ""

    def lags_to_report(self, lags: Sequence[TopicLag]) -> list[TopicLag]:
        """The topics whose lag is to be recorded: what changed, and at most once a minute each."""
        due = []
        for lag in lags:
            last, now = self._last_reports.get(lag.topic, _Report()), self._clock()
            has_changed = (last.records, last.end_offset) != (lag.records, lag.end_offset)
            if has_changed and now - last.at >= _REPORT_INTERVAL_SECONDS:
                self._last_reports[lag.topic] = _Report(now, lag.records, lag.end_offset)
                due.append(lag)
        return due

    def _topic_lag(self, topic: Topic, committed: PartitionOffsets, now: float) -> TopicLag:
        offsets = {number: committed.get((topic.name, number), 0) for number in topic.partitions}
        records = sum(
            max(watermarks.high - max(offsets[number], watermarks.low), 0)
            for number, watermarks in topic.partitions.items()
        )
        if not records:
            self._lagging_since.pop(topic.name, None)
        since = self._lagging_since.setdefault(topic.name, now) if records else now
        return TopicLag(
            topic=topic.name,
            records=records,
            age_seconds=now - since,
            end_offset=sum(watermarks.high for watermarks in topic.partitions.values()),
            committed_offset=sum(offsets.values()),
            partitions=len(topic.partitions),
        )
