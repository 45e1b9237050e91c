"""Data quality: refused records, freshness of each table, checks, and what waits in Kafka."""

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from fitness_assets.dashboard.lake import Lake
from fitness_assets.dashboard.questions.answer import Answer


@dataclass(frozen=True)
class Refused:
    """Records that a rule refused.

    Attributes:
        total: all that match.
        records: all records of bronze, refused or not, so that a share can be told.
        by_reason: `reason, source_table, records, last` (when the latest was loaded, UTC)`, the most first.
        over_time: `time` (the begin of the hour or day of loading, UTC)`, reason, source_table, records`, in that order.
        step: "hour" where all were loaded within three days, otherwise "day".
    """

    total: int
    records: int
    by_reason: pa.Table
    over_time: pa.Table
    step: str


@dataclass(frozen=True)
class TableState:
    """One table at the moment.

    Attributes:
        description: what it holds, from its contract.
        version: None where it is not there yet.
        changed: when its rows last changed, UTC (compaction and vacuum change none).
        age_seconds: from then until now.
        operation: what the last change was, e.g. MERGE.
        newest: the newest event time in it, UTC, from file statistics; None where it has none.
        waits_for: the sources that changed since the table was brought up to date.
        state: "up to date", "waiting" (a source changed; an update is due), "empty" or "not there".
    """

    table: str
    layer: str
    description: str
    version: int | None
    rows: int
    files: int
    bytes: int
    changed: datetime | None
    age_seconds: float | None
    operation: str | None
    newest: datetime | None
    waits_for: tuple[str, ...]
    state: str


@dataclass(frozen=True)
class Check:
    """One check of one table, as the pipeline last found it.

    Attributes:
        figures: numbers for people: rows looked at, rows that are wrong, sums.
        blocking: whether the tables above wait until it passes.
        checked: when, UTC.
        current: whether it is about the table as it is now; the pipeline checks every table that it changed.
    """

    table: str
    name: str
    passed: bool
    description: str
    figures: tuple[tuple[str, str], ...]
    blocking: bool
    checked: datetime
    current: bool


@dataclass(frozen=True)
class TopicLag:
    """The records of one topic that were not read yet.

    Attributes:
        seconds: for how long some have been waiting, as far as this process has seen.
    """

    topic: str
    records: int
    seconds: float
    partitions: int


@dataclass(frozen=True)
class KafkaState:
    """What waits in Kafka.

    Attributes:
        state: "no broker" (none is set, records come as files), "asking" (no answer yet), "answers", "trouble".
        topics: as of `looked`; kept when the broker is in trouble later.
        looked: when the broker last answered, UTC.
        trouble: what is wrong and what to do, where something is.
    """

    state: str
    broker: str | None
    topics: tuple[TopicLag, ...]
    looked: datetime | None
    trouble: str | None

    @property
    def records(self) -> int:
        return sum(topic.records for topic in self.topics)


def refused(
    lake: Lake,
    since: datetime | None = None,
    until: datetime | None = None,
    reasons: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
) -> Answer[Refused]:
    """Refused records by reason and source over time, of those loaded at or after `since` and before `until` (UTC)."""
    raise NotImplementedError


def refused_records(
    lake: Lake,
    reasons: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    most: int = 100,
    unmasked: bool = False,
) -> Answer[pa.Table]:
    """The latest refused records: `load_time` (UTC)`, reason, source_table, source_file, record`. A masked record keeps its
    shape: every letter is x, every digit 9."""
    raise NotImplementedError


def tables(lake: Lake, now: datetime | None = None) -> tuple[TableState, ...]:
    """The state of every table, sources first. Reads logs and notes alone."""
    raise NotImplementedError


def checks(lake: Lake) -> tuple[Check, ...]:
    """What the pipeline's checks last found, sources first; those that did not pass come first."""
    raise NotImplementedError


def kafka_lag(lake: Lake, patience: float = 0.3) -> KafkaState:
    """How many records of each topic were not read yet.

    The broker is asked in a thread of its own, at most every two seconds; the answer is the latest that is known.

    Args:
        patience: the seconds to wait for a first answer.
    """
    raise NotImplementedError
