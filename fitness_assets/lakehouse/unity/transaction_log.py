"""The transaction log of a table in a catalog, as `DESCRIBE HISTORY` tells it."""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from threading import Lock

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, Row

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.rows.rowset import SparkProvider
from fitness_assets.lakehouse.sql.dialect import SPARK
from fitness_assets.lakehouse.transaction_log import (
    Commit,
    TransactionLog,
    Version,
    changed_row_count,
    operation_name,
    parse_user_metadata,
)

_CHANGE_NO_ROW = {
    "ADD COLUMNS",
    "ADD CONSTRAINT",
    "CHANGE COLUMN",
    "CLUSTER BY",
    "COMPUTE STATS",
    "CREATE TABLE",
    "DROP CONSTRAINT",
    "FSCK",
    "OPTIMIZE",
    "REORG",
    "SET TBLPROPERTIES",
    "UNSET TBLPROPERTIES",
    "UPDATE COLUMN METADATA",
    "UPGRADE PROTOCOL",
    "VACUUM END",
    "VACUUM START",
}
_VACUUM_KEEPS = timedelta(days=7)
"""What a vacuum leaves of the change feed, as it runs by default."""
_TRUSTED_SECONDS = 10.0
"""How long the latest version is not asked for again. What we write ourselves is known at once; an older version of a
source is used as well as the latest one, and Delta refuses a write that started from an older version of its table."""


class UnityTransactionLog(TransactionLog):
    """The log of one table.

    Args:
        sql_name: the table's name in SQL.
    """

    def __init__(self, spark: SparkProvider, table: Table, sql_name: str) -> None:
        self._spark = spark
        self._table = table
        self._sql_name = sql_name
        self._row_counts: dict[tuple[Version, str], int] = {}
        self._commits: dict[tuple[str, int], Commit] = {}
        self._latest: Version | None = None
        self._latest_at = float("-inf")
        self._lock = Lock()

    def forget_latest(self) -> None:
        """The table was written to: its latest version is another one."""
        with self._lock:
            self._latest_at = float("-inf")

    def exists(self) -> bool:
        try:
            return bool(self._spark().catalog.tableExists(self._sql_name))
        except AnalysisException:  # there is no such catalog or schema
            return False

    def version(self) -> Version | None:
        now = time.monotonic()
        with self._lock:
            latest = self._latest
            if latest is not None and now - self._latest_at < _TRUSTED_SECONDS:
                return latest
        number, commit = self._newest()
        if number < 0:
            return None
        if latest is None or number < latest.number:
            latest = Version(str(self._detail()["id"]), number, commit)
        latest = Version(latest.table_id, number, commit)
        with self._lock:
            self._latest, self._latest_at = latest, now
        return latest

    def latest_number(self) -> int:
        return self.base_number()

    def commit_identity(self, number: int) -> str:
        """When it was made: histories have no other identity that every engine tells."""
        return next((_identity(commit.at) for commit in self.commits(number - 1, number)), "")

    def _newest(self) -> tuple[int, str]:
        """The latest version and its identity; -1 where there is no table."""
        try:
            rows = self._history(1).select("version", "timestamp").collect()
        except AnalysisException:
            if self.exists():
                raise
            return -1, ""
        if not rows:
            return -1, ""
        return int(rows[0]["version"]), _identity(rows[0]["timestamp"].astimezone(timezone.utc))

    def row_count(self, version: int | None = None, partition: Mapping[str, str] | None = None) -> int:
        latest = self.version()
        if latest is None:
            return 0
        at = latest if version is None else Version(latest.table_id, version)
        conditions = [f"{SPARK.name(name)} = {SPARK.literal(value)}" for name, value in (partition or {}).items()]
        where = " AND ".join(conditions) or "true"
        if (at, where) not in self._row_counts:
            rows = self._spark().read.option("versionAsOf", at.number).table(self._sql_name)
            self._row_counts[at, where] = rows.where(where).count()
        return self._row_counts[at, where]

    def has_commits(self, after: int, until: int) -> bool:
        return len(list(self.commits(after, until))) == until - after

    def has_change_feed(self, after: int, until: int) -> bool:
        if not self.has_commits(after, until):
            return False
        oldest = datetime.now(timezone.utc) - _VACUUM_KEEPS
        if all(commit.at is None or commit.at >= oldest for commit in self.commits(after, until)):
            return True
        vacuums = self._history(None).where(f"operation = 'VACUUM END' AND version > {after}")
        return vacuums.isEmpty()

    def commits(self, after: int, until: int) -> Iterator[Commit]:
        """Commits never change, so each is asked for once."""
        if until <= after:
            return
        table_id = self._latest.table_id if self._latest else ""
        numbers = range(after + 1, until + 1)
        if any((table_id, number) not in self._commits for number in numbers):
            partitions = self._partitions(after, until)
            for row in self._between(after, until).collect():
                number = int(row["version"])
                self._commits[table_id, number] = _commit(row, partitions.get(number, frozenset()))
        for number in numbers:
            if (table_id, number) in self._commits:
                yield self._commits[table_id, number]

    def columns(self) -> dict[str, str]:
        return {field.name: field.dataType.typeName() for field in self._spark().table(self._sql_name).schema.fields}

    def partition_columns(self) -> tuple[str, ...]:
        return tuple(self._detail()["partitionColumns"])

    def file_count(self) -> int:
        return int(self._detail()["numFiles"])

    def vacuum(self, retention_hours: int) -> None:
        self._spark().sql(f"VACUUM {self._sql_name} RETAIN {retention_hours} HOURS").collect()

    def _detail(self) -> Row:
        return self._spark().sql(f"DESCRIBE DETAIL {self._sql_name}").collect()[0]

    def _history(self, max_commits: int | None) -> DataFrame:
        limit = f" LIMIT {max_commits}" if max_commits else ""
        return self._spark().sql(f"DESCRIBE HISTORY {self._sql_name}{limit}")

    def _between(self, after: int, until: int) -> DataFrame:
        latest = max(self.latest_number(), until)
        return self._history(latest - after).where(f"version > {after} AND version <= {until}")

    def _partitions(self, after: int, until: int) -> dict[int, frozenset[tuple[tuple[str, str | None], ...]]]:
        """The partitions that each commit touched; the history does not tell them, the change feed does."""
        names = self._table.partition_by
        if not names:
            return {}
        feed = self._spark().read.option("readChangeFeed", "true").option("startingVersion", after + 1)
        changes = feed.option("endingVersion", until).table(self._sql_name)
        try:
            rows = changes.select("_commit_version", *names).distinct().collect()
        except AnalysisException:  # the feed does not reach back; then the whole table is read
            return {}
        by_commit: dict[int, set[tuple[tuple[str, str | None], ...]]] = {}
        for row in rows:
            by_commit.setdefault(int(row["_commit_version"]), set()).add(tuple((name, row[name]) for name in names))
        return {number: frozenset(partitions) for number, partitions in by_commit.items()}


def _identity(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _commit(row: Row, partitions: frozenset[tuple[tuple[str, str | None], ...]]) -> Commit:
    metrics = {str(name): str(value) for name, value in (row["operationMetrics"] or {}).items()}
    operation = operation_name(str(row["operation"]), row["operationParameters"])
    return Commit(
        version=int(row["version"]),
        operation=operation,
        user_metadata=parse_user_metadata(row["userMetadata"]),
        changed_rows=0 if operation in _CHANGE_NO_ROW else changed_row_count(metrics),
        partitions=partitions,
        files=(),
        metrics=metrics,
        at=row["timestamp"].astimezone(timezone.utc),
    )
