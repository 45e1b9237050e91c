"""Reading only the rows that have given values in given columns."""

from collections.abc import Sequence

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from fitness_assets.lakehouse.pruning import column_ranges, inside, literal
from fitness_assets.lakehouse.staging import Staged

FEW_VALUES = 100


def near_values_of(wanted: Staged, columns: Sequence[str], rows: DataFrame) -> DataFrame:
    """Rows whose files may hold the wanted values: literal bounds, so that other files are not read."""
    for name in columns:
        bounds = column_ranges(wanted, name)
        if bounds:
            rows = rows.where(inside(f"`{name}`", bounds))
    return rows


def with_values_of(wanted: Staged, columns: Sequence[str], rows: DataFrame) -> DataFrame:
    """Exactly the rows whose values in `columns` are among the wanted ones."""
    near = near_values_of(wanted, columns, rows)
    if wanted.few is not None and wanted.few.num_rows <= FEW_VALUES:
        return near.where(_among(wanted.few.select(list(columns)), columns))
    values = wanted.df.select(*columns).distinct()
    if wanted.few is not None:
        values = F.broadcast(values)
    return near.join(values, list(columns), "left_semi").select(rows.columns)


def _among(values: pa.Table, columns: Sequence[str]) -> str:
    """A condition of literals alone; it spares a join."""
    rows = [" AND ".join(f"`{name}` = {literal(row[name])}" for name in columns) for row in values.to_pylist()]
    return " OR ".join(f"({row})" for row in rows) if rows else "false"
