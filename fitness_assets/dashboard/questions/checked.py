"""What the pipeline's checks last found, from its notes: they are the same whoever ran it."""

from dataclasses import dataclass
from datetime import datetime

from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.lake import Lake
from fitness_assets.pipeline.quality.checks import last_check_results


@dataclass(frozen=True)
class Check:
    """One check of one table, as the pipeline last found it.

    Attributes:
        figures: numbers for people: rows looked at, rows that are wrong, sums.
        blocking: whether the tables above wait until it passes.
        checked: when, UTC.
        current: whether it is about the table as it is now; the pipeline checks every table that it changed.
    """

    table: str
    name: str
    passed: bool
    description: str
    figures: tuple[tuple[str, str], ...]
    blocking: bool
    checked: datetime
    current: bool


def checks(lake: Lake) -> tuple[Check, ...]:
    """What the pipeline's checks last found: those that did not pass first, then sources first."""
    snapshots = lake.snapshots(list(all_tables()))
    versions = {name: snapshot.version for name, snapshot in snapshots.items() if snapshot}
    found = []
    for table in all_tables().values():
        last = last_check_results(lake.settings, table)
        if last is None:
            continue
        noted, at = last
        current = all(versions.get(name) == version for name, version in noted.versions.items())
        for one in noted.results:
            figures = tuple((name, str(value)) for name, value in one.figures.items())
            found.append(
                Check(table.full_name, one.name, one.passed, one.description, figures, one.blocking, at, current)
            )
    return tuple(sorted(found, key=lambda check: check.passed))
