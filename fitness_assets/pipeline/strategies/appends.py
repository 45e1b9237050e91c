"""What was appended to a bronze table, as its commits tell."""

from dataclasses import replace

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import Lakehouse, RowCounts, Version
from fitness_assets.pipeline.state.progress import Progress
from fitness_assets.pipeline.strategies.strategy import StrategyResult


def appended(
    lake: Lakehouse, table: Table, before: Version, progress: Progress, is_reload: bool = False
) -> StrategyResult:
    """What was appended to a bronze table since a version: also by an update that ended in a problem."""
    version = existing_version(lake, table)
    commits = lake.log(table).commits(before.number, version.number)
    rows = sum(int(commit.metrics.get("numOutputRows", 0)) for commit in commits)
    return StrategyResult(
        progress=replace(progress, table=version),
        mode="full" if is_reload else "incremental" if rows else "unchanged",
        reason="loaded anew" if is_reload else "",
        counts=RowCounts(inserted=rows),
        read=rows,
    )


def existing_version(lake: Lakehouse, table: Table) -> Version:
    """The latest version of a table that was made before."""
    version = lake.ensure(table).version()
    if version is None:
        raise RuntimeError(f"{table.full_name} vanished from {lake.address(table)} while it was being updated.")
    return version
