"""Tables from keyed tables: the rows that a change touches are computed again from the sources as they are now.

Each changed source is restricted to its changed rows. Along the joins of the contract the other sources are then read
only where they can meet these rows, and the transform gives the true rows.
"""

from collections.abc import Callable
from datetime import date
from functools import partial

from pyspark.sql import DataFrame

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import RowCounts, RowSet, StagingArea, derive, diff_rows, union_distinct
from fitness_assets.pipeline.strategies.computed.plan import Plan
from fitness_assets.pipeline.strategies.computed.source_pruning import ChangedRows, pruned_sources
from fitness_assets.pipeline.strategies.computed.strategy import ComputedTableStrategy, as_contracted
from fitness_assets.transforms.registry import transform_of


class Incremental(ComputedTableStrategy):
    """One update of one table that is made from keyed tables."""

    SUMMARY = "the rows that a change touches computed again"
    DESCRIPTION = (
        "The rows that a change of a source touches are computed again and made equal in one MERGE: added, changed "
        "and removed."
    )
    is_keyed = True
    prefers_full = True

    def run_changes(self, plan: Plan, area: StagingArea) -> tuple[RowCounts, int]:
        truth: list[RowSet] = []
        existing: list[RowSet] = []
        for change in plan.changes:
            key = change.source.change_key
            feed = self.lake.changes(change.table, change.after, change.until, change.rows)
            values = feed.changed_values(key, area)
            if values.is_empty:
                continue
            changed = ChangedRows(change.source, values, feed.current_rows(values, key, area))
            sources = pruned_sources(self.lake, self.table, plan, changed, area)
            truth.append(derive(sources, partial(self._transform, plan.as_of)).semi_join(values, key))
            existing.append(self.lake.semi_join(self.table, values, key))
        if not truth:
            return RowCounts(), 0
        key = self.table.key
        changes = diff_rows(union_distinct(truth, key), union_distinct(existing, key), self.table)
        return self.lake.apply_changes(self.table, changes.stage(area, plan.expected_rows)), 0

    def run_full(self, plan: Plan, area: StagingArea) -> tuple[RowCounts, int]:
        sources = {
            source.name: self.lake.read(get_table(source.table), plan.versions[source.table].number).df
            for source in self.table.sources
        }
        truth = RowSet.planned(self.lake.spark, self._transform(plan.as_of, **sources))
        if plan.is_target_empty:
            return RowCounts(inserted=self.lake.append(self.table, truth, plan.expected_rows)), 0
        return self.make_equal(truth, plan, area), 0

    @classmethod
    def code(cls, table: Table) -> dict[str, Callable[..., object]]:
        return {"transform": transform_of(table)}

    def _transform(self, as_of: date, /, **sources: DataFrame) -> DataFrame:
        clock = {"as_of": as_of} if self.table.depends_on_date else {}
        return as_contracted(transform_of(self.table)(**sources, **clock), self.table)
