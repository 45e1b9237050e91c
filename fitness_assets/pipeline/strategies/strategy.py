"""What every strategy of updating a table can do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, Literal, Protocol, TypeVar

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import Lakehouse, RowCounts, TableScan
from fitness_assets.pipeline.result import CheckResult
from fitness_assets.pipeline.state.progress import Progress, ProgressStore

PlanT = TypeVar("PlanT")
Mode = Literal["unchanged", "incremental", "full"]


@dataclass(frozen=True)
class StrategyResult:
    """What one strategy did to a table.

    Attributes:
        progress: how far the table is afterwards.
        reason: why the table was computed whole; empty otherwise.
        read: records or changed source rows that were read.
        problem: a source that could not be read; the table is right without what is still there.
        warnings: what people should know of this update.
        left_alone: what lies in the landing zone and is not read, by name, and why.
    """

    progress: Progress
    mode: Mode = "unchanged"
    reason: str = ""
    counts: RowCounts = field(default_factory=RowCounts)
    read: int = 0
    problem: str = ""
    warnings: tuple[str, ...] = ()
    left_alone: Mapping[str, str] = field(default_factory=dict)

    def followed_by(self, later: "StrategyResult") -> "StrategyResult":
        """What both did together."""
        order: tuple[Mode, ...] = ("unchanged", "incremental", "full")
        counts = RowCounts(
            self.counts.inserted + later.counts.inserted,
            self.counts.updated + later.counts.updated,
            self.counts.deleted + later.counts.deleted,
        )
        return replace(
            later,
            mode=max(self.mode, later.mode, key=order.index),
            reason=self.reason or later.reason,
            counts=counts,
            read=self.read + later.read,
            problem=self.problem or later.problem,
            warnings=(*self.warnings, *later.warnings),
            left_alone={**self.left_alone, **later.left_alone},
        )


class ZoneView(Protocol):
    """What is known of the zones without an engine: here from folders, of a workspace from its volumes."""

    def progress(self, table: Table) -> Progress | None:
        """How far a table is."""

    def latest_version(self, table: Table) -> int:
        """The number of a table's latest version as far as it is known, -1 where there is none."""

    def fingerprint(self, feed: FileFeed) -> str:
        """What the complete files of a feed are, as a text that changes with them; `0-` begins that of no files."""

    def has_new_files(self, table: Table, feed: FileFeed) -> bool:
        """Whether complete files landed, or were replaced, that the table was not loaded from."""


class Strategy(ABC, Generic[PlanT]):
    """How a table is updated: prepare, plan, run.

    Where tables are folders `prepare` and `plan` start no engine. A strategy that is killed at any instant is run again
    and ends with the same table.
    """

    SUMMARY: str
    """How its tables come about, in half a sentence."""
    DESCRIPTION: str
    """The same for a colleague who sees such a table for the first time."""
    is_keyed: bool = False
    """Whether a table has one row a key, and event times of its own."""
    warning_checks: frozenset[str] = frozenset()
    """Those of its checks for which the tables downstream need not wait."""
    reflects_versions: bool = False
    """Whether a table's progress says which versions of its sources it reflects."""
    runs_last: bool = False
    """Whether its tables are updated after all others."""

    def __init__(self, lake: Lakehouse, table: Table, store: ProgressStore) -> None:
        self.lake = lake
        self.table = table
        self.store = store

    @abstractmethod
    def prepare(self, progress: Progress | None, full_refresh: bool) -> Progress | None:
        """The progress to go on from, put right where a killed update or another hand left it wrong."""

    @abstractmethod
    def plan(self, progress: Progress | None, full_refresh: bool) -> PlanT:
        """What there is to do."""

    @abstractmethod
    def run(self, plan: PlanT, progress: Progress | None) -> StrategyResult:
        """Do it. The session is not asked for where there is nothing to do."""

    @classmethod
    def committed_progress(cls, lake: Lakehouse, table: Table, progress: Progress | None) -> Progress | None:
        """The progress, moved on to what the table's own commits since then say that they reflect."""
        return progress

    @classmethod
    @abstractmethod
    def is_pending(cls, table: Table, view: ZoneView) -> bool:
        """Whether an update of the table would find something to do, as far as is known without an engine."""

    @classmethod
    @abstractmethod
    def code(cls, table: Table) -> dict[str, Callable[..., object]]:
        """The functions that compute the table's rows, by what they are."""

    @classmethod
    def check_descriptions(cls, table: Table) -> dict[str, str]:
        """The checks beyond those of the contract's columns: name and what each holds to be true."""
        return {}

    @classmethod
    def depends_on_progress(cls) -> bool:
        """Whether a check may fail although no version changed."""
        return False

    def check(self, scan: TableScan) -> Iterator[CheckResult]:
        """Run these checks on the rows that are new."""
        yield from ()

    @classmethod
    def previews(cls, lake: Lakehouse, table: Table) -> dict[str, str]:
        """What people would rather look at than count beside a few rows, as Markdown, by name."""
        return {}
