"""What changed in a table between two of its versions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.rows.rowset import RowSet, StagingArea
from fitness_assets.lakehouse.sql.predicates import OneOf

_CHANGE_TYPE, _VERSION = "_change_type", "_commit_version"
FEED_FIELDS = (pa.field(_CHANGE_TYPE, pa.string()), pa.field(_VERSION, pa.int64()))
"""What the feed has beside the table's own columns."""


@dataclass(frozen=True)
class ChangeFeed:
    """The change data feed of some versions of one table.

    Attributes:
        rows: the table's rows as they were and are, with what happened to each.
        expected_rows: about how many there are.
        lookup: gives the rows of the last of these versions whose values in some columns are among given ones.
        is_costly_to_look_up: whether rows that were looked up are better computed once than wherever they are used.
    """

    table: Table
    rows: RowSet
    expected_rows: int
    lookup: Callable[[RowSet, Sequence[str]], RowSet]
    is_costly_to_look_up: bool

    def inserts(self) -> RowSet:
        """The rows that were added."""
        rows = self.rows
        return RowSet.planned(rows.spark, rows.df.where(f"{_CHANGE_TYPE} = 'insert'"), is_small=rows.is_small)

    def filter(self, column: str, condition: OneOf) -> "ChangeFeed":
        """The feed of the rows whose value in a column is one of some values."""
        return replace(self, rows=self.rows.filter(column, condition))

    def changed_values(self, columns: Sequence[str], area: StagingArea) -> RowSet:
        """The values in some columns of all rows that were added, changed or removed."""
        return self.rows.distinct(*columns).stage(area, self.expected_rows)

    def current_rows(self, values: RowSet, columns: Sequence[str], area: StagingArea) -> RowSet:
        """The rows of the last version that have these values in some columns now."""
        if self.rows.local is not None and set(columns) == set(self.table.key):
            latest = _latest_states(self.rows.local, list(columns)).select(self.table.column_names)
            return RowSet.in_process(self.rows.spark, latest)
        current = self.lookup(values, columns)
        return current.stage(area, self.expected_rows) if self.is_costly_to_look_up else current


def _latest_states(feed: pa.Table, key: list[str]) -> pa.Table:
    """The last state of each changed row, without those that are gone."""
    after = feed.filter(pc.not_equal(feed[_CHANGE_TYPE], "update_preimage"))
    last = after.group_by(key).aggregate([(_VERSION, "max")]).rename_columns([*key, "_last"])
    latest = after.join(last, key, join_type="inner")
    current = pc.and_(pc.equal(latest[_VERSION], latest["_last"]), pc.not_equal(latest[_CHANGE_TYPE], "delete"))
    return latest.filter(current)
