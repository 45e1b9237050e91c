"""The transaction log of a table in a folder, read from its files without Spark: milliseconds, no JVM."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from deltalake import DeltaTable

from fitness_assets.lakehouse.local.log_files import (
    commit_digest,
    commit_file,
    commit_id,
    latest_number,
    log_folder,
    read_actions,
)
from fitness_assets.lakehouse.local.snapshot import Snapshot, open_snapshot
from fitness_assets.lakehouse.local.snapshot_cache import cached_snapshot
from fitness_assets.lakehouse.transaction_log import (
    Commit,
    TransactionLog,
    Version,
    changed_row_count,
    operation_name,
    parse_user_metadata,
)

_SPARK_NAMES = {
    "num_added_rows": "numOutputRows",
    "num_target_rows_inserted": "numTargetRowsInserted",
    "num_target_rows_updated": "numTargetRowsUpdated",
    "num_target_rows_deleted": "numTargetRowsDeleted",
}
"""The metrics of commits by delta-rs, by the names that Spark gives them."""


class LocalTransactionLog(TransactionLog):
    """The log of the table in one folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def latest(self) -> Snapshot | None:
        """The latest version, None where there is no table."""
        return cached_snapshot(self.path).latest()

    def snapshot(self, version: int | None = None) -> Snapshot:
        """A version of a table that must be there, the latest if none is given.

        Raises:
            TableNotFoundError: there is no table.
        """
        snapshot = self.latest() or open_snapshot(self.path)
        return snapshot if version in (None, snapshot.version.number) else open_snapshot(self.path, version)

    def exists(self) -> bool:
        return self.latest() is not None

    def delta_table(self) -> DeltaTable:
        return DeltaTable(str(self.path))

    def version(self) -> Version | None:
        snapshot = self.latest()
        return snapshot.version if snapshot else None

    def latest_number(self) -> int:
        """By the names of the log's files alone."""
        return latest_number(log_folder(self.path))

    def commit_identity(self, number: int) -> str:
        return commit_digest(log_folder(self.path), number)

    def written_ns(self, number: int) -> int:
        """When a commit's file was written, nanoseconds since 1970; 0 where there is none."""
        commit = commit_id(log_folder(self.path), number)
        return commit.modified_ns if commit else 0

    def row_count(self, version: int | None = None, partition: Mapping[str, str] | None = None) -> int:
        """From the statistics of the files."""
        return self.snapshot(version).row_count(partition) if self.exists() else 0

    def has_commits(self, after: int, until: int) -> bool:
        return all(self.file(number).exists() for number in range(after + 1, until + 1))

    def has_change_feed(self, after: int, until: int) -> bool:
        return self.has_commits(after, until) and all(
            (self.path / unquote(file)).exists() for commit in self.commits(after, until) for file in commit.files
        )

    def commits(self, after: int, until: int) -> Iterator[Commit]:
        for number in range(after + 1, until + 1):
            if self.file(number).exists():
                yield self._read(number)

    def added_files(self, after: int, until: int) -> set[str]:
        """The files, by their paths in the table's folder, that hold the rows which commits in (after, until] added.

        Where some of these rows were put into files with others since, these files.
        """
        new: set[str] = set()
        for number in range(after + 1, until + 1):
            actions = list(read_actions(self.file(number)))
            removed = {unquote(action["remove"]["path"]) for action in actions if "remove" in action}
            is_moved = not new.isdisjoint(removed)
            new -= removed
            new |= {
                unquote(action["add"]["path"])
                for action in actions
                if "add" in action and (action["add"].get("dataChange") or is_moved)
            }
        return new

    def change_data_files(self, after: int, until: int) -> list[str] | None:
        """The files that tell which rows commits in (after, until] changed.

        None where no commit wrote such files, or several changed rows: a later one may have changed a row again.
        """
        found: list[list[str]] = []
        for number in range(after + 1, until + 1):
            actions = list(read_actions(self.file(number)))
            if any(
                action[kind].get("dataChange") for action in actions for kind in ("add", "remove") if kind in action
            ):
                found.append([unquote(action["cdc"]["path"]) for action in actions if "cdc" in action])
        return found[0] or None if len(found) == 1 else None

    def columns(self) -> dict[str, str]:
        return dict(self.snapshot().columns)

    def partition_columns(self) -> tuple[str, ...]:
        return self.snapshot().partition_by

    def file_count(self) -> int:
        return len(self.snapshot().files)

    def vacuum(self, retention_hours: int) -> None:
        """Without Spark, whose own VACUUM takes ten seconds and more for a table of a few files, and without a commit,
        which delta-rs would not put on the disk."""
        for name in self.delta_table().vacuum(retention_hours, dry_run=True):
            (self.path / name).unlink(missing_ok=True)

    def file(self, number: int) -> Path:
        """Where the commit of that number is written."""
        return commit_file(log_folder(self.path), number)

    def _read(self, number: int) -> Commit:
        info: dict[str, Any] = {}
        data_files: list[dict[str, Any]] = []
        feed_files: list[dict[str, Any]] = []
        for action in read_actions(self.file(number)):
            info = action.get("commitInfo", info)
            feed_files += [action["cdc"]] if "cdc" in action else []
            data_files += [action[kind] for kind in ("add", "remove") if action.get(kind, {}).get("dataChange")]
        files = feed_files or data_files
        partitions = {tuple(sorted((file.get("partitionValues") or {}).items())) for file in files}
        told = info.get("operationMetrics") or {}
        metrics = {_SPARK_NAMES.get(name, name): value for name, value in told.items()}
        return Commit(
            version=number,
            operation=operation_name(info.get("operation", ""), info.get("operationParameters")),
            user_metadata=parse_user_metadata(info.get("userMetadata")),
            changed_rows=changed_row_count(metrics) if files else 0,
            partitions=frozenset(partitions),
            files=tuple(file["path"] for file in files),
            metrics=metrics,
            at=_instant(info.get("timestamp")),
        )


def _instant(milliseconds: Any) -> datetime | None:
    if not isinstance(milliseconds, int):
        return None
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
