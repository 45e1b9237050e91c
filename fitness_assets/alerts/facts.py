"""What the rules look at: how runs, checks, tables, sources and automation stand at one instant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class FailedRun:
    """A job whose latest finished run failed.

    Attributes:
        message: the first lines of why.
    """

    job: str
    run_id: str
    message: str


@dataclass(frozen=True)
class FailedCheck:
    """A check that did not pass when it was last made."""

    table: str
    check: str
    description: str
    is_blocking: bool


@dataclass(frozen=True)
class StaleTable:
    """A table whose last materialization is older than its freshness policy allows.

    Attributes:
        materialized_at: UTC; None where it never was.
    """

    table: str
    materialized_at: datetime | None


@dataclass(frozen=True)
class Backlog:
    """The unread records of a topic.

    Attributes:
        read_offset: how far the topic is read, its partitions summed.
        end_offset: how many records there ever were.
    """

    topic: str
    records: int
    read_offset: int
    end_offset: int


@dataclass(frozen=True)
class Records:
    """How many records a topic or a landing folder ever brought.

    Attributes:
        changed_at: when the last of them came, where that is known otherwise than from this number, UTC.
    """

    source: str
    count: int
    changed_at: datetime | None = None


@dataclass(frozen=True)
class Automation:
    """A sensor, a schedule or a daemon that is on.

    Attributes:
        last_tick: when it last looked, UTC; None where it never did.
        interval_seconds: how often it is to look.
        failures: how many of its latest ticks failed, one after the other.
        problem: why the latest one failed.
    """

    name: str
    last_tick: datetime | None
    interval_seconds: float
    failures: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Facts:
    """How all stands at one instant.

    Attributes:
        at: the instant, UTC.
        records: what each source ever brought.
        loaded: how many records were ever loaded, those that were refused among them; None where nobody knows.
        refused: how many are in quarantine.
        watched_from: since when whoever looks could have seen the automation look, UTC: it was started no earlier.
        broker_problem: why the broker could not be asked; what it would have said is then unknown.
        receiver_problems: by receiver, why it could not be told for some time.
        unknown_rules: the names of rules whose facts could not be had: their alerts neither begin nor end.
    """

    at: datetime
    failed_runs: tuple[FailedRun, ...] = ()
    failed_checks: tuple[FailedCheck, ...] = ()
    stale_tables: tuple[StaleTable, ...] = ()
    backlogs: tuple[Backlog, ...] = ()
    records: tuple[Records, ...] = ()
    automations: tuple[Automation, ...] = ()
    loaded: int | None = None
    refused: int | None = None
    watched_from: datetime | None = None
    broker_problem: str = ""
    receiver_problems: Mapping[str, str] = field(default_factory=dict)
    unknown_rules: frozenset[str] = frozenset()
