"""Tables from keyed tables: the rows that a change touches are computed again from the sources as they are now.

Each changed source is restricted to its changed rows. Along the joins of the contract the other sources are then read
only where they can meet these rows, and the transform gives the true rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

from pyspark.sql import DataFrame

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import Lakehouse, RowCounts, RowSet, StagingArea, derive, diff_rows, union_distinct
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.pipeline.strategies.computed.archive import archive_of, remove_archive
from fitness_assets.pipeline.strategies.computed.plan import Plan
from fitness_assets.pipeline.strategies.computed.source_pruning import ChangedRows, pruned_sources
from fitness_assets.pipeline.strategies.computed.strategy import ComputedTableStrategy, as_contracted
from fitness_assets.pipeline.strategies.strategy import StrategyResult
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
    _erasures = ""

    def __init__(self, lake: Lakehouse, table: Table, store: ProgressStore) -> None:
        super().__init__(lake, table, store)
        self._archive = archive_of(lake, table, store)

    def prepare(self, progress: Progress | None, full_refresh: bool) -> Progress | None:
        progress = super().prepare(progress, full_refresh)
        if self._archive is not None:
            self._erasures = self._archive.bring_up_to_date(progress)
        elif progress is not None and progress.archive is not None:
            remove_archive(self.lake, self.table, self.store)
        return progress

    def run(self, plan: Plan, progress: Progress | None) -> StrategyResult:
        result = super().run(plan, progress)
        archive = self._archive
        note = replace(
            result.progress,
            archive=archive.version() if archive else None,
            archived_before=archive.mark.before if archive and archive.mark else None,
            erasures=self._erasures,
        )
        return replace(result, progress=note)

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
        key, archive = self.table.key, self._archive
        true_rows, existing_rows = union_distinct(truth, key), union_distinct(existing, key)
        if archive is not None:
            true_rows, existing_rows = archive.without_archived(true_rows), archive.without_archived(existing_rows)
        changes = diff_rows(true_rows, existing_rows, self.table).stage(area, plan.expected_rows)
        if archive is not None:
            changes = archive.without_archived_keys(changes, area)
        return self.lake.apply_changes(self.table, changes), 0

    def run_full(self, plan: Plan, area: StagingArea) -> tuple[RowCounts, int]:
        sources = {name: self.lake.read(get_table(name), version.number) for name, version in plan.versions.items()}
        truth = RowSet.planned(self.lake.spark, self.compute(sources, plan.as_of))
        if self._archive is not None:
            truth = self._archive.with_archived(truth)
        if plan.is_target_empty:
            return RowCounts(inserted=self.lake.append(self.table, truth, plan.expected_rows)), 0
        return self.make_equal(truth, plan, area), 0

    def compute(self, sources: Mapping[str, RowSet], as_of: date) -> DataFrame:
        return self._transform(as_of, **{source.name: sources[source.table].df for source in self.table.sources})

    @classmethod
    def code(cls, table: Table) -> dict[str, Callable[..., object]]:
        return {"transform": transform_of(table)}

    def _transform(self, as_of: date, /, **sources: DataFrame) -> DataFrame:
        clock = {"as_of": as_of} if self.table.depends_on_date else {}
        return as_contracted(transform_of(self.table)(**sources, **clock), self.table)
