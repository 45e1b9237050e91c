"""Records that mean "no row" (a deleted profile), remembered beside their table.

Without them a late, older record would bring the row back. They are only ever added to: a
tombstone that a newer record overruled does no harm, because it is weighed like any other record.
"""

from pathlib import Path

from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.log import TableLog
from fitness_assets.lakehouse.staging import Staged, Staging, local_rows
from fitness_assets.lakehouse.tables import SMALL_TABLE, arrow_schema


class Tombstones:
    """The tombstones of one table, a Delta table of the same columns in the checkpoint zone."""

    def __init__(self, table: Table, state: Path) -> None:
        self._table = table
        self._path = state / "tombstones"

    def read(self, spark: SparkSession) -> DataFrame:
        if not TableLog(self._path).exists():
            self._path.mkdir(parents=True, exist_ok=True)
            DeltaTable.create(str(self._path), schema=arrow_schema(self._table), mode="ignore")
        if TableLog(self._path).row_count() <= SMALL_TABLE:
            return local_rows(spark, DeltaTable(str(self._path)).to_pyarrow_table().cast(arrow_schema(self._table)))
        return spark.read.format("delta").load(str(self._path))

    def bury(self, spark: SparkSession, staging: Staging, dead: Staged, expected: int) -> None:
        """Remember records; those that are remembered already are not written again."""
        if dead.empty:
            return
        unknown = staging.stage(dead.df.subtract(self.read(spark)), expected)
        if not unknown.empty:
            unknown.df.coalesce(1).write.format("delta").mode("append").save(str(self._path))

    def replace(self, dead: DataFrame) -> None:
        """Put the tombstones of all records there are in the place of those that were known, in one commit."""
        dead.coalesce(1).write.format("delta").mode("overwrite").save(str(self._path))
