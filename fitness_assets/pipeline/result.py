"""What an update did, and what a check found."""

from dataclasses import dataclass, field

NO_PROGRESS = "it has no progress yet"
"""Why a table is computed whole the first time, which is no news to people."""


@dataclass(frozen=True)
class UpdateResult:
    """What one update of one table did.

    Attributes:
        mode: `unchanged`, `incremental` or `full`.
        reason: why the table was computed whole; empty otherwise.
        version: the Delta version afterwards.
        rows: the rows afterwards.
        read: records or changed source rows that were read.
        accepted: for an upserted table, records accepted so far, duplicates included, by bronze table.
        rejected: for an upserted table, records of its source that were refused so far.
        previews: what people would rather look at than count, as Markdown, by name.
        problem: a source that could not be read; the table is right without what is still there.
        warnings: what people should know of this update.
        left_alone: what lies in the landing zone and is not read, by name, and why.
        seconds: how long it took.
    """

    table: str
    mode: str
    version: int
    rows: int
    reason: str = ""
    read: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    seconds: float = 0.0
    accepted: dict[str, int] = field(default_factory=dict)
    rejected: int | None = None
    previews: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    warnings: tuple[str, ...] = ()
    left_alone: dict[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return bool(self.inserted or self.updated or self.deleted)

    def line(self) -> str:
        """The result as one line for people."""
        if self.mode == "unchanged":
            return f"{self.table:<32} nothing new{'':<33} {self.rows:>11,} rows {self.seconds:>6.1f} s"
        counts = f"+{self.inserted:,} ~{self.updated:,} -{self.deleted:,}"
        why = f"  (full: {self.reason})" if self.reason and self.reason != NO_PROGRESS else ""
        return f"{self.table:<32} read {self.read:>11,}  {counts:<26} {self.rows:>11,} rows {self.seconds:>6.1f} s{why}"


@dataclass(frozen=True)
class CheckResult:
    """One check of one table.

    Attributes:
        figures: numbers for people: rows looked at, rows that are wrong, sums.
        blocking: whether the tables downstream must wait until it passes.
    """

    name: str
    passed: bool
    description: str
    figures: dict[str, int | str] = field(default_factory=dict)
    blocking: bool = True

    @property
    def allows_downstream(self) -> bool:
        """Whether the tables downstream may use the table."""
        return self.passed or not self.blocking
