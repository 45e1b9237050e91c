"""Rows on their way from one step to the next: in this process where they are few, otherwise in Spark.

Whoever works with a `RowSet` need not know which. What follows from it, such as whether rows are collected, written to
a staging folder, joined where they are or exchanged, is decided here.
"""

import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from fitness_assets.lakehouse.rows import limits
from fitness_assets.lakehouse.sql.dialect import SPARK
from fitness_assets.lakehouse.sql.predicates import OneOf, Predicate, Range
from fitness_assets.lakehouse.sql.ranges import covering_ranges, merged_ranges

SparkProvider = Callable[[], SparkSession]


class RowSet:
    """Some rows.

    Attributes:
        local: the rows, where they are held in this process.
        is_small: whether they are few, and lie in one partition if they are in Spark.
        max_rows: how many there are at most, where that is known.
        is_in_stretches: whether each partition is a stretch of the order of the table that they are for.
    """

    def __init__(
        self,
        spark: SparkProvider,
        local: pa.Table | None = None,
        df: DataFrame | None = None,
        is_small: bool = False,
        max_rows: int | None = None,
        is_in_stretches: bool = False,
    ) -> None:
        self.spark = spark
        self.local = local
        self.is_small = is_small or local is not None
        self.max_rows = max_rows if local is None else local.num_rows
        self.is_in_stretches = is_in_stretches
        self._df = df

    @classmethod
    def in_process(cls, spark: SparkProvider, rows: pa.Table) -> "RowSet":
        """Rows held in this process; they cross to the engine only where they are used there."""
        return cls(spark, local=rows)

    @classmethod
    def planned(
        cls, spark: SparkProvider, df: DataFrame, is_small: bool = False, max_rows: int | None = None
    ) -> "RowSet":
        """Rows that Spark computes where they are used."""
        return cls(spark, df=df, is_small=is_small, max_rows=max_rows)

    @property
    def df(self) -> DataFrame:
        """The rows as a DataFrame."""
        if self._df is None:
            assert self.local is not None, "a row set is in this process or planned in Spark"
            self._df = local_dataframe(self.spark(), self.local)
        return self._df

    @property
    def is_empty(self) -> bool:
        """Whether there are no rows for certain."""
        return self.local is not None and self.local.num_rows == 0

    def filter(self, column: str, condition: OneOf) -> "RowSet":
        """The rows whose value in a column is one of some values."""
        if self.local is None:
            return self._planned(self.df.where(condition.sql(SPARK.name(column), SPARK)))
        return self.in_process(self.spark, self.local.filter(pc.field(column).isin(condition.values)))

    def where(self, predicate: Predicate, is_met: bool = True) -> "RowSet":
        """The rows for which a predicate is true, or those for which it is not: false, or null."""
        sql = predicate.sql(SPARK)
        return self._planned(self.df.where(sql if is_met else f"NOT coalesce({sql}, false)"))

    def select(self, *columns: str) -> "RowSet":
        if self.local is None:
            return self._planned(self.df.select(*columns))
        return self.in_process(self.spark, self.local.select(list(columns)))

    def distinct(self, *columns: str) -> "RowSet":
        """The different values of some columns."""
        if self.local is None:
            return self._planned(self.df.select(*columns).distinct())
        return self.in_process(self.spark, self.local.select(list(columns)).group_by(list(columns)).aggregate([]))

    def values(self, column: str, name: str) -> "RowSet | None":
        """The different values of one column under another name; None where they are not in this process."""
        if self.local is None:
            return None
        return self.in_process(self.spark, pa.table({name: pc.unique(self.local.column(column))}))

    def sum(self, column: str) -> int:
        """The sum of a column of whole numbers, 0 where there are no rows."""
        if self.local is not None:
            return int(pc.sum(self.local.column(column)).as_py() or 0)
        return int(self.df.selectExpr(f"coalesce(sum({column}), 0)").collect()[0][0])

    def count_by(self, column: str) -> dict[str, int]:
        """How many rows have each value of a column."""
        if self.local is not None:
            counts = pc.value_counts(self.local.column(column)).to_pylist()
            return {row["values"]: row["counts"] for row in counts}
        return {row[column]: row["count"] for row in self.df.groupBy(column).count().collect()}

    def ranges(self, column: str) -> list[Range]:
        """A few closed ranges that hold all values of a column but nulls; empty where there are none."""
        if self.local is None:
            bounds = self._least_and_greatest(F.min(column), F.max(column))
            return [] if bounds[0] is None else [bounds]
        return covering_ranges(pc.unique(self.local.column(column).drop_null()).to_pylist())

    def interval_ranges(self, start: str, end: str) -> list[Range]:
        """A few closed ranges that cover all intervals between two columns; an open one is left out."""
        if self.local is None:
            low, high = self._least_and_greatest(F.min(start), F.max(end))
            return [] if low is None or high is None else [(low, high)]
        pairs = zip(self.local.column(start).to_pylist(), self.local.column(end).to_pylist(), strict=True)
        return merged_ranges([(low, high) for low, high in pairs if low is not None and high is not None])

    def semi_join(self, values: "RowSet", columns: Sequence[str]) -> "RowSet":
        """Exactly those rows whose values in some columns are among the given ones."""
        return self._joined(values, columns, "left_semi")

    def anti_join(self, values: "RowSet", columns: Sequence[str]) -> "RowSet":
        """Exactly those rows whose values in some columns are not among the given ones."""
        return self._joined(values, columns, "left_anti")

    def union_with(self, others: Sequence["RowSet"]) -> "RowSet":
        """These rows and others of the same columns, which are about as many; handled as these are."""
        df = reduce(DataFrame.unionByName, [rows.df for rows in others], self.df)
        return self._planned(df)

    def stage(self, area: "StagingArea", expected_rows: int) -> "RowSet":
        """The rows, computed once: in this process where they are few, otherwise in the staging folder.

        Args:
            expected_rows: a guess; if it is low the rows are computed a second time.
        """
        if self.local is not None:
            return self
        collected = self.collect_if_few(expected_rows)
        return collected if collected.local is not None else area.write(self)

    def collect_if_few(self, expected_rows: int) -> "RowSet":
        """The rows in this process where they are few, otherwise as they are.

        Args:
            expected_rows: a guess; if it is low the rows are computed a second time.
        """
        if self.local is not None or expected_rows > limits.LOCAL_ROWS:
            return self
        is_bounded = self.max_rows is not None and self.max_rows <= limits.LOCAL_ROWS
        rows = self.df.toArrow() if is_bounded else self.df.limit(limits.LOCAL_ROWS + 1).toArrow()
        return self.in_process(self.spark, rows) if rows.num_rows <= limits.LOCAL_ROWS else self

    def in_one_partition(self) -> DataFrame:
        """The rows as a DataFrame in which, where they are few, nothing has to be exchanged."""
        return self.df.coalesce(1) if self.is_small else self.df

    def _planned(self, df: DataFrame, is_small: bool | None = None) -> "RowSet":
        return self.planned(self.spark, df, self.is_small if is_small is None else is_small)

    def _joined(self, values: "RowSet", columns: Sequence[str], how: str) -> "RowSet":
        keys, is_small = values.df.select(*columns).distinct(), self.is_small and values.is_small
        if values.is_small:
            keys = joined_in_place(keys) if is_small else F.broadcast(keys)
        return self._planned(self.df.join(keys, list(columns), how).select(self.df.columns), is_small)

    def _least_and_greatest(self, low: Column, high: Column) -> Range:
        bounds = self.df.agg(low.alias("low"), high.alias("high")).toArrow().to_pylist()[0]
        return bounds["low"], bounds["high"]


class StagingArea:
    """The staging folder of one table's update."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write_batches(self, schema: pa.Schema, batches: Iterator[pa.Table], spark: SparkProvider) -> RowSet:
        """Rows of this process, which cross to the engine by the staging folder where they are many."""
        first = next(batches, schema.empty_table())
        second = next(batches, None)
        if second is None and first.num_rows <= limits.LOCAL_ROWS:
            return RowSet.in_process(spark, first)
        path, count = self._folder / uuid.uuid4().hex, 0
        path.mkdir(parents=True)
        with pq.ParquetWriter(path / "rows.parquet", schema) as writer:
            for batch in chain([first], [second] if second is not None else [], batches):
                writer.write_table(batch.cast(schema))
                count += batch.num_rows
        return RowSet.planned(spark, spark().read.parquet(str(path)), max_rows=count)

    def write(self, rows: RowSet) -> RowSet:
        path = str(self._folder / uuid.uuid4().hex)
        rows.df.write.parquet(path)
        return RowSet.planned(rows.spark, rows.spark().read.schema(rows.df.schema).parquet(path))


@contextmanager
def staging_area(folder: Path) -> Iterator[StagingArea]:
    """A staging folder that is empty at the start, whatever a killed update left, and gone at the end."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield StagingArea(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def local_dataframe(spark: SparkSession, rows: pa.Table) -> DataFrame:
    """Rows held in this process as a DataFrame. In one piece: PySpark loses rows of a table with empty pieces."""
    rows = rows.combine_chunks()
    if rows.num_rows == 0:
        return spark.createDataFrame([], from_arrow_schema(rows.schema))
    return spark.createDataFrame(rows)


def joined_in_place(rows: DataFrame) -> DataFrame:
    """Few rows in one partition that are joined where they are: a broadcast would be a job of its own."""
    return rows.hint("shuffle_hash")
