"""What waits in the volumes of a workspace is seen without waking any compute."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dagster import DagsterInstance, SensorResult, SkipReason, build_sensor_context

from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.definitions import defs
from fitness_assets.defs import asking, sensors
from fitness_assets.lakehouse.transaction_log import Version
from fitness_assets.pipeline.landing_zone import list_files
from fitness_assets.pipeline.state.ingested_files import IngestedFiles
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.settings import Settings
from fitness_assets_tests.databricks.on_workspace import OnWorkspace
from fitness_assets_tests.databricks.workspace import Workspace


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OnWorkspace]:
    monkeypatch.setattr(sensors, "_LOOKS_FOR_SECONDS", 0)
    with Workspace(tmp_path / "workspace") as workspace:
        yield OnWorkspace(workspace, monkeypatch, tmp_path / "a.whl", tmp_path / "tables")


def tick() -> SensorResult | SkipReason:
    asking._desk = asking._Desk()
    with DagsterInstance.ephemeral() as instance:
        found = sensors.landing_zone_sensor(build_sensor_context(instance=instance, definitions=defs))
    assert isinstance(found, SensorResult | SkipReason)
    return found


def asked_for(found: SensorResult | SkipReason) -> set[str]:
    assert isinstance(found, SensorResult), found
    [request] = found.run_requests or []
    return {key.to_user_string() for key in request.asset_selection or []}


def land(on: OnWorkspace, name: str, text: str) -> None:
    file = on.landing_zone / "gym_logins_bz" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def all_used(on: OnWorkspace) -> None:
    """Leave the notes that a good update of all that is there leaves."""
    settings = Settings(on.landing_zone.parent, checkpoints=on.checkpoint_zone, landing=on.landing_zone)
    store = ProgressStore(settings)
    for name, one in all_tables().items():
        sources = {source.table: Version("id", 1) for source in one.sources}
        store.write(one, Progress(table=Version("id", 1), sources=sources))
        if name in FILE_FEEDS:
            IngestedFiles(store.folder(one)).write(
                list_files(on.landing_zone / FILE_FEEDS[name].name, FILE_FEEDS[name]).files
            )


def test_a_file_that_landed_or_was_replaced_asks_for_a_run_until_it_was_read(on: OnWorkspace) -> None:
    assert isinstance(tick(), SkipReason)
    land(on, "_writing.csv", "mac_address,gym,login,logout\n")
    land(on, "logins.csv.tmp", "mac_address,gym,login,logout\n")
    assert isinstance(tick(), SkipReason), "only complete files count"
    land(on, "logins.csv", "mac_address,gym,login,logout\n")
    assert {"bronz_db/gym_logins_bz", "silver_db/gym_logs", "gold_db/gym_summary"} <= asked_for(tick())
    all_used(on)
    assert isinstance(tick(), SkipReason)
    land(on, "logins.csv", "mac_address,gym,login,logout\nAA,1,2,3\n")
    assert "bronz_db/gym_logins_bz" in asked_for(tick())


def test_tables_that_an_update_left_behind_are_asked_for_again(on: OnWorkspace) -> None:
    all_used(on)
    store = ProgressStore(Settings(on.landing_zone.parent, checkpoints=on.checkpoint_zone, landing=on.landing_zone))
    users = get_table("silver_db.users")
    noted = store.read(users)
    assert noted is not None
    store.write(users, replace(noted, table=Version("id", 2)))
    found = asked_for(tick())
    assert "silver_db/user_bins" in found and "bronz_db/gym_logins_bz" not in found


def test_a_workspace_that_is_away_fails_the_tick_and_not_the_next_one(on: OnWorkspace) -> None:
    land(on, "logins.csv", "mac_address,gym,login,logout\n")
    on.workspace.fail("GET", "/fs", status=503, times=1000)
    with pytest.raises(Exception, match=r"does not do .*tried for 5 s"):
        tick()
    on.workspace.faults.__init__()  # type: ignore[misc]  # the workspace is well again
    assert asked_for(tick())


def test_a_sensor_sends_nothing_that_runs(on: OnWorkspace) -> None:
    tick()
    assert {request.method for request in on.workspace.requests} == {"GET"}
    assert not on.workspace.runs
    assert "SPARK_REMOTE" not in os.environ
