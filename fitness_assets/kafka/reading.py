"""How far the topics are read, what is due next, and what was missed. Pure: nothing here talks to a broker.

What we read up to is the truth of our own; what the broker holds now is compared with it. A topic made anew, a log
cut short, records that retention took before we read them: each leads to a `Gap`, so that nothing is skipped in
silence, and reading goes on with what is there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from fitness_assets.kafka.cluster import Offsets, Topic

AGED_OUT, RECREATED, CUT_SHORT = "aged out", "topic made anew", "log cut short"
_NO_ID = "AAAAAAAAAAAAAAAAAAAAAA"
"""The id that brokers give which know none."""


@dataclass(frozen=True)
class Gap:
    """Records that the broker no longer had when we came to read them.

    Attributes:
        first: the offset from which on they are missing.
        end: the offset up to which; None where nobody can tell.
    """

    topic: str
    partition: int
    why: str
    first: int
    end: int | None

    def __str__(self) -> str:
        until = "on, how many is not known" if self.end is None else f"to {self.end - 1} ({self.end - self.first:,})"
        return f"{self.topic}/{self.partition}: {self.why}, records from offset {self.first} {until}"


@dataclass(frozen=True)
class Range:
    """Records to read: from `begin` up to, and without, `end`."""

    topic: str
    topic_id: str
    partition: int
    begin: int
    end: int

    @property
    def records(self) -> int:
        return self.end - self.begin


@dataclass(frozen=True)
class Read:
    """How far one topic, of this id, is read: the next offset of each partition."""

    id: str
    next: Mapping[int, int]


@dataclass(frozen=True)
class Position:
    """How far all topics are read, and every gap there ever was."""

    topics: Mapping[str, Read] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()

    @property
    def offsets(self) -> Offsets:
        return {(name, number): at for name, read in self.topics.items() for number, at in read.next.items()}

    def after(self, ranges: list[Range]) -> "Position":
        """The position once these ranges are read too."""
        topics = {name: Read(read.id, dict(read.next)) for name, read in self.topics.items()}
        for one in ranges:
            read = topics.get(one.topic)
            known = read.next if read and read.id == one.topic_id else {}
            topics[one.topic] = Read(one.topic_id, {**known, one.partition: one.end})
        return replace(self, topics=topics)

    def as_json(self) -> dict[str, Any]:
        return {
            "topics": {
                name: {"id": read.id, "next": {str(number): at for number, at in read.next.items()}}
                for name, read in self.topics.items()
            },
            "gaps": [asdict(gap) for gap in self.gaps],
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Position":
        topics = {
            name: Read(read["id"], {int(number): int(at) for number, at in read["next"].items()})
            for name, read in found["topics"].items()
        }
        return cls(topics, tuple(Gap(**gap) for gap in found["gaps"]))


@dataclass(frozen=True)
class Due:
    """What is to be read now.

    Attributes:
        position: where reading stands, with the gaps found now; each range begins there.
        gone: topics that were read before and that the broker does not have now.
    """

    position: Position
    ranges: list[Range]
    new_gaps: tuple[Gap, ...]
    gone: tuple[str, ...]

    @property
    def records(self) -> int:
        return sum(one.records for one in self.ranges)


def due(position: Position, topics: Mapping[str, Topic]) -> Due:
    """Compare how far we are with what the broker holds."""
    begins: list[Range] = []
    gaps: list[Gap] = []
    for topic in topics.values():
        read = position.topics.get(topic.name)
        for number, held in topic.partitions.items():
            gap, begin = _begin(topic, number, read)
            gaps += [gap] if gap else []
            begins.append(Range(topic.name, topic.id, number, begin, max(held.end, begin)))
    standing = replace(position, gaps=(*position.gaps, *gaps)).after([replace(one, end=one.begin) for one in begins])
    ranges = [one for one in begins if one.records]
    return Due(standing, ranges, tuple(gaps), tuple(sorted(set(position.topics) - set(topics))))


def _begin(topic: Topic, number: int, read: Read | None) -> tuple[Gap | None, int]:
    """Where reading a partition goes on, and the gap before it, if there is one."""
    held = topic.partitions[number]
    if read is None:
        return None, held.first
    at = read.next.get(number, 0)
    if read.id != topic.id or (topic.id == _NO_ID and at > held.end):
        return (Gap(topic.name, number, RECREATED, at, None) if number in read.next else None), held.first
    if at > held.end:
        return Gap(topic.name, number, CUT_SHORT, held.end, at), held.end
    if at < held.first:
        return Gap(topic.name, number, AGED_OUT, at, held.first), held.first
    return None, at


def batches(ranges: list[Range], most: int) -> Iterator[list[Range]]:
    """The ranges in batches of at most about so many records, every partition moving on in each."""
    left = [one for one in ranges if one.records]
    while left:
        total = sum(one.records for one in left)
        share = min(most / total, 1.0)
        batch = [replace(one, end=one.begin + max(int(one.records * share), 1)) for one in left]
        yield batch
        left = [replace(one, begin=now.end) for one, now in zip(left, batch, strict=True) if now.end < one.end]
