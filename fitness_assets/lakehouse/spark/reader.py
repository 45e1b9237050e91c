"""Reading less of a large table in Spark: literals let Delta skip the files that cannot hold a wanted row."""

from collections.abc import Sequence

from fitness_assets.lakehouse.rows import limits
from fitness_assets.lakehouse.rows.rowset import RowSet
from fitness_assets.lakehouse.sql.dialect import SPARK
from fitness_assets.lakehouse.sql.predicates import InRanges, Predicate, Where, all_of


def pruned(rows: RowSet, row_count: int, predicates: Sequence[Predicate], is_intermediate: bool) -> RowSet:
    """The rows for which all predicates hold, or all rows where looking for these alone does not pay.

    Args:
        row_count: how many rows the table has.
        is_intermediate: whether the rows will narrow the reading of other tables.
    """
    if predicates and (is_intermediate or row_count > limits.PRUNING_MIN_ROWS):
        return RowSet.planned(rows.spark, rows.df.where(all_of(predicates, SPARK)))
    return rows


def semi_joined(rows: RowSet, row_count: int, values: RowSet, columns: Sequence[str]) -> RowSet:
    """Exactly the rows whose values in some columns are among the given ones."""
    if row_count > limits.PRUNING_MIN_ROWS:
        ranges = {name: values.ranges(name) for name in columns}
        bounds = [Where(name, InRanges(covering)) for name, covering in ranges.items() if covering]
        rows = RowSet.planned(rows.spark, rows.df.where(all_of(bounds, SPARK)))
    return rows.semi_join(values, columns)
