"""An instance on disk, as the live stack has one, and runs of scripted updates in it: no engine is started."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance

from fitness_assets.definitions import defs
from fitness_assets.defs.asset_keys import table_asset_key
from fitness_assets.defs.jobs.update_all_tables import update_all_tables
from fitness_assets.live.dagster.instance import dagster_home
from fitness_assets.pipeline.scheduler import TableOutcome
from fitness_assets.settings import Settings
from fitness_assets_tests.defs.scripted_updates import script_updates

Update = Callable[..., str]
"""One run with scripted outcomes; its id."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FITNESS_BASE_DIR", str(tmp_path))
    return dagster_home(Settings(base_dir=tmp_path))


@pytest.fixture
def instance(home: Path) -> Iterator[DagsterInstance]:
    with DagsterInstance.from_config(str(home)) as instance:
        yield instance


@pytest.fixture
def update(instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> Update:
    """A run of the named tables with these outcomes."""

    def run(outcome: Callable[[str], TableOutcome], *names: str) -> str:
        script_updates(monkeypatch, *[outcome(name) for name in names])
        keys = [table_asset_key(name) for name in names]
        job = defs().resolve_job_def(update_all_tables.name)
        return job.execute_in_process(instance=instance, asset_selection=keys, raise_on_error=False).run_id

    return run
