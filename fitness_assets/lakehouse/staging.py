"""Rows set aside between two steps, so that they are computed once: few in this process, many in a staging folder."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

FEW_ROWS = 50_000
"""Up to here rows are held in this process: one Spark job less to write them and one less to read them."""


class Staged:
    """Rows that were computed once. `few` holds them where they are few, otherwise they lie in a folder."""

    def __init__(self, df: DataFrame | None, few: pa.Table | None, spark: SparkSession | None = None) -> None:
        self._df = df
        self._spark = df.sparkSession if df is not None else spark
        self.few = few

    @classmethod
    def here(cls, spark: SparkSession, few: pa.Table) -> "Staged":
        """Rows held in this process; they cross to the engine only where they are used there."""
        return cls(None, few, spark)

    @property
    def df(self) -> DataFrame:
        if self._df is None:
            assert self._spark is not None and self.few is not None
            self._df = local_rows(self._spark, self.few)
        return self._df

    @property
    def empty(self) -> bool:
        """Whether there are no rows for certain."""
        return self.few is not None and self.few.num_rows == 0

    def where(self, condition: str, here: pc.Expression) -> "Staged":
        """The rows for which a condition holds, given in SQL and in Arrow's words."""
        if self.few is None:
            return Staged(self.df.where(condition), None)
        return Staged(None, self.few.filter(here), self._spark)

    def sum(self, column: str) -> int:
        """The sum of a column of whole numbers, 0 where there are no rows."""
        if self.few is not None:
            return int(pc.sum(self.few.column(column)).as_py() or 0)
        return int(self.df.selectExpr(f"coalesce(sum({column}), 0)").collect()[0][0])

    def select(self, *columns: str) -> "Staged":
        if self.few is None:
            return Staged(self.df.select(*columns), None)
        return Staged(None, self.few.select(list(columns)), self._spark)


class Staging:
    """The staging folder of one table's update."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark = spark
        self.folder = folder

    def stage(self, df: DataFrame, expected_rows: int) -> Staged:
        """Compute the rows once.

        Args:
            expected_rows: a guess; if it is low the rows are computed a second time.
        """
        found = at_hand(df, expected_rows)
        if found.few is not None:
            return found
        path = str(self.folder / uuid.uuid4().hex)
        df.write.parquet(path)
        return Staged(self.spark.read.schema(df.schema).parquet(path), None)


def at_hand(df: DataFrame, expected_rows: int, at_most: bool = False) -> Staged:
    """The rows in this process where they are few, otherwise as they are: computed where they are used.

    Args:
        expected_rows: a guess; if it is low the rows are computed a second time.
        at_most: whether it is certain that there are no more.
    """
    if expected_rows <= FEW_ROWS:
        rows = df.toArrow() if at_most else df.limit(FEW_ROWS + 1).toArrow()
        if rows.num_rows <= FEW_ROWS:
            return Staged.here(df.sparkSession, rows)
    return Staged(df, None)


@contextmanager
def staging(spark: SparkSession, folder: Path) -> Iterator[Staging]:
    """A staging folder that is empty at the start, whatever a killed update left, and gone at the end."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield Staging(spark, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def local_rows(spark: SparkSession, rows: pa.Table) -> DataFrame:
    """Rows held in this process as a DataFrame. In one piece: PySpark loses rows of a table with empty pieces."""
    rows = rows.combine_chunks()
    if rows.num_rows == 0:
        return spark.createDataFrame([], from_arrow_schema(rows.schema))
    return spark.createDataFrame(rows)
