"""The job that judges bronze again says so to whoever updates, here or on a workspace."""

from collections.abc import Iterator
from typing import Any

import pytest

from fitness_assets.databricks.runs.entrypoint import _parser
from fitness_assets.definitions import defs
from fitness_assets.defs.updaters.databricks import DatabricksUpdater
from fitness_assets.defs.updaters.local import LocalUpdater


def test_the_job_asks_for_every_table_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, bool, bool]] = []

    def update(_: LocalUpdater, names: list[str], full_refresh: bool, judge_again: bool) -> Iterator[Any]:
        asked.append((len(names), full_refresh, judge_again))
        return iter(())

    monkeypatch.setattr(LocalUpdater, "update", update)
    defs().resolve_job_def("replay_quarantine").execute_in_process(raise_on_error=False)
    assert asked == [(15, False, True)]


def test_a_run_on_the_workspace_understands_it(monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, str] = {}

    def run(_: DatabricksUpdater, kind: type, mode: str, names: list[str], given: dict[str, str]) -> Iterator[Any]:
        options.update(given)
        return iter(())

    monkeypatch.setattr(DatabricksUpdater, "_run", run)
    DatabricksUpdater(None).update(["bronz_db.date_lookup"], judge_again=True)  # type: ignore[arg-type]  # not asked
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    zones = ["--catalog", "dev", "--landing", "/l", "--checkpoints", "/c"]
    assert _parser().parse_args([*zones, *words]).judge_again is True
