"""Deciding, without Spark, what an update has to do: nothing, only what changed, or all of it and why."""

from dataclasses import dataclass
from datetime import date

from fitness_assets.contracts.model import Source, Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import OVERWRITE, RESTATING_OPERATIONS, Commit, Lakehouse, Version
from fitness_assets.pipeline.result import NO_PROGRESS
from fitness_assets.pipeline.state.history import is_intact
from fitness_assets.pipeline.state.progress import Progress

MOSTLY_CHANGED = 0.5
"""From this share of changed rows on, computing a table whole reads less than looking for what changed."""
_MIN_CHANGED_ROWS = 1000
_ASKED_FOR = "full refresh was asked for"


@dataclass(frozen=True)
class SourceChange:
    """The versions of one source in (after, until] that the table has not used yet."""

    source: Source
    after: int
    until: int
    rows: int

    @property
    def table(self) -> Table:
        return get_table(self.source.table)


@dataclass(frozen=True)
class Plan:
    """What to do.

    Attributes:
        full_reason: why the table is computed whole, or None.
        changes: the sources with changes to use; empty where all is computed.
        versions: the version of every source that the table reflects afterwards.
        is_target_empty: the table has no rows, so there is nothing to compare with.
        expected_rows: about how many source rows have to be read.
        as_of: the day ages are counted on, in the plan, in the rows and in the progress: midnight may pass meanwhile.
    """

    full_reason: str | None
    changes: list[SourceChange]
    versions: dict[str, Version]
    is_target_empty: bool
    expected_rows: int
    as_of: date

    @property
    def is_asked_for(self) -> bool:
        """Whether a person wants the table computed whole."""
        return self.full_reason == _ASKED_FOR

    @property
    def is_nothing(self) -> bool:
        return self.full_reason is None and not self.changes


def plan_update(
    lake: Lakehouse,
    table: Table,
    progress: Progress | None,
    full_refresh: bool,
    full_on_source_deletes: bool,
    prefers_full: bool,
) -> Plan:
    """Compare the progress of a table with its log and those of its sources.

    Args:
        full_on_source_deletes: whether rows taken out of a source make all be computed.
        prefers_full: whether all is computed once most of a source changed.
    """
    as_of = lake.settings.as_of
    log = lake.ensure(table)
    target = log.version()
    if target is None:
        raise RuntimeError(f"{table.full_name} vanished from {lake.address(table)} while it was being updated.")
    versions: dict[str, Version] = {}
    for source in table.sources:
        version = lake.ensure(get_table(source.table)).version()
        if version is not None:
            versions[source.table] = version
    is_empty = log.row_count() == 0
    reason = _ASKED_FOR if full_refresh else _full_reason(lake, table, progress, target, as_of)
    changes: list[SourceChange] = []
    if reason is None and progress is not None:
        for source in table.sources:
            used, latest = progress.sources[source.table], versions[source.table]
            change, why = _source_change(lake, source, used, latest, full_on_source_deletes)
            reason = reason or why
            changes += [change] if change else []
    if reason is None and prefers_full and any(_is_mostly_changed(lake, change) for change in changes):
        reason = "most of a source changed"
    if reason:
        expected_rows = sum(lake.log(get_table(name)).row_count() for name in versions)
    else:
        expected_rows = sum(change.rows for change in changes)
    return Plan(
        full_reason=reason,
        changes=[] if reason else changes,
        versions=versions,
        is_target_empty=is_empty,
        expected_rows=expected_rows,
        as_of=as_of,
    )


def _full_reason(lake: Lakehouse, table: Table, progress: Progress | None, target: Version, as_of: date) -> str | None:
    """Why the progress cannot be built on."""
    if progress is None:
        return NO_PROGRESS
    if progress.table.table_id != target.table_id:
        return "the table was made anew"
    if progress.code_version != table.code_version:
        return f"its rules changed (code version {progress.code_version} to {table.code_version})"
    log, number = lake.log(table), progress.table.number
    if not log.is_ancestor(progress.table, target):
        return "its own history no longer reaches back to its progress"
    for commit in log.commits(number, target.number):
        if commit.operation in RESTATING_OPERATIONS:
            return f"somebody changed it by hand ({commit.operation} in version {commit.version})"
    if table.tombstone_table and not is_intact(lake, table.tombstone_table, progress.tombstones):
        return "some of its tombstones are gone"
    if progress.archive != _archive_version(lake, table):
        return "other rows of it stay than before"
    new_sources = [source.table for source in table.sources if source.table not in progress.sources]
    if new_sources:
        return f"{', '.join(new_sources)} is a new source"
    if table.depends_on_date and progress.as_of != as_of.isoformat():
        return f"the as-of date moved from {progress.as_of} to {as_of}"
    return None


def _archive_version(lake: Lakehouse, table: Table) -> Version | None:
    """The version of the archive of a table; None where no rows of it stay, or none yet."""
    return lake.log(table.archive_table).version() if table.archive_table else None


def _source_change(
    lake: Lakehouse, source: Source, used: Version, latest: Version, full_on_deletes: bool
) -> tuple[SourceChange | None, str | None]:
    """What changed in a source, or why that is not known."""
    if used.table_id != latest.table_id:
        return None, f"its source {source.table} was made anew"
    log = lake.log(get_table(source.table))
    if not log.is_ancestor(used, latest):
        return None, f"the history of {source.table} no longer reaches back to the version {used.number} that was used"
    if not log.has_change_feed(used.number, latest.number):
        return None, f"the change feed of {source.table} no longer reaches back to version {used.number}"
    commits = [commit for commit in log.commits(used.number, latest.number) if _concerns(commit, source)]
    removals = [commit for commit in commits if commit.operation in RESTATING_OPERATIONS or _removes_rows(commit)]
    if any(commit.operation == OVERWRITE for commit in commits):
        return None, f"all of {source.table} was written anew"
    if full_on_deletes and removals:
        return None, f"records were taken out of {source.table} ({removals[0].operation})"
    rows = sum(commit.changed_rows for commit in commits)
    return (SourceChange(source, used.number, latest.number, rows) if rows else None), None


def _removes_rows(commit: Commit) -> bool:
    return int(commit.metrics.get("numTargetRowsDeleted", 0)) > 0


def _concerns(commit: Commit, source: Source) -> bool:
    """Whether a commit touched the topic that is read."""
    if source.topic is None:
        return commit.changed_rows > 0
    groups = {dict(partition).get("topic_group") for partition in commit.partitions}
    return commit.changed_rows > 0 and source.topic in groups


def _is_mostly_changed(lake: Lakehouse, change: SourceChange) -> bool:
    return change.rows > _MIN_CHANGED_ROWS and change.rows > MOSTLY_CHANGED * lake.log(change.table).row_count()
