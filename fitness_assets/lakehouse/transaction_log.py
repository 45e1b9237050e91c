"""What a table's transaction log tells: versions, what commits did, row counts."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

OVERWRITE = "OVERWRITE"
"""The operation of a write in the place of all rows, which Delta calls a write like any other."""
RESTATING_OPERATIONS = (
    "RESTORE",
    "TRUNCATE",
    "DELETE",
    "UPDATE",
    "REPLACE TABLE",
    "CREATE OR REPLACE TABLE",
    "CREATE TABLE AS SELECT",
    "REPLACE TABLE AS SELECT",
    "CREATE OR REPLACE TABLE AS SELECT",
    "CLONE",
    OVERWRITE,
)
"""Operations after which the progress of a table, or of one that is made from it, no longer holds."""


@dataclass(frozen=True)
class Version:
    """One state of a table: which table it is, and which of its versions.

    Attributes:
        commit: the identity of the commit that made it, as a text; empty where it is not known. After a restore, or
            from a backup, a version of the same number can be another one.
    """

    table_id: str
    number: int
    commit: str = ""


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


class TransactionLog(ABC):
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
    def has_commits(self, after: int, until: int) -> bool:
        """Whether every commit in (after, until] is still in the log."""

    @abstractmethod
    def has_change_feed(self, after: int, until: int) -> bool:
        """Whether the change feed of (after, until] can be read: no commit is gone, and no file of one was vacuumed."""

    @abstractmethod
    def commits(self, after: int, until: int) -> Iterator[Commit]:
        """The commits in (after, until], oldest first; those that the log no longer has are left out."""

    @abstractmethod
    def columns(self) -> dict[str, str]:
        """The columns with their Delta types."""

    @abstractmethod
    def partition_columns(self) -> tuple[str, ...]:
        """The columns by whose values the files lie in folders."""

    @abstractmethod
    def file_count(self) -> int:
        """How many files the latest version has."""

    @abstractmethod
    def vacuum(self, retention_hours: int) -> None:
        """Remove the files that no version within retention needs."""

    @abstractmethod
    def commit_identity(self, number: int) -> str:
        """What tells the commit of that number from another of the same number; empty where the log has none."""

    def base_number(self) -> int:
        """The version that a write starts from, -1 where there is no table."""
        version = self.version()
        return version.number if version else -1

    def is_ancestor(self, before: Version, now: Version) -> bool:
        """Whether `now` is a later state of the same table, with every commit between in the log."""
        if before == now:
            return True
        same = before.table_id == now.table_id and before.number < now.number
        return same and self._is_in_log(before) and self.has_commits(before.number, now.number)

    def _is_in_log(self, version: Version) -> bool:
        return bool(version.commit) and self.commit_identity(version.number) == version.commit


def changed_row_count(metrics: dict[str, str]) -> int:
    """How many rows the change data feed will show, from the commit's own metrics, at least 1."""
    merged = [
        int(metrics.get(f"numTargetRows{done}", 0)) * times
        for done, times in (("Inserted", 1), ("Updated", 2), ("Deleted", 1))
    ]
    rows = sum(merged) or int(metrics.get("numOutputRows", metrics.get("numDeletedRows", 0)))
    return max(rows, 1)


def operation_name(operation: str, parameters: Mapping[str, Any] | None) -> str:
    """What a commit did, a write in the place of all rows told from one beside them."""
    is_overwrite = operation == "WRITE" and str((parameters or {}).get("mode", "")).lower() == "overwrite"
    return OVERWRITE if is_overwrite else operation


def parse_user_metadata(text: str | None) -> dict[str, Any]:
    """What a commit carries as its user metadata; empty where it is no JSON object."""
    try:
        metadata = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return metadata if isinstance(metadata, dict) else {}
