"""How far the topics are read, what is to be read next, and what was missed. Pure: nothing here talks to a broker.

What we read up to is the truth of our own; what the broker holds now is compared with it. A topic made anew, a log
cut short, records that retention took before we read them: each leads to a `Gap`, so that nothing is skipped in
silence, and reading goes on with what is there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from fitness_assets.kafka.cluster import PartitionOffsets, Topic

EXPIRED, RECREATED, TRUNCATED = "aged out", "topic made anew", "log cut short"
_NULL_TOPIC_ID = "AAAAAAAAAAAAAAAAAAAAAA"
"""The id that brokers give which know none."""


@dataclass(frozen=True)
class Gap:
    """Records that the broker no longer had when we came to read them.

    Attributes:
        reason: `EXPIRED`, `RECREATED` or `TRUNCATED`.
        start: the offset from which on they are missing.
        end: the offset up to which; None where nobody can tell.
    """

    topic: str
    partition: int
    reason: str
    start: int
    end: int | None

    def __str__(self) -> str:
        until = "on, how many is not known" if self.end is None else f"to {self.end - 1} ({self.end - self.start:,})"
        return f"{self.topic}/{self.partition}: {self.reason}, records from offset {self.start} {until}"


@dataclass(frozen=True)
class OffsetRange:
    """Records to read: from offset `start` up to, and without, `end`."""

    topic: str
    topic_id: str
    partition: int
    start: int
    end: int

    @property
    def record_count(self) -> int:
        return self.end - self.start


@dataclass(frozen=True)
class TopicOffsets:
    """How far one topic, of this id, is read: the next offset of each partition."""

    topic_id: str
    next_offsets: Mapping[int, int]


@dataclass(frozen=True)
class ConsumedOffsets:
    """How far all topics are read, and every gap there ever was."""

    topics: Mapping[str, TopicOffsets] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()

    @property
    def by_partition(self) -> PartitionOffsets:
        return {
            (name, partition): offset
            for name, topic in self.topics.items()
            for partition, offset in topic.next_offsets.items()
        }

    def after(self, ranges: list[OffsetRange]) -> "ConsumedOffsets":
        """How far the topics are read once these ranges are read too."""
        topics = dict(self.topics)
        for range_ in ranges:
            before = topics.get(range_.topic)
            next_offsets = before.next_offsets if before and before.topic_id == range_.topic_id else {}
            topics[range_.topic] = TopicOffsets(range_.topic_id, {**next_offsets, range_.partition: range_.end})
        return replace(self, topics=topics)

    def as_json(self) -> dict[str, Any]:
        return {
            "topics": {
                name: {
                    "topic_id": topic.topic_id,
                    "next_offsets": {str(partition): offset for partition, offset in topic.next_offsets.items()},
                }
                for name, topic in self.topics.items()
            },
            "gaps": [asdict(gap) for gap in self.gaps],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "ConsumedOffsets":
        topics = {
            name: TopicOffsets(
                topic["topic_id"],
                {int(partition): int(offset) for partition, offset in topic["next_offsets"].items()},
            )
            for name, topic in document["topics"].items()
        }
        return cls(topics, tuple(Gap(**gap) for gap in document["gaps"]))


@dataclass(frozen=True)
class ReadPlan:
    """What is to be read now.

    Attributes:
        consumed: how far the topics are read, with the gaps found now; each range begins there.
        missing_topics: topics that were read before and that the broker does not have now.
    """

    consumed: ConsumedOffsets
    ranges: list[OffsetRange]
    new_gaps: tuple[Gap, ...]
    missing_topics: tuple[str, ...]


def plan_reads(consumed: ConsumedOffsets, topics: Mapping[str, Topic]) -> ReadPlan:
    """Compare how far we are with what the broker holds."""
    ranges: list[OffsetRange] = []
    gaps: list[Gap] = []
    for topic in topics.values():
        before = consumed.topics.get(topic.name)
        for partition, watermarks in topic.partitions.items():
            gap, start = _next_offset(topic, partition, before)
            gaps += [gap] if gap else []
            ranges.append(
                OffsetRange(
                    topic=topic.name,
                    topic_id=topic.id,
                    partition=partition,
                    start=start,
                    end=max(watermarks.high, start),
                )
            )
    starts = [replace(range_, end=range_.start) for range_ in ranges]
    return ReadPlan(
        consumed=replace(consumed, gaps=(*consumed.gaps, *gaps)).after(starts),
        ranges=[range_ for range_ in ranges if range_.record_count],
        new_gaps=tuple(gaps),
        missing_topics=tuple(sorted(set(consumed.topics) - set(topics))),
    )


def _next_offset(topic: Topic, partition: int, before: TopicOffsets | None) -> tuple[Gap | None, int]:
    """Where reading a partition goes on, and the gap before it, if there is one."""
    watermarks = topic.partitions[partition]
    if before is None:
        return None, watermarks.low
    offset = before.next_offsets.get(partition, 0)
    if before.topic_id != topic.id or (topic.id == _NULL_TOPIC_ID and offset > watermarks.high):
        was_read = partition in before.next_offsets
        return (_gap(topic, partition, RECREATED, offset, None) if was_read else None), watermarks.low
    if offset > watermarks.high:
        return _gap(topic, partition, TRUNCATED, watermarks.high, offset), watermarks.high
    if offset < watermarks.low:
        return _gap(topic, partition, EXPIRED, offset, watermarks.low), watermarks.low
    return None, offset


def _gap(topic: Topic, partition: int, reason: str, start: int, end: int | None) -> Gap:
    return Gap(topic=topic.name, partition=partition, reason=reason, start=start, end=end)


def split_into_batches(ranges: list[OffsetRange], max_records: int) -> Iterator[list[OffsetRange]]:
    """The ranges in batches of at most about so many records, every partition moving on in each."""
    remaining = [range_ for range_ in ranges if range_.record_count]
    while remaining:
        total = sum(range_.record_count for range_ in remaining)
        share = min(max_records / total, 1.0)
        batch = [replace(range_, end=range_.start + max(int(range_.record_count * share), 1)) for range_ in remaining]
        yield batch
        remaining = [
            replace(range_, start=part.end)
            for range_, part in zip(remaining, batch, strict=True)
            if part.end < range_.end
        ]
