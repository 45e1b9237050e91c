"""Records that mean "no row" (a deleted profile), kept in a table of their own.

Without them a late, older record would bring the row back. They are only ever added to: a tombstone that a newer
record overruled does no harm, because it is merged like any other record.
"""

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import Lakehouse, RowSet, StagingArea


class Tombstones:
    """The tombstones of one table, a Delta table of the same columns."""

    def __init__(self, lake: Lakehouse, table: Table) -> None:
        self._lake = lake
        self._table = table.tombstone_table

    def read(self) -> RowSet:
        return self._lake.read(self._ensured())

    def add(self, records: RowSet, area: StagingArea, expected_rows: int) -> None:
        """Add records; those that are there already are not written again."""
        if records.is_empty:
            return
        new = RowSet.planned(self._lake.spark, records.df.subtract(self.read().df)).stage(area, expected_rows)
        self._lake.append(self._ensured(), new, expected_rows)

    def replace(self, records: RowSet) -> None:
        """Put the tombstones of all records there are in the place of those that were there, in one commit."""
        self._lake.overwrite(self._ensured(), records, expected_rows=0)

    def _ensured(self) -> Table:
        assert self._table is not None, "only a table with a tombstone condition has tombstones"
        self._lake.ensure(self._table)
        return self._table
