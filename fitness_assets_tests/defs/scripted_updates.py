"""Updates whose outcomes a test has written down: for what lies between an update and Dagster's events."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest

from fitness_assets.contracts.registry import get_table
from fitness_assets.defs.updaters.local import LocalUpdater
from fitness_assets.pipeline.quality.checks import check_descriptions, is_blocking
from fitness_assets.pipeline.result import CheckResult, UpdateResult
from fitness_assets.pipeline.scheduler import TableOutcome
from fitness_assets.pipeline.stream import Interval


def updated(table_name: str, version: int = 1, failed_check: str | None = None) -> TableOutcome:
    """An update that appended a row and was checked."""
    table = get_table(table_name)
    checks = [
        CheckResult(name=name, passed=name != failed_check, description=description, blocking=is_blocking(table, name))
        for name, description in check_descriptions(table).items()
    ]
    result = UpdateResult(table=table_name, mode="incremental", version=version, rows=version, inserted=1)
    return TableOutcome(table, result, checks)


def unchanged(table_name: str, version: int = 1, failed_check: str | None = None) -> TableOutcome:
    """An update that found nothing new."""
    outcome = updated(table_name, version, failed_check)
    return replace(outcome, result=UpdateResult(table=table_name, mode="unchanged", version=version, rows=version))


def script_updates(monkeypatch: pytest.MonkeyPatch, *outcomes: TableOutcome) -> None:
    """Let updates in this process give these outcomes, in batch mode and, an interval each, in stream mode."""

    def update(
        updater: LocalUpdater, table_names: Iterable[str], full_refresh: bool = False, judge_again: bool = False
    ) -> Iterator[TableOutcome]:
        selected = set(table_names)
        return (outcome for outcome in outcomes if outcome.table.full_name in selected)

    def stream(updater: LocalUpdater, seconds: float, is_stopping: Callable[[float], bool]) -> Iterator[Interval]:
        for number, outcome in enumerate(outcomes, 1):
            yield Interval(number, 0.1, [outcome])

    monkeypatch.setattr(LocalUpdater, "update", update)
    monkeypatch.setattr(LocalUpdater, "stream", stream)
