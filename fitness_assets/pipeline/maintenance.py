"""Maintenance: small files are put together, and files that no version within retention needs are removed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import FitnessError
from fitness_assets.lakehouse import Lakehouse, conflicts_as_errors
from fitness_assets.pipeline.state.locks import table_lock
from fitness_assets.pipeline.state.progress import ProgressStore

RETENTION_HOURS = 168
"""A table downstream that used nothing for longer finds no change feed any more, and is then computed whole."""
COMPACTION_MIN_FILES = 16


@dataclass(frozen=True)
class MaintenanceResult:
    """What was done to a table.

    Attributes:
        files_before: how many data files its latest version had.
        files_after: how many it has.
        expired: how many rows left it because they are older than its contract keeps them.
        is_left: its files are put together by the workspace itself.
        problem: why it was not maintained.
    """

    table: str
    files_before: int = 0
    files_after: int = 0
    expired: int = 0
    is_left: bool = False
    problem: str = ""

    def line(self) -> str:
        is_compacted = self.files_after < self.files_before
        done = f"{self.files_before:,} files put together into {self.files_after:,}" if is_compacted else "in order"
        done = "its files are put together by the workspace" if self.is_left else done
        done = f"{self.expired:,} rows that were too old are gone" if self.expired else done
        return f"{self.table:<32} {self.problem or done}"


def maintain_tables(
    lake: Lakehouse, table_names: Iterable[str], retention_hours: int = RETENTION_HOURS
) -> Iterator[MaintenanceResult]:
    """Maintain tables (full names), one after the other; one that fails does not keep others from it."""
    lake.session.renew()
    for name in table_names:
        try:
            yield maintain_table(lake, get_table(name), retention_hours)
        except FitnessError as error:
            yield MaintenanceResult(name, problem=f"was not maintained: {error}")


def maintain_table(lake: Lakehouse, table: Table, retention_hours: int = RETENTION_HOURS) -> MaintenanceResult:
    """Compact a table that has many files, and vacuum it; no row changes.

    Where the workspace looks after the table it is not compacted here. It is vacuumed all the same if it holds personal
    data: the workspace vacuums when it thinks fit, and what was erased is promised to be gone after a week.

    Raises:
        LockTimeoutError: another process updates the table and does not finish.
        ConcurrentWriteError: another writer, which does not know our lock, changed the table meanwhile.
    """
    log = lake.ensure(table)
    storage = ProgressStore.from_settings(lake.settings).storage
    with table_lock(storage, table), conflicts_as_errors(table):
        files_before, is_left = log.file_count(), lake.is_optimized_elsewhere(table)
        if files_before > COMPACTION_MIN_FILES and not is_left:
            lake.compact(table)
        if not is_left or any(column.pii for column in table.all_columns):
            log.vacuum(retention_hours)
    return MaintenanceResult(table.full_name, files_before=files_before, files_after=log.file_count(), is_left=is_left)
