"""What the strategies share whose tables are computed from other tables: plan by versions, staging, progress."""

import logging
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from pyspark.sql import DataFrame

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import READ_FAILURES, RowCounts, RowSet, StagingArea, diff_rows
from fitness_assets.pipeline.state.progress import Progress
from fitness_assets.pipeline.strategies.appends import existing_version
from fitness_assets.pipeline.strategies.computed.plan import Plan, plan_update
from fitness_assets.pipeline.strategies.strategy import Strategy, StrategyResult, ZoneView

log = logging.getLogger("fitness_assets")


def as_contracted(rows: DataFrame, table: Table) -> DataFrame:
    """The columns of a contract in its order and types, so that a type that became wider there needs no other code."""
    return rows.selectExpr(
        *[f"CAST(`{column.name}` AS {column.type}) AS `{column.name}`" for column in table.all_columns]
    )


class ComputedTableStrategy(Strategy[Plan]):
    """A table that is computed from versions of its sources."""

    reflects_versions = True
    full_on_source_deletes = False
    """Whether rows taken out of a source make all be computed: which records a row won against is not kept."""
    prefers_full = False
    """Whether computing all is cheaper once most of a source changed."""

    def prepare(self, progress: Progress | None, full_refresh: bool) -> Progress | None:
        return self.committed_progress(self.lake, self.table, progress)

    def plan(self, progress: Progress | None, full_refresh: bool) -> Plan:
        """Compare the progress with the logs of the table and its sources."""
        return plan_update(
            self.lake,
            self.table,
            progress,
            full_refresh,
            full_on_source_deletes=self.full_on_source_deletes,
            prefers_full=self.prefers_full,
        )

    def run(self, plan: Plan, progress: Progress | None) -> StrategyResult:
        if plan.is_nothing:
            assert progress is not None, "without progress there is something to do"
            return StrategyResult(replace(progress, sources=plan.versions))
        with self.lake.staging(self.table) as area:
            counts, accepted = self.run_full(plan, area) if plan.full_reason else self.run_changes(plan, area)
        tombstones = self.table.tombstone_table
        note = Progress(
            table=existing_version(self.lake, self.table),
            sources=plan.versions,
            as_of=plan.as_of.isoformat(),
            code_version=self.table.code_version,
            tombstones=existing_version(self.lake, tombstones) if tombstones else None,
        )
        return StrategyResult(
            progress=self.with_record_counts(note, progress, plan, accepted),
            mode="full" if plan.full_reason else "incremental",
            reason=plan.full_reason or "",
            counts=counts,
            read=plan.expected_rows,
        )

    @abstractmethod
    def run_full(self, plan: Plan, area: StagingArea) -> tuple[RowCounts, int]:
        """Make the table equal to what all rows of its sources give; what was written, how many records accepted."""

    @abstractmethod
    def run_changes(self, plan: Plan, area: StagingArea) -> tuple[RowCounts, int]:
        """The same from what changed in its sources alone."""

    @abstractmethod
    def compute(self, sources: Mapping[str, RowSet], as_of: date) -> DataFrame:
        """The rows that all rows of its sources (by full name) give, planned and not computed yet."""

    def make_equal(self, truth: RowSet, plan: Plan, area: StagingArea) -> RowCounts:
        """Make the table equal to its true rows, changing what differs.

        Where a person asked for it, rows that cannot be read are replaced as well.
        """
        try:
            if not self._has_duplicate_keys():
                changes = diff_rows(truth, self.lake.read(self.table), self.table).stage(area, plan.expected_rows)
                return self.lake.apply_changes(self.table, changes)
        except READ_FAILURES as error:
            if not plan.is_asked_for:
                raise
            log.warning("%s cannot be read and is written anew: %s", self.table.full_name, str(error).splitlines()[0])
        return self.lake.overwrite(self.table, truth, plan.expected_rows)

    def _has_duplicate_keys(self) -> bool:
        """Whether rows share a key, which no update of ours leaves behind and no MERGE can mend."""
        with self.lake.query_engine() as engine:
            return engine.scan(self.table).has_duplicates(self.table.key)

    def with_record_counts(self, note: Progress, before: Progress | None, plan: Plan, accepted: int) -> Progress:
        """The progress with how many records were accepted and rejected so far, where the table is one of records."""
        return note

    @classmethod
    def is_pending(cls, table: Table, view: ZoneView) -> bool:
        """Whether the table has not used all of its sources, because an update failed or was ended."""
        progress = view.progress(table)
        for source in table.sources:
            latest = view.latest_version(get_table(source.table))
            used = progress.sources.get(source.table) if progress else None
            if latest > 0 and (used is None or used.number != latest):
                return True
        return False
