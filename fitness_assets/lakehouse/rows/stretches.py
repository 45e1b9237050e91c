"""Many rows in stretches of their table's order, each in a partition of its own."""

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.rows import limits
from fitness_assets.lakehouse.rows.rowset import RowSet


def in_stretches(table: Table, rows: RowSet, expected_rows: int) -> RowSet:
    """Many rows exchanged by the columns that the table is clustered by; few, and those without an order, as they are.

    Where these columns are part of the key, the rows of one key are in one partition afterwards: grouping them by it
    needs no second exchange.
    """
    if rows.is_in_stretches or not table.cluster_by or expected_rows <= limits.ROWS_PER_FILE:
        return rows
    stretches = max(expected_rows // limits.ROWS_PER_STRETCH, 2)
    df = rows.df.repartitionByRange(stretches, *table.cluster_by)
    return RowSet(rows.spark, df=df, is_in_stretches=True)
