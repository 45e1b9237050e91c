"""What a merge of new records into a table has to look at."""

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.interface import Lakehouse
from fitness_assets.lakehouse.rows import limits
from fitness_assets.lakehouse.rows.rowset import RowSet, StagingArea


def read_merge_input(
    lake: Lakehouse, table: Table, records: RowSet, expected_rows: int, area: StagingArea
) -> tuple[RowSet, RowSet]:
    """The records, and at least the existing rows that share a key with one of them.

    A small table is read whole; for a large one the records are computed once, and the rows with their keys looked up.
    """
    if records.is_small and lake.log(table).row_count() <= limits.SMALL_TABLE_ROWS:
        return records, lake.read(table)
    records = records.stage(area, expected_rows)
    return records, lake.semi_join(table, records, table.key)
