"""Records that mean "no row" (a deleted profile), remembered beside their table.

Without them a late, older record would bring the row back. They are only ever added to: a
tombstone that a newer record overruled does no harm, because it is weighed like any other record.
"""

from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.staging import Staged, Staging
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.writes import append


class Tombstones:
    """The tombstones of one table, a Delta table of the same columns."""

    def __init__(self, lake: Lakehouse, table: Table) -> None:
        self._lake = lake
        self._table = table.tombstone_table

    def read(self, spark: SparkSession) -> DataFrame:
        return self._lake.read(spark, self._there())

    def bury(self, spark: SparkSession, staging: Staging, dead: Staged, expected: int) -> None:
        """Remember records; those that are remembered already are not written again."""
        if dead.empty:
            return
        unknown = staging.stage(dead.df.subtract(self.read(spark)), expected)
        append(self._lake, self._there(), unknown, expected)

    def replace(self, dead: DataFrame) -> None:
        """Put the tombstones of all records there are in the place of those that were known, in one commit."""
        self._lake.save(dead.coalesce(1).write.mode("overwrite"), self._there())

    def _there(self) -> Table:
        assert self._table is not None, "only a table with a tombstone condition remembers records"
        self._lake.ensure(self._table)
        return self._table
