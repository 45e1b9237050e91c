"""Deciding, without Spark, what an update has to do: nothing, only what changed, or all of it and why."""

from dataclasses import dataclass, field

from fitness_assets.contracts.feeds import OTHER_TOPICS
from fitness_assets.contracts.model import Source, Table, UpdateStrategy
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.transaction_log import RESTATING_OPERATIONS, Commit, Version
from fitness_assets.pipeline.state.progress import Progress

MOST_OF_IT = 0.5
"""From this share of changed rows on, computing a derived table whole reads less than looking for what changed."""


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
        whole: why the table is computed whole, or None.
        changes: the sources with changes to use; for a whole computation it is empty.
        versions: the version of every source that the table reflects afterwards.
        empty_target: the table has no rows, so there is nothing to compare with.
        expected_rows: about how many source rows have to be read.
    """

    whole: str | None
    changes: list[SourceChange]
    versions: dict[str, Version]
    empty_target: bool
    expected_rows: int = 0
    nothing: bool = field(default=False)


def plan(lake: Lakehouse, table: Table, noted: Progress | None, as_of: str, full: bool) -> Plan:
    """Compare what was noted with the logs of the table and its sources."""
    log = lake.ensure(table)
    target = log.version()
    if target is None:
        raise RuntimeError(f"{table.full_name} vanished from {lake.address(table)} while it was being looked at.")
    versions: dict[str, Version] = {}
    for source in table.sources:
        version = lake.ensure(get_table(source.table)).version()
        if version is not None:
            versions[source.table] = version
    empty = log.row_count() == 0
    reason = "full refresh was asked for" if full else _reason(lake, table, noted, target, as_of)
    changes: list[SourceChange] = []
    if reason is None and noted is not None:
        for source in table.sources:
            found, why = _change(lake, table, source, noted.sources[source.table], versions[source.table])
            reason = reason or why
            changes += [found] if found else []
    if reason is None and _most_changed(lake, table, changes):
        reason = "most of a source changed"
    if reason:
        expected = sum(lake.log(get_table(name)).row_count() for name in versions)
        return Plan(reason, [], versions, empty, expected)
    expected = sum(change.rows for change in changes)
    return Plan(None, changes, versions, empty, expected, nothing=not changes)


def _reason(lake: Lakehouse, table: Table, noted: Progress | None, target: Version, as_of: str) -> str | None:
    """Why what was noted cannot be built on."""
    if noted is None:
        return "nothing is noted of it yet"
    if noted.table.table_id != target.table_id:
        return "the table was made anew"
    if noted.code_version != table.code_version:
        return f"its rules changed (code version {noted.code_version} to {table.code_version})"
    if noted.table.number > target.number or not lake.log(table).reaches_back(noted.table.number, target.number):
        return "its own history no longer reaches back to what was noted"
    for commit in lake.log(table).commits(noted.table.number, target.number):
        if commit.operation in RESTATING_OPERATIONS:
            return f"somebody changed it by hand ({commit.operation} in version {commit.version})"
    missing = [source.table for source in table.sources if source.table not in noted.sources]
    if missing:
        return f"{', '.join(missing)} is a new source"
    if table.depends_on_date and noted.as_of != as_of:
        return f"the as-of date moved from {noted.as_of} to {as_of}"
    return None


def _change(
    lake: Lakehouse, table: Table, source: Source, noted: Version, now: Version
) -> tuple[SourceChange | None, str | None]:
    """What changed in a source, or why that cannot be told."""
    if noted.table_id != now.table_id:
        return None, f"its source {source.table} was made anew"
    log = lake.log(get_table(source.table))
    if noted.number > now.number or not log.feeds_from(noted.number, now.number):
        return None, f"the change feed of {source.table} no longer reaches back to version {noted.number}"
    commits = [commit for commit in log.commits(noted.number, now.number) if _concerns(commit, source)]
    if table.strategy in (UpdateStrategy.UPSERT, UpdateStrategy.QUARANTINE):
        taken = [commit for commit in commits if commit.operation in RESTATING_OPERATIONS]
        if taken:
            return None, f"records were taken out of {source.table} ({taken[0].operation})"
    rows = sum(commit.changed_rows for commit in commits)
    return (SourceChange(source, noted.number, now.number, rows) if rows else None), None


def _concerns(commit: Commit, source: Source) -> bool:
    """Whether a commit touched the topic that is read; a record that could not be read may be of any."""
    if source.topic is None:
        return commit.changed_rows > 0
    groups = {dict(partition).get("topic_group") for partition in commit.partitions}
    return commit.changed_rows > 0 and bool(groups & {source.topic, OTHER_TOPICS})


def _most_changed(lake: Lakehouse, table: Table, changes: list[SourceChange]) -> bool:
    if table.strategy is not UpdateStrategy.INCREMENTAL:
        return False
    return any(
        change.rows > 1000 and change.rows > MOST_OF_IT * lake.log(change.table).row_count() for change in changes
    )
