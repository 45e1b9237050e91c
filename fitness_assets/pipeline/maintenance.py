"""Maintenance: small files are put together, and files that no version within retention needs are removed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import FitnessError
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.writes import conflicts_as_errors
from fitness_assets.pipeline.state.locks import table_lock
from fitness_assets.pipeline.update import SparkProvider

RETENTION_HOURS = 168
"""A table above that used nothing for longer finds no change feed any more, and is then computed whole."""
MANY_FILES = 16


@dataclass(frozen=True)
class MaintenanceResult:
    """How many data files a table's latest version had and has, or why it was not maintained."""

    table: str
    before: int = 0
    after: int = 0
    trouble: str = ""

    def line(self) -> str:
        done = f"{self.before:,} files put together into {self.after:,}" if self.after < self.before else "in order"
        return f"{self.table:<32} {self.trouble or done}"


def maintain_tables(
    lake: Lakehouse, chosen: Iterable[str], spark: SparkProvider, retention_hours: int = RETENTION_HOURS
) -> Iterator[MaintenanceResult]:
    """Maintain the chosen tables (full names), one after the other; one that fails does not keep others from it."""
    for name in chosen:
        try:
            yield maintain_table(lake, get_table(name), spark, retention_hours)
        except FitnessError as error:
            yield MaintenanceResult(name, trouble=f"was not maintained: {error}")


def maintain_table(
    lake: Lakehouse, table: Table, spark: SparkProvider, retention_hours: int = RETENTION_HOURS
) -> MaintenanceResult:
    """Compact a table that has many files, and vacuum it; no row changes.

    Args:
        spark: gives the session; it is not called where there is nothing to compact.

    Raises:
        TableBusy: another process updates the table and does not finish.
        LostRace: another writer, which does not know our lock, changed the table meanwhile.
    """
    log = lake.ensure(table)
    with (
        table_lock(table.full_name, lake.settings.lock_folder(table.layer.value, table.name)),
        conflicts_as_errors(table),
    ):
        before = log.data_files()
        if before > MANY_FILES:
            lake.compact(spark, table)
        log.vacuum(retention_hours)
    return MaintenanceResult(table.full_name, before, log.data_files())
