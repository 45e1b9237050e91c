"""The log of a table in a folder, read from its files without Spark: milliseconds, no JVM."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from deltalake import DeltaTable

from fitness_assets.lakehouse.commits import as_spark_names
from fitness_assets.lakehouse.following import State, actions, commit_file, followed, latest_number, opened
from fitness_assets.lakehouse.transaction_log import Commit, TransactionLog, Version, as_object, changed_rows


class TableLog(TransactionLog):
    """The log of the table in one folder, read from its files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def state(self) -> State | None:
        """The latest version, None where there is no table."""
        return followed(self.path).latest()

    def there(self) -> State:
        """The latest version of a table that must be there.

        Raises:
            TableNotFoundError: it is not.
        """
        return self.state() or opened(self.path)

    def at(self, version: int | None) -> State:
        """A version of a table that must be there, the latest if none is given."""
        state = self.there()
        return state if version in (None, state.version.number) else opened(self.path, version)

    def exists(self) -> bool:
        return self.state() is not None

    def delta(self) -> DeltaTable:
        return DeltaTable(str(self.path))

    def version(self) -> Version | None:
        state = self.state()
        return state.version if state else None

    def latest_number(self) -> int:
        """By the names of the log's files alone."""
        return latest_number(self.path / "_delta_log")

    def row_count(self, version: int | None = None, partition: Mapping[str, str] | None = None) -> int:
        """From the statistics of the files."""
        return self.at(version).row_count(partition) if self.exists() else 0

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

    def added(self, after: int, until: int) -> set[str] | None:
        """The files, by their paths in the table's folder, that hold the rows which commits in (after, until] added.

        None where some of these rows were put into one file with others since.
        """
        found: set[str] = set()
        for number in range(after + 1, until + 1):
            for action in actions(self.file(number)):
                if action.get("add", {}).get("dataChange"):
                    found.add(unquote(action["add"]["path"]))
                moved = action.get("remove", {})
                if moved and not moved.get("dataChange") and unquote(moved["path"]) in found:
                    return None
        return found

    def columns(self) -> dict[str, str]:
        return dict(self.there().columns)

    def data_files(self) -> int:
        return len(self.there().files)

    def vacuum(self, retention_hours: int) -> None:
        """Without Spark, whose own VACUUM takes ten seconds and more for a table of a few files."""
        self.delta().vacuum(retention_hours, dry_run=False)

    def file(self, number: int) -> Path:
        """Where the commit of that number is written."""
        return commit_file(self.path / "_delta_log", number)

    def _read(self, number: int) -> Commit:
        info: dict[str, Any] = {}
        written: list[dict[str, Any]] = []
        feed: list[dict[str, Any]] = []
        for action in actions(self.file(number)):
            info = action.get("commitInfo", info)
            feed += [action["cdc"]] if "cdc" in action else []
            written += [action[kind] for kind in ("add", "remove") if action.get(kind, {}).get("dataChange")]
        files = feed or written
        partitions = {tuple(sorted((file.get("partitionValues") or {}).items())) for file in files}
        metrics = as_spark_names(info.get("operationMetrics") or {})
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


def _instant(milliseconds: Any) -> datetime | None:
    if not isinstance(milliseconds, int):
        return None
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
