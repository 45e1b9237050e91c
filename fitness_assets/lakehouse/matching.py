"""Reading only the rows that have given values in given columns."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.pruning import WORTH_PRUNING, Inside, column_ranges
from fitness_assets.lakehouse.staging import Staged
from fitness_assets.lakehouse.tables import Lakehouse


def rows_with(
    lake: Lakehouse, spark: SparkSession, table: Table, version: int | None, wanted: Staged, columns: Sequence[str]
) -> Staged:
    """Exactly the rows of a table, in its latest version if none is given, whose values are among the wanted ones."""
    if wanted.few is not None:
        near = [Inside(name, column_ranges(wanted, name) or ()) for name in columns]
        found = lake.find(spark, table, version, near, [wanted.few.select(list(columns))])
        if found is not None:
            return found
    rows = lake.read(spark, table, version)
    if lake.log(table).row_count() > WORTH_PRUNING:
        for name in columns:
            if bounds := column_ranges(wanted, name):
                rows = rows.where(F.expr(Inside(name, bounds).spark_sql))
    return Staged(with_values_of(wanted, columns, rows), None)


def with_values_of(wanted: Staged, columns: Sequence[str], rows: DataFrame, few: bool = False) -> DataFrame:
    """Exactly those of some rows whose values in `columns` are among the wanted ones.

    Args:
        few: whether the rows are few and lie in one partition.
    """
    values = wanted.df.select(*columns).distinct()
    if wanted.few is not None:
        values = not_exchanged(values) if few else F.broadcast(values)
    return rows.join(values, list(columns), "left_semi").select(rows.columns)


def not_exchanged(rows: DataFrame) -> DataFrame:
    """Few rows in one partition that are joined where they are: a broadcast would be a job of its own."""
    return rows.hint("shuffle_hash")
