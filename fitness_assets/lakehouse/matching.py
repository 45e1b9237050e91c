"""Reading only the rows that have given values in given columns."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from fitness_assets.lakehouse.pruning import WORTH_PRUNING, column_ranges, inside
from fitness_assets.lakehouse.staging import Staged


def near_values_of(wanted: Staged, columns: Sequence[str], rows: DataFrame, in_table: int) -> DataFrame:
    """Rows whose files may hold the wanted values: literal bounds, so that other files are not read.

    Args:
        in_table: how many rows there are; of few all are given.
    """
    if in_table <= WORTH_PRUNING:
        return rows
    for name in columns:
        bounds = column_ranges(wanted, name)
        if bounds:
            rows = rows.where(inside(f"`{name}`", bounds))
    return rows


def with_values_of(wanted: Staged, columns: Sequence[str], rows: DataFrame, in_table: int) -> DataFrame:
    """Exactly the rows whose values in `columns` are among the wanted ones."""
    near = near_values_of(wanted, columns, rows, in_table)
    values = wanted.df.select(*columns).distinct()
    if wanted.few is not None:
        values = F.broadcast(values)
    return near.join(values, list(columns), "left_semi").select(rows.columns)
