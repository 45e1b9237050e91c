"""Tables of a probe alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import Row

from fitness_assets.databricks.probe.questions import Surroundings


class ScratchTable:
    """A table of this probe alone, with the columns `id` and `value`."""

    def __init__(self, surroundings: Surroundings, name: str) -> None:
        self._spark = surroundings.spark
        self.name = f"{surroundings.schema}.`{name}`"

    def append(self, first: int, count: int, **options: str) -> None:
        rows = self._spark.createDataFrame(
            [(number, "appended") for number in range(first, first + count)], "id BIGINT, value STRING"
        )
        rows.write.format("delta").mode("append").options(**options).saveAsTable(self.name)

    def history(self) -> list[Row]:
        """The newest commit first."""
        return list(self._spark.sql(f"DESCRIBE HISTORY {self.name}").collect())

    def values(self) -> dict[int, str]:
        return {row["id"]: row["value"] for row in self._spark.table(self.name).collect()}


@contextmanager
def scratch_table(surroundings: Surroundings, purpose: str) -> Iterator[ScratchTable]:
    """A table for one question, which is dropped afterwards."""
    spark, table_name = surroundings.spark, f"probe_{purpose}_{surroundings.token}"
    scratch = ScratchTable(surroundings, table_name)
    root = surroundings.settings.tables_location
    location = f"LOCATION '{root}/{table_name}'" if root else ""
    spark.sql(
        f"CREATE TABLE {scratch.name} (id BIGINT, value STRING) USING DELTA {location} "
        f"TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')"
    ).collect()
    try:
        yield scratch
    finally:
        spark.sql(f"DROP TABLE IF EXISTS {scratch.name}").collect()
