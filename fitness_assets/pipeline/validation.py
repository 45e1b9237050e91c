"""Whether the tables hold what landed: all is computed again from nothing, in a scratch folder, and compared."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.lakehouse import Lakehouse, open_lakehouse
from fitness_assets.pipeline.scheduler import update_tables
from fitness_assets.pipeline.state.archive_mark import put_mark, read_mark
from fitness_assets.pipeline.state.locks import table_lock
from fitness_assets.pipeline.state.progress import ProgressStore

_WHEN_LOADED = ("load_time", "source_file")


@dataclass(frozen=True)
class TableComparison:
    """One table: the rows that the landed files give, the rows that are there, and how many differ."""

    table: Table
    expected: int
    actual: int
    missing: int
    unexpected: int

    @property
    def is_equal(self) -> bool:
        return not self.missing and not self.unexpected


def validate_tables(
    lake: Lakehouse, on_start: Callable[[Table], None] = lambda table: None
) -> Iterator[TableComparison]:
    """Compare every table of a lakehouse in folders with what the landing zone gives; nothing is changed.

    Raises:
        FitnessError: a table cannot be computed.
    """
    with tempfile.TemporaryDirectory(prefix="fitness_validate_") as scratch:
        zones = {"base_dir": Path(scratch), "landing": lake.settings.landing_zone, "checkpoints": None}
        expected = open_lakehouse(lake.settings.model_copy(update={**zones, "catalog": None}), lake.spark)
        for table in all_tables().values():
            _copy_archive(lake, expected, table)
        for outcome in update_tables(expected, all_tables(), on_start=on_start):
            if outcome.error is not None:
                raise outcome.error
            yield _compare(lake, expected, outcome.table)


def _copy_archive(lake: Lakehouse, expected: Lakehouse, table: Table) -> None:
    """Let the rows that stay be there, which nothing that landed gives any more."""
    storage, archive = ProgressStore.from_settings(lake.settings).storage, table.archive_table
    if archive is None:
        return
    with table_lock(storage, table):
        mark = read_mark(storage, table)
        if mark is not None:
            shutil.copytree(lake.address(archive), expected.address(archive))
            put_mark(ProgressStore.from_settings(expected.settings).storage, table, mark)


def _compare(lake: Lakehouse, expected: Lakehouse, table: Table) -> TableComparison:
    lake.ensure(table)
    with lake.query_engine() as engine, expected.query_engine() as expected_engine:
        actual, expected_scan = engine.scan(table), expected_engine.scan(table)
        columns = actual.names(column.name for column in table.all_columns if column.name not in _WHEN_LOADED)
        actual_rows, expected_rows = (f"(SELECT {columns} FROM {scan.all_rows})" for scan in (actual, expected_scan))
        return TableComparison(
            table=table,
            expected=expected_scan.count(expected_scan.all_rows),
            actual=actual.count(actual.all_rows),
            missing=actual.count(f"(FROM {expected_rows} EXCEPT ALL FROM {actual_rows})"),
            unexpected=actual.count(f"(FROM {actual_rows} EXCEPT ALL FROM {expected_rows})"),
        )
