"""Quarantine: every bronze record that a rule refuses, once.

Rows have no key, so what keeps them from being written twice is the commit itself: it carries the source versions it
was made from, and they count even where the progress was not written any more.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from pyspark.sql import DataFrame

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import (
    READ_FAILURES,
    Lakehouse,
    RowCounts,
    RowSet,
    StagingArea,
    TableScan,
    Version,
    as_markdown,
    new_user_metadata,
    union,
)
from fitness_assets.pipeline.result import CheckResult
from fitness_assets.pipeline.state.progress import Progress
from fitness_assets.pipeline.state.reconciliation import reconcile
from fitness_assets.pipeline.strategies.computed.plan import Plan
from fitness_assets.pipeline.strategies.computed.strategy import ComputedTableStrategy
from fitness_assets.transforms.quarantine import rejected_records

_REFLECTS = "reflects"
"""Under which name a commit says which versions of its sources it was made from."""
_CHECK = "nothing_lost"


class Quarantine(ComputedTableStrategy):
    """One update of the quarantine."""

    SUMMARY = "appended after all other tables"
    DESCRIPTION = "Appended after every other table. Nothing here is lost: once a rule is mended, the records come in."
    runs_last = True
    full_on_source_deletes = True

    @classmethod
    def committed_progress(cls, lake: Lakehouse, table: Table, progress: Progress | None) -> Progress | None:
        log = lake.log(table)
        version = log.version()
        if progress is None or version is None or not log.is_ancestor(progress.table, version):
            return progress
        for commit in log.commits(progress.table.number, version.number):
            reflected = commit.user_metadata.get(_REFLECTS)
            if reflected:
                sources = {name: Version(*source) for name, source in reflected.items()}
                progress = Progress(table=progress.table, sources=sources, code_version=progress.code_version)
        return progress

    def run_changes(self, plan: Plan, area: StagingArea) -> tuple[RowCounts, int]:
        feeds = [
            (change.source.table, self.lake.changes(change.table, change.after, change.until, change.rows))
            for change in plan.changes
        ]
        rows = union([self._rejected(name, feed.inserts()) for name, feed in feeds]).stage(area, plan.expected_rows)
        return RowCounts(inserted=self._append(rows, plan)), 0

    def run_full(self, plan: Plan, area: StagingArea) -> tuple[RowCounts, int]:
        sources = {name: self.lake.read(get_table(name), version.number) for name, version in plan.versions.items()}
        rows = RowSet.planned(self.lake.spark, self.compute(sources, plan.as_of)).stage(area, plan.expected_rows)
        if plan.is_target_empty:
            return RowCounts(inserted=self._append(rows, plan)), 0
        try:
            existing = self.lake.read(self.table).df
            inserted, deleted = rows.df.exceptAll(existing).count(), existing.exceptAll(rows.df).count()
        except READ_FAILURES:
            if not plan.is_asked_for:
                raise
            return self.lake.overwrite(self.table, rows, plan.expected_rows, _user_metadata(plan)), 0
        if inserted or deleted:
            self.lake.overwrite(self.table, rows, plan.expected_rows, _user_metadata(plan))
        return RowCounts(inserted=inserted, deleted=deleted), 0

    def compute(self, sources: Mapping[str, RowSet], as_of: date) -> DataFrame:
        return union([self._rejected(name, rows) for name, rows in sources.items()]).df

    @classmethod
    def code(cls, table: Table) -> dict[str, Callable[..., object]]:
        return {"rule of rejection": rejected_records}

    @classmethod
    def check_descriptions(cls, table: Table) -> dict[str, str]:
        return {_CHECK: "For every source: records in bronze = records accepted + records in quarantine."}

    @classmethod
    def depends_on_progress(cls) -> bool:
        return True

    def check(self, scan: TableScan) -> Iterator[CheckResult]:
        sums = reconcile(self.lake)
        figures: dict[str, int | str] = {sum_of_source.source: str(sum_of_source) for sum_of_source in sums}
        description = self.check_descriptions(self.table)[_CHECK]
        yield CheckResult(_CHECK, all(sum_of_source.is_balanced for sum_of_source in sums), description, figures)

    @classmethod
    def previews(cls, lake: Lakehouse, table: Table) -> dict[str, str]:
        with lake.query_engine() as engine:
            scan = engine.scan(table)
            counts = scan.fetch(f"SELECT source_table, reason, count(*) FROM {scan.all_rows} GROUP BY ALL")
        most_first = sorted(counts, key=lambda row: (-row[2], row[:2]))
        rows = [(str(source), str(reason), f"{records:,}") for source, reason, records in most_first]
        return {"by_reason": as_markdown(rows, ("source", "reason", "records"))}

    def _rejected(self, source: str, bronze: RowSet) -> RowSet:
        return RowSet.planned(bronze.spark, rejected_records(bronze.df, source))

    def _append(self, rows: RowSet, plan: Plan) -> int:
        if rows.is_empty:
            return 0
        return self.lake.append(self.table, rows, plan.expected_rows, _user_metadata(plan))


def _user_metadata(plan: Plan) -> str:
    sources = {name: [version.table_id, version.number, version.commit] for name, version in plan.versions.items()}
    return new_user_metadata(**{_REFLECTS: sources})
