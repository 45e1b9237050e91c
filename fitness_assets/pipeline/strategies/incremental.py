"""Derived tables: the rows that a change touches are computed again from the sources as they are now.

Each changed source is restricted to its changed rows. Along the links of the contract the other
sources are then read only where they can meet these rows, and the transform gives the true rows.
"""

from datetime import date
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse.matching import not_exchanged, rows_with, with_values_of
from fitness_assets.lakehouse.pruning import WORTH_PRUNING
from fitness_assets.lakehouse.staging import Staged, Staging
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.writes import RowCounts, append, apply_changes, diff, replace
from fitness_assets.pipeline.plan import Plan, SourceChange
from fitness_assets.pipeline.strategies.source_pruning import narrowed
from fitness_assets.transforms.registry import transform_of

_TYPE, _VERSION = "_change_type", "_commit_version"


class Deriving:
    """One update of one derived table."""

    def __init__(self, spark: SparkSession, lake: Lakehouse, table: Table, staging: Staging, as_of: date) -> None:
        self.spark = spark
        self.lake = lake
        self.table = table
        self.staging = staging
        self.as_of = as_of

    def run(self, plan: Plan) -> RowCounts:
        return self._whole(plan) if plan.whole else self._incremental(plan)

    def _whole(self, plan: Plan) -> RowCounts:
        sources = {
            source.name: self.lake.read(self.spark, get_table(source.table), plan.versions[source.table].number)
            for source in self.table.sources
        }
        truth = self._rows(sources)
        if plan.empty_target:
            return RowCounts(inserted=append(self.lake, self.table, truth, plan.expected_rows))
        if self.lake.has_repeated_keys(self.table):
            return replace(self.lake, self.table, truth, plan.expected_rows)
        return self._make_equal(truth, self.lake.read(self.spark, self.table), plan.expected_rows)

    def _incremental(self, plan: Plan) -> RowCounts:
        truths: list[DataFrame] = []
        theres: list[DataFrame] = []
        few = True
        for change in plan.changes:
            touched, current = self._changed_rows(change, plan)
            if touched.empty:
                continue
            on = change.source.change_key
            sources = narrowed(self.spark, self.lake, self.table, self.staging, plan, change.source, touched, current)
            all_few = all(source.few is not None for source in [touched, *sources.values()])
            rows = {name: not_exchanged(source.df) if all_few else source.df for name, source in sources.items()}
            truths.append(with_values_of(touched, on, self._rows(rows), all_few))
            theres.append(rows_with(self.lake, self.spark, self.table, None, touched, on).df)
            few = few and all_few
        if not truths:
            return RowCounts()
        truth, there = reduce(DataFrame.unionByName, truths), reduce(DataFrame.unionByName, theres)
        if len(truths) > 1:
            if few:
                truth, there = truth.coalesce(1), there.coalesce(1)
            truth, there = truth.dropDuplicates(list(self.table.key)), there.dropDuplicates(list(self.table.key))
        return self._make_equal(truth, there, plan.expected_rows, few)

    def _make_equal(self, truth: DataFrame, there: DataFrame, expected: int, few: bool = False) -> RowCounts:
        change = self.staging.stage(diff(truth, there, self.table, few), expected)
        return apply_changes(self.spark, self.lake, self.table, change)

    def _rows(self, sources: dict[str, DataFrame]) -> DataFrame:
        clock = {"as_of": self.as_of} if self.table.depends_on_date else {}
        return transform_of(self.table)(**sources, **clock).select(self.table.column_names)

    def _changed_rows(self, change: SourceChange, plan: Plan) -> tuple[Staged, Staged]:
        """The values in the `on` columns that a change touched, and the source's rows that have them now."""
        on = list(change.source.change_key)
        columns = change.table.column_names
        changes = self.lake.changes(self.spark, change.table, change.after, change.until, change.rows)
        if changes.few is None:
            touched = self.staging.stage(changes.df.select(*on).distinct(), change.rows)
        else:
            values = changes.few.select(on).group_by(on).aggregate([])
            touched = Staged.here(self.spark, values)
        if changes.few is not None and set(on) == set(change.table.key):
            rows = _as_they_are_now(changes.few, on).select(columns)
            return touched, Staged.here(self.spark, rows)
        current = rows_with(self.lake, self.spark, change.table, change.until, touched, on)
        if current.few is not None or self.lake.log(change.table).row_count() <= WORTH_PRUNING:
            return touched, current
        return touched, self.staging.stage(current.df, change.rows)


def _as_they_are_now(changes: pa.Table, key: list[str]) -> pa.Table:
    """The last state of each changed row, without those that are gone."""
    after = changes.filter(pc.not_equal(changes[_TYPE], "update_preimage"))
    last = after.group_by(key).aggregate([(_VERSION, "max")]).rename_columns([*key, "_last"])
    latest = after.join(last, key, join_type="inner")
    current = pc.and_(pc.equal(latest[_VERSION], latest["_last"]), pc.not_equal(latest[_TYPE], "delete"))
    return latest.filter(current)
