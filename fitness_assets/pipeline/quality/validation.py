"""Whether the tables hold what landed: all is computed again from nothing, in a scratch folder, and compared."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.scheduler import update_tables
from fitness_assets.pipeline.update import SparkProvider

_WHEN_LOADED = ("load_time", "source_file")


@dataclass(frozen=True)
class TableComparison:
    """One table: the rows that the landed files give, the rows that are there, and how many differ."""

    table: Table
    expected: int
    found: int
    missing: int
    unexpected: int

    @property
    def right(self) -> bool:
        return not self.missing and not self.unexpected


def validate_tables(
    lake: Lakehouse, spark: SparkProvider, starting: Callable[[Table], None] = lambda table: None
) -> Iterator[TableComparison]:
    """Compare every table with what the landing zone gives; nothing is changed.

    Raises:
        FitnessError: a table cannot be computed.
    """
    with tempfile.TemporaryDirectory(prefix="fitness_validate_") as scratch:
        fresh = Lakehouse(replace(lake.settings, base_dir=Path(scratch)))
        fresh.settings.data_zone.mkdir()
        fresh.settings.landing_zone.symlink_to(lake.settings.landing_zone)
        for outcome in update_tables(fresh, all_tables(), spark, starting=starting):
            if outcome.error is not None:
                raise outcome.error
            yield _compare(lake, fresh, outcome.table)


def _compare(lake: Lakehouse, fresh: Lakehouse, table: Table) -> TableComparison:
    lake.ensure(table)
    with lake.look() as look, fresh.look() as fresh_look:
        here, there = look.rows(table), fresh_look.rows(table)
        columns = ", ".join(f'"{c.name}"' for c in table.all_columns if c.name not in _WHEN_LOADED)
        is_, should = (f"(SELECT {columns} FROM {files.all_rows})" for files in (here, there))
        missing = here.count(f"(FROM {should} EXCEPT ALL FROM {is_})")
        unexpected = here.count(f"(FROM {is_} EXCEPT ALL FROM {should})")
        return TableComparison(table, there.count(there.all_rows), here.count(here.all_rows), missing, unexpected)
