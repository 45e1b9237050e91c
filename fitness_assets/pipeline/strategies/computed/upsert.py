"""Silver from bronze: new records are merged, one row a key, into the rows that exist.

The winner of a key among all its records is the winner among the existing row and the new records, so no history is
read.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import (
    CHANGE_TYPE,
    ENGINE_FAILURES,
    OneOf,
    RowCounts,
    RowSet,
    StagingArea,
    in_stretches,
    read_merge_input,
)
from fitness_assets.pipeline.state.progress import Progress
from fitness_assets.pipeline.strategies.computed.plan import Plan
from fitness_assets.pipeline.strategies.computed.strategy import ComputedTableStrategy, as_contracted
from fitness_assets.pipeline.strategies.computed.tombstones import Tombstones
from fitness_assets.transforms.registry import merge_rule_of, merged_values, parser_of

_NEW, _EXISTING, _BURIED = "new", "existing", "buried"
_NOT_OBSERVED: tuple[type[Exception], ...] = (*ENGINE_FAILURES, KeyError)


class Upsert(ComputedTableStrategy):
    """One update of one table of records, with one row a key."""

    SUMMARY = "new records weighed against the row that is there"
    DESCRIPTION = (
        "New records are weighed against the row that is there, so that late, repeated and disordered records give "
        "the same rows."
    )
    is_keyed = True
    full_on_source_deletes = True

    def run_changes(self, plan: Plan, area: StagingArea) -> tuple[RowCounts, int]:
        change = plan.changes[0]
        feed = self.lake.changes(change.table, change.after, change.until, change.rows)
        if topic := self.table.sources[0].topic:
            feed = feed.filter("topic_group", OneOf((topic,)))
        if feed.rows.is_empty:
            return RowCounts(), 0
        inserts = feed.inserts()
        records = RowSet.planned(inserts.spark, self._parsed(inserts.df), inserts.is_small)
        records, existing = read_merge_input(self.lake, self.table, records, change.rows, area)
        tombstones = Tombstones(self.lake, self.table)
        others = [_labelled(existing, _EXISTING)]
        if self.table.tombstone_condition:
            others.append(_labelled(tombstones.read(), _BURIED))
        sides = _labelled(records, _NEW).union_with(others)
        merged = RowSet.planned(self.lake.spark, self._merged(sides.in_one_partition())).stage(area, change.rows)
        accepted = merged.sum("_accepted")
        if self.table.tombstone_condition:
            dead = merged.filter("_is_dead", OneOf((True,))).select(*self.table.column_names)
            tombstones.add(dead, area, accepted)
        changes = merged.filter(CHANGE_TYPE, OneOf(("insert", "update", "delete")))
        return self.lake.apply_changes(self.table, changes.select(CHANGE_TYPE, *self.table.column_names)), accepted

    def run_full(self, plan: Plan, area: StagingArea) -> tuple[RowCounts, int]:
        source = self.table.sources[0].table
        bronze = self.lake.read(get_table(source), plan.versions[source].number)
        records = RowSet.planned(self.lake.spark, self._parsed(bronze.df))
        if set(self.table.cluster_by) <= set(self.table.key):
            records = in_stretches(self.table, records, plan.expected_rows)
        # After the exchange, before which rows are read twice: once to find the stretches.
        counted_records, count = counted(records.df)
        winners = RowSet(self.lake.spark, df=self._winners(counted_records), is_in_stretches=records.is_in_stretches)
        truth = self._without_tombstones(winners, plan.expected_rows, area)
        if plan.is_target_empty:
            counts = RowCounts(inserted=self.lake.append(self.table, truth, plan.expected_rows))
        else:
            counts = self.make_equal(truth, plan, area)
        return counts, count()

    def compute(self, sources: Mapping[str, RowSet], as_of: date) -> DataFrame:
        records = self._parsed(sources[self.table.sources[0].table].df)
        return self._winners(records).where(f"NOT {self._is_dead}")

    def with_record_counts(self, note: Progress, before: Progress | None, plan: Plan, accepted: int) -> Progress:
        source = self.table.sources[0]
        so_far = {} if plan.full_reason or before is None else dict(before.accepted)
        so_far[source.table] = so_far.get(source.table, 0) + accepted
        # Of the topics only the records of the one that is read.
        partition = {"topic_group": source.topic} if source.topic else {}
        records = self.lake.log(get_table(source.table)).row_count(plan.versions[source.table].number, partition)
        return replace(note, accepted=so_far, rejected=records - so_far[source.table])

    @classmethod
    def code(cls, table: Table) -> dict[str, Callable[..., object]]:
        return {"parser of records": parser_of(table), "rule of the winning record": merge_rule_of(table)}

    def _parsed(self, bronze: DataFrame) -> DataFrame:
        return as_contracted(parser_of(self.table)(bronze), self.table)

    def _winners(self, records: DataFrame) -> DataFrame:
        best = records.groupBy(*self.table.key).agg(merged_values(self.table).alias("_best"))
        values = [f"_best.{name}" for name in self.table.value_columns]
        return best.select(*self.table.key, *values).select(self.table.column_names)

    def _merged(self, sides: DataFrame) -> DataFrame:
        """The winner of each key with new records, how many these are, and what to do; null for nothing."""
        best = ", ".join(f"_best.{name}" for name in self.table.value_columns)
        existing = ", ".join(f"`{name}`" for name in self.table.value_columns)
        return (
            sides.groupBy(*self.table.key)
            .agg(
                merged_values(self.table).alias("_best"),
                F.expr(f"max(CASE WHEN _side = '{_EXISTING}' THEN struct({existing or 'true'}) END) AS _existing"),
                F.expr(f"count_if(_side = '{_NEW}') AS _accepted"),
            )
            .where("_accepted > 0")
            .selectExpr("*", *[f"_best.{name}" for name in self.table.value_columns])
            .selectExpr("*", f"{self._is_dead} AS _is_dead")
            .selectExpr(
                *self.table.column_names,
                "_accepted",
                "_is_dead",
                f"""CASE
                    WHEN _is_dead AND _existing IS NOT NULL THEN 'delete'
                    WHEN _is_dead THEN NULL
                    WHEN _existing IS NULL THEN 'insert'
                    WHEN NOT struct({best or "true"}) <=> _existing THEN 'update'
                END AS {CHANGE_TYPE}""",
            )
        )

    def _without_tombstones(self, rows: RowSet, expected_rows: int, area: StagingArea) -> RowSet:
        """The winners that mean a row; the others become tombstones before the table loses its rows."""
        if not self.table.tombstone_condition:
            return rows
        once = rows.stage(area, expected_rows)
        Tombstones(self.lake, self.table).replace(RowSet.planned(self.lake.spark, once.df.where(self._is_dead)))
        return RowSet.planned(self.lake.spark, once.df.where(f"NOT {self._is_dead}"))

    @property
    def _is_dead(self) -> str:
        """Whether the winning record of a key means that there is no row, in SQL."""
        condition = self.table.tombstone_condition
        return f"coalesce({condition}, false)" if condition else "false"


def counted(rows: DataFrame) -> tuple[DataFrame, Callable[[], int]]:
    """The rows, and a function that says how many they were once they have been used.

    Where Spark finds out that there are no rows it makes no observation; they are then counted by themselves.
    """
    observation = Observation()

    def count() -> int:
        try:
            return int(observation.get["rows"])
        except _NOT_OBSERVED:
            return rows.count()

    return rows.observe(observation, F.count(F.lit(1)).alias("rows")), count


def _labelled(rows: RowSet, side: str) -> RowSet:
    return RowSet.planned(rows.spark, rows.df.selectExpr("*", f"'{side}' AS _side"), rows.is_small)
