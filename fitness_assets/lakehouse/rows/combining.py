"""Row sets put together: by a transform, or one after the other."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

from pyspark.sql import DataFrame

from fitness_assets.lakehouse.rows.rowset import RowSet, joined_in_place


def derive(inputs: Mapping[str, RowSet], transform: Callable[..., DataFrame]) -> RowSet:
    """What a transform makes of some row sets, passed by name. Where all are few they are joined where they are."""
    is_small = all(rows.is_small for rows in inputs.values())
    frames = {name: joined_in_place(rows.df) if is_small else rows.df for name, rows in inputs.items()}
    spark = next(iter(inputs.values())).spark
    return RowSet.planned(spark, transform(**frames), is_small)


def union(parts: Sequence[RowSet]) -> RowSet:
    """All rows of some row sets of the same columns."""
    if len(parts) == 1:
        return parts[0]
    is_small = all(rows.is_small for rows in parts)
    df = reduce(DataFrame.unionByName, [rows.df for rows in parts])
    return RowSet.planned(parts[0].spark, df, is_small)


def union_distinct(parts: Sequence[RowSet], key: Sequence[str]) -> RowSet:
    """The rows of some row sets of the same columns, of those with the same key one."""
    if len(parts) == 1:
        return parts[0]
    together = union(parts)
    return RowSet.planned(together.spark, together.in_one_partition().dropDuplicates(list(key)), together.is_small)
