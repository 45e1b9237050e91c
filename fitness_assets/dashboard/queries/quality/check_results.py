"""The last results of the pipeline's checks, from its notes: they are the same whoever ran it."""

from dataclasses import dataclass
from datetime import datetime

from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.table_reader.reader import TableReader
from fitness_assets.pipeline.quality.checks import last_check_record


@dataclass(frozen=True)
class CheckResult:
    """The last result of one check of one table.

    Attributes:
        figures: numbers for people: rows looked at, rows that are wrong, sums.
        is_blocking: whether the tables above wait until it passes.
        checked_at: UTC.
        is_current: whether it is about the table as it is now; the pipeline checks every table that it changed.
    """

    table_name: str
    check_name: str
    passed: bool
    description: str
    figures: tuple[tuple[str, str], ...]
    is_blocking: bool
    checked_at: datetime
    is_current: bool


def get_check_results(reader: TableReader) -> tuple[CheckResult, ...]:
    """The last results of all checks: those that did not pass first, then sources first."""
    with reader.begin(tuple(all_tables())) as transaction:
        metadata = {name: transaction.metadata(name) for name in all_tables()}
    versions = {name: of_table.version for name, of_table in metadata.items() if of_table}
    results = []
    for table in all_tables().values():
        record = last_check_record(reader.settings, table)
        if record is None:
            continue
        is_current = all(versions.get(name) == version for name, version in record.versions.items())
        results += [
            CheckResult(
                table_name=table.full_name,
                check_name=result.name,
                passed=result.passed,
                description=result.description,
                figures=tuple((name, str(value)) for name, value in result.figures.items()),
                is_blocking=result.blocking,
                checked_at=record.checked_at,
                is_current=is_current,
            )
            for result in record.results
        ]
    return tuple(sorted(results, key=lambda result: result.passed))
