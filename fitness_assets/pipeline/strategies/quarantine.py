"""Quarantine: every bronze record that a rule refuses, once.

Rows have no key, so what keeps them from being written twice is the commit itself: it carries the
source versions it was made from, and they count even where the note was not written any more.
"""

import json
from functools import reduce

from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse.staging import Staging
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.transaction_log import Version
from fitness_assets.lakehouse.writes import RowCounts, append, conflicts_as_errors
from fitness_assets.pipeline.plan import Plan
from fitness_assets.pipeline.state.progress import Progress
from fitness_assets.pipeline.strategies.upsert import INSERTS
from fitness_assets.transforms.quarantine import rejected_records

_REFLECTS = "reflects"


class QuarantineUpdate:
    """One update of the quarantine."""

    def __init__(self, spark: SparkSession, lake: Lakehouse, table: Table, staging: Staging) -> None:
        self.spark = spark
        self.lake = lake
        self.table = table
        self.staging = staging

    def run(self, plan: Plan) -> RowCounts:
        mark = json.dumps({_REFLECTS: {name: [v.table_id, v.number] for name, v in plan.versions.items()}})
        return self._whole(plan, mark) if plan.whole else self._incremental(plan, mark)

    def _incremental(self, plan: Plan, mark: str) -> RowCounts:
        parts = [
            rejected_records(feed.df.where(INSERTS), change.source.table)
            for change in plan.changes
            for feed in [self.lake.changes(self.spark, change.table, change.after, change.until, change.rows)]
        ]
        rows = self.staging.stage(_together(parts), plan.expected_rows)
        if rows.empty:
            return RowCounts()
        return RowCounts(inserted=append(self.lake, self.table, rows, plan.expected_rows, mark))

    def _whole(self, plan: Plan, mark: str) -> RowCounts:
        parts = [
            rejected_records(self.lake.read(self.spark, get_table(name), version.number), name)
            for name, version in plan.versions.items()
        ]
        rows = self.staging.stage(_together(parts), plan.expected_rows)
        if plan.empty_target:
            if rows.empty:
                return RowCounts()
            return RowCounts(inserted=append(self.lake, self.table, rows, plan.expected_rows, mark))
        there = self.lake.read(self.spark, self.table)
        added, gone = rows.df.exceptAll(there).count(), there.exceptAll(rows.df).count()
        if added or gone:
            with conflicts_as_errors(self.table):
                self.lake.save(rows.df.coalesce(1).write.mode("overwrite").option("userMetadata", mark), self.table)
        return RowCounts(inserted=added, deleted=gone)


def _together(parts: list[DataFrame]) -> DataFrame:
    return reduce(DataFrame.unionByName, parts)


def progress_from_commits(lake: Lakehouse, table: Table, noted: Progress | None) -> Progress | None:
    """The note, moved on to what the table's own commits since then say that they reflect."""
    version = lake.log(table).version()
    if noted is None or version is None or noted.table.table_id != version.table_id:
        return noted
    for commit in lake.log(table).commits(noted.table.number, version.number):
        reflected = commit.user_metadata.get(_REFLECTS)
        if reflected:
            sources = {name: Version(*found) for name, found in reflected.items()}
            noted = Progress(table=noted.table, sources=sources, code_version=noted.code_version)
    return noted
