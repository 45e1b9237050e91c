"""The change data feed of a table with what looks up the current rows of the same table."""

from collections.abc import Sequence

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.interface import Lakehouse
from fitness_assets.lakehouse.rows import limits
from fitness_assets.lakehouse.rows.change_feed import ChangeFeed
from fitness_assets.lakehouse.rows.rowset import RowSet


def change_feed_of(lake: Lakehouse, table: Table, until: int, rows: RowSet, expected_rows: int) -> ChangeFeed:
    """The feed whose rows were read already.

    Args:
        until: the last of its versions.
        expected_rows: about how many rows there are.
    """

    def look_up(values: RowSet, columns: Sequence[str]) -> RowSet:
        return lake.semi_join(table, values, columns, until)

    is_large = lake.log(table).row_count() > limits.PRUNING_MIN_ROWS
    return ChangeFeed(table, rows, expected_rows, look_up, is_large)
