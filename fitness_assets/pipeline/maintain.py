"""Maintenance: small files are put together, and files that no version within retention needs are removed."""

from dataclasses import dataclass

from pyspark.sql import SparkSession

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.writes import races
from fitness_assets.pipeline.lock import one_writer
from fitness_assets.pipeline.progress import ProgressStore

RETENTION_HOURS = 168
"""A table above that used nothing for longer finds no change feed any more, and is then computed whole."""
MANY_FILES = 16


@dataclass(frozen=True)
class Maintained:
    """How many data files a table's latest version had and has."""

    table: str
    before: int
    after: int

    def line(self) -> str:
        done = f"{self.before:,} files put together into {self.after:,}" if self.after < self.before else "in order"
        return f"{self.table:<32} {done}"


def maintain(lake: Lakehouse, table: Table, spark: SparkSession, retention_hours: int = RETENTION_HOURS) -> Maintained:
    """Compact a table that has many files, and vacuum it; no row changes.

    Raises:
        TableBusy: another process updates the table and does not finish.
        LostRace: another writer, which does not know our lock, changed the table meanwhile.
    """
    log = lake.ensure(table)
    with one_writer(table.full_name, ProgressStore(lake.settings).folder(table)), races(table):
        before = len(log.delta().file_uris())
        if before > MANY_FILES:
            spark.sql(f"OPTIMIZE {lake.sql_name(table)}").collect()
        spark.sql(f"VACUUM {lake.sql_name(table)} RETAIN {retention_hours} HOURS").collect()
    return Maintained(table.full_name, before, len(log.delta().file_uris()))
