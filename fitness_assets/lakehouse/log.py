"""Reading a table's transaction log without Spark: versions, what commits did, row counts. Milliseconds, no JVM."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

RESTATING = ("RESTORE", "TRUNCATE", "DELETE", "UPDATE", "REPLACE TABLE", "CREATE OR REPLACE TABLE")
"""Operations by other hands after which what was noted of a table no longer holds."""


@dataclass(frozen=True)
class Version:
    """One state of a table: which table it is, and which of its versions."""

    table_id: str
    number: int


@dataclass(frozen=True)
class Commit:
    """What one commit did, as far as readers of the change data feed care.

    Attributes:
        files: those that the feed of this commit is read from, where that is known.
        at: when it was made, UTC, where it says so.
    """

    version: int
    operation: str
    user_metadata: dict[str, Any]
    changed_rows: int
    partitions: frozenset[tuple[tuple[str, str | None], ...]]
    files: tuple[str, ...]
    metrics: dict[str, str]
    at: datetime | None = None


class Log(ABC):
    """The transaction log of one Delta table, wherever it lies."""

    @abstractmethod
    def exists(self) -> bool: ...

    @abstractmethod
    def version(self) -> Version | None:
        """The latest version, or None where there is no table yet."""

    @abstractmethod
    def latest_number(self) -> int:
        """The number of the latest version, -1 where there is no table."""

    @abstractmethod
    def row_count(self, version: int | None = None, partition: Mapping[str, str] | None = None) -> int:
        """How many rows there are, in all or in one partition, 0 where there is no table."""

    @abstractmethod
    def reaches_back(self, after: int, until: int) -> bool:
        """Whether every commit in (after, until] is still in the log."""

    @abstractmethod
    def feeds_from(self, after: int, until: int) -> bool:
        """Whether the change feed of (after, until] can be read: no commit is gone, and no file of one was vacuumed."""

    @abstractmethod
    def commits(self, after: int, until: int) -> Iterator[Commit]:
        """The commits in (after, until], oldest first; those that the log no longer has are left out."""

    @abstractmethod
    def columns(self) -> dict[str, str]:
        """The columns with their Delta types."""

    @abstractmethod
    def data_files(self) -> int:
        """How many files the latest version has."""

    @abstractmethod
    def vacuum(self, retention_hours: int) -> None:
        """Remove the files that no version within retention needs."""

    def leads_from(self, before: Version, now: Version) -> bool:
        """Whether `now` is a later state of the same table, with every commit between in the log."""
        same = before.table_id == now.table_id and before.number <= now.number
        return same and self.reaches_back(before.number, now.number)


class TableLog(Log):
    """The log of the table in one folder, read from its files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        return (self.path / "_delta_log").is_dir() and DeltaTable.is_deltatable(str(self.path))

    def delta(self) -> DeltaTable:
        return DeltaTable(str(self.path))

    def version(self) -> Version | None:
        if not self.exists():
            return None
        try:
            table = DeltaTable(str(self.path))
        except TableNotFoundError:
            return None
        return Version(str(table.metadata().id), table.version())

    def latest_number(self) -> int:
        """By the names of the log's files alone."""
        folder = self.path / "_delta_log"
        names = (file.name for file in folder.iterdir()) if folder.is_dir() else iter(())
        return max((int(name[:20]) for name in names if name[:20].isdigit() and name.endswith(".json")), default=-1)

    def row_count(self, version: int | None = None, partition: Mapping[str, str] | None = None) -> int:
        """From the statistics of the files."""
        if not self.exists():
            return 0
        files = pa.table(DeltaTable(str(self.path), version=version).get_add_actions(flatten=True))
        for name, value in (partition or {}).items():
            files = files.filter(pc.equal(files[f"partition.{name}"], value))
        return sum(files["num_records"].to_pylist())

    def reaches_back(self, after: int, until: int) -> bool:
        return all(self.file(number).exists() for number in range(after + 1, until + 1))

    def feeds_from(self, after: int, until: int) -> bool:
        return self.reaches_back(after, until) and all(
            (self.path / unquote(file)).exists() for commit in self.commits(after, until) for file in commit.files
        )

    def commits(self, after: int, until: int) -> Iterator[Commit]:
        for number in range(after + 1, until + 1):
            if self.file(number).exists():
                yield self._read(number)

    def columns(self) -> dict[str, str]:
        return {field["name"]: field["type"] for field in json.loads(self.delta().schema().to_json())["fields"]}

    def data_files(self) -> int:
        return len(self.delta().file_uris())

    def vacuum(self, retention_hours: int) -> None:
        """Without Spark, whose own VACUUM takes ten seconds and more for a table of a few files."""
        self.delta().vacuum(retention_hours, dry_run=False)

    def file(self, number: int) -> Path:
        """Where the commit of that number is written."""
        return self.path / "_delta_log" / f"{number:020d}.json"

    def _read(self, number: int) -> Commit:
        info: dict[str, Any] = {}
        written: list[dict[str, Any]] = []
        feed: list[dict[str, Any]] = []
        with self.file(number).open(encoding="utf-8") as lines:
            for line in lines:
                action = json.loads(line)
                info = action.get("commitInfo", info)
                feed += [action["cdc"]] if "cdc" in action else []
                written += [action[kind] for kind in ("add", "remove") if action.get(kind, {}).get("dataChange")]
        files = feed or written
        partitions = {tuple(sorted((file.get("partitionValues") or {}).items())) for file in files}
        metrics = info.get("operationMetrics") or {}
        return Commit(
            version=number,
            operation=info.get("operation", ""),
            user_metadata=as_object(info.get("userMetadata")),
            changed_rows=changed_rows(metrics) if files else 0,
            partitions=frozenset(partitions),
            files=tuple(file["path"] for file in files),
            metrics=metrics,
            at=_instant(info.get("timestamp")),
        )


def changed_rows(metrics: dict[str, str]) -> int:
    """How many rows the change data feed will show, from the commit's own metrics, at least 1."""
    merged = [
        int(metrics.get(f"numTargetRows{done}", 0)) * times
        for done, times in (("Inserted", 1), ("Updated", 2), ("Deleted", 1))
    ]
    rows = sum(merged) or int(metrics.get("numOutputRows", metrics.get("numDeletedRows", 0)))
    return max(rows, 1)


def as_object(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _instant(milliseconds: Any) -> datetime | None:
    if not isinstance(milliseconds, int):
        return None
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
