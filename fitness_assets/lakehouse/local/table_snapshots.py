"""The latest versions of tables in folders, for readers of their Parquet files such as the dashboard: no engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from deltalake.exceptions import DeltaError, TableNotFoundError

from fitness_assets.contracts.model import Table
from fitness_assets.errors import SchemaMismatchError, SettingError, TableUnreadableError
from fitness_assets.lakehouse.local.paths import table_folder
from fitness_assets.lakehouse.local.snapshot import DataFile, Snapshot
from fitness_assets.lakehouse.local.transaction_log import LocalTransactionLog
from fitness_assets.lakehouse.sql.predicates import Condition, Where
from fitness_assets.lakehouse.transaction_log import Commit, Version
from fitness_assets.settings import Settings

_ATTEMPTS = 20
_UNREADABLE_FEATURES = {"deletionVectors", "columnMapping"}
"""With these the files of a table cannot be read by themselves."""


@dataclass(frozen=True)
class TableSnapshot:
    """One version of a table.

    Attributes:
        last_change: the last commit that changed rows; None where there was none, or the log no longer has it.
    """

    table: Table
    snapshot: Snapshot
    last_change: Commit | None

    @property
    def path(self) -> Path:
        """The table's folder."""
        return self.snapshot.path

    @property
    def version(self) -> Version:
        return self.snapshot.version

    @property
    def row_count(self) -> int:
        return self.snapshot.row_count()

    @property
    def bytes(self) -> int:
        return self.snapshot.bytes

    @property
    def file_count(self) -> int:
        return len(self.snapshot.files)

    def files(self, where: Mapping[str, Condition] | None = None) -> list[DataFile]:
        """The files that can hold rows for which all conditions, by column, are true."""
        return self.snapshot.matching_files([Where(name, condition) for name, condition in (where or {}).items()])

    def bounds(self, column: str, where: Mapping[str, Condition] | None = None) -> tuple[Any, Any]:
        """The least and the greatest value of a column in these files, after their statistics.

        Times are right to the millisecond; None is unknown, or no rows.
        """
        predicates = [Where(name, condition) for name, condition in (where or {}).items()]
        return self.snapshot.bounds(column, predicates)


class TableSnapshots:
    """The latest version of each table. Safe for threads.

    Raises:
        SettingError: the tables lie in a catalog, of which nobody but an engine may open the files.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.catalog is not None:
            raise SettingError(
                f"FITNESS_CATALOG is {settings.catalog!r}: files of a catalog's tables are not opened from here. Unset "
                f"it to look at the tables below FITNESS_BASE_DIR; of a catalog the AI/BI dashboard shows the same "
                f"(docs/databricks.md)."
            )
        self._settings = settings
        self._latest: dict[str, TableSnapshot] = {}
        self._locks: dict[str, Lock] = {}

    def log(self, table: Table) -> LocalTransactionLog:
        return LocalTransactionLog(table_folder(self._settings, table))

    def latest(self, table: Table) -> TableSnapshot | None:
        """The table as it is now, None where it is not there. The same object as long as nothing was committed.

        Raises:
            TableUnreadableError: the table has a feature that needs another reader, or its log is damaged.
            SchemaMismatchError: the table lacks columns of its contract.
        """
        log = self.log(table)
        # Read under the lock, too: a thread that read earlier must not cache later.
        with self._locks.setdefault(table.full_name, Lock()):
            snapshot = self._read(log, table)
            if snapshot is None:
                return None
            cached = self._latest.get(table.full_name)
            if cached is None or cached.snapshot is not snapshot:
                _check_readable(table, snapshot)
                cached = TableSnapshot(table, snapshot, _last_change(log, snapshot.version, cached))
                self._latest[table.full_name] = cached
            return cached

    def at_one_instant(self, tables: Sequence[Table]) -> list[TableSnapshot | None]:
        """The versions that these tables had at one and the same instant."""
        snapshots = [self.latest(table) for table in tables]
        for _ in range(_ATTEMPTS):
            again = [self.latest(table) for table in tables]
            if all(later is earlier for later, earlier in zip(again, snapshots, strict=True)):
                break
            snapshots = again
        return snapshots

    def _read(self, log: LocalTransactionLog, table: Table) -> Snapshot | None:
        failure: Exception | None = None
        for _ in range(_ATTEMPTS):
            try:
                return log.latest()
            except TableNotFoundError:
                return None
            except (TableUnreadableError, DeltaError, OSError, ValueError) as error:
                failure = error
        raise TableUnreadableError(f"{table.full_name} in {log.path} cannot be read: {failure}") from failure


def _check_readable(table: Table, snapshot: Snapshot) -> None:
    features = snapshot.reader_features & _UNREADABLE_FEATURES
    if features:
        raise TableUnreadableError(
            f"{table.full_name} in {snapshot.path} uses {', '.join(sorted(features))}, with which its files "
            f"cannot be read by themselves. Switch that off, or rewrite the table: "
            f"fitness-assets run {table.full_name} --full-refresh"
        )
    missing = set(table.column_names) - set(snapshot.columns)
    if missing:
        raise SchemaMismatchError(
            f"{table.full_name} in {snapshot.path} lacks the columns {', '.join(sorted(missing))} of its "
            f"contract. The next update adds what can be added: fitness-assets run {table.full_name}"
        )


def _last_change(log: LocalTransactionLog, version: Version, cached: TableSnapshot | None) -> Commit | None:
    """The last commit that changed rows, looked for backwards until what is cached."""
    is_same_table = cached is not None and cached.version.table_id == version.table_id
    known_number = cached.version.number if cached and is_same_table else -1
    for number in range(version.number, known_number, -1):
        for commit in log.commits(number - 1, number):
            if commit.files:
                return commit
    return cached.last_change if cached and is_same_table else None
