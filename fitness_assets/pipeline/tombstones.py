"""Records that mean "no row" (a deleted profile), remembered beside their table.

Without them a late, older record would bring the row back. They are only ever added to: a
tombstone that a newer record overruled does no harm, because it is weighed like any other record.
"""

import shutil
from pathlib import Path

from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.staging import Staging
from fitness_assets.lakehouse.tables import arrow_schema


class Tombstones:
    """The tombstones of one table, a Delta table of the same columns in the checkpoint zone."""

    def __init__(self, table: Table, state: Path) -> None:
        self._table = table
        self._path = state / "tombstones"

    def read(self, spark: SparkSession) -> DataFrame:
        if not self._path.exists():
            DeltaTable.create(str(self._path), schema=arrow_schema(self._table), mode="ignore")
        return spark.read.format("delta").load(str(self._path))

    def bury(self, spark: SparkSession, staging: Staging, dead: DataFrame, expected: int) -> None:
        """Remember records; those that are remembered already are not written again."""
        unknown = staging.stage(dead.subtract(self.read(spark)), expected)
        if not unknown.empty:
            unknown.df.coalesce(1).write.format("delta").mode("append").save(str(self._path))

    def clear(self) -> None:
        """Forget all, before all records are weighed anew."""
        shutil.rmtree(self._path, ignore_errors=True)
