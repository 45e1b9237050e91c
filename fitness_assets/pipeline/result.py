"""What an update did."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class UpdateResult:
    """What one update of one table did.

    Attributes:
        mode: `unchanged`, `incremental` or `whole`.
        reason: why the table was computed whole; empty otherwise.
        version: the Delta version afterwards.
        rows: the rows afterwards.
        read: records or changed source rows that were read.
        accepted: for a folded table, records accepted so far, duplicates included, by bronze table.
        refused: for a folded table, records of its source that were refused so far.
        previews: what people would rather look at than count, as Markdown, by name.
        trouble: a source that could not be read; the table is right without what is still there.
        told: what people should know of this update.
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
    refused: int | None = None
    previews: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    told: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.inserted or self.updated or self.deleted)

    def line(self) -> str:
        """The result as one line for people."""
        if self.mode == "unchanged":
            return f"{self.table:<32} nothing new{'':<33} {self.rows:>11,} rows {self.seconds:>6.1f} s"
        done = f"+{self.inserted:,} ~{self.updated:,} -{self.deleted:,}"
        why = f"  (whole: {self.reason})" if self.reason and "noted" not in self.reason else ""
        return f"{self.table:<32} read {self.read:>11,}  {done:<26} {self.rows:>11,} rows {self.seconds:>6.1f} s{why}"
