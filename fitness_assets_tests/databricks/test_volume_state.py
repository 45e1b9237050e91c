"""What is pending in the volumes of a workspace is seen without waking any compute."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dagster import DagsterInstance, SensorResult, SkipReason

from fitness_assets.contracts.feeds import FILE_FEEDS, rules_version
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.defs.automation import polling
from fitness_assets.lakehouse import Version
from fitness_assets.pipeline.landing.listing import list_files
from fitness_assets.pipeline.state.ingested_files import IngestedFile, IngestedFiles
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.storage.volume import VolumeStorage
from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace
from fitness_assets_tests.databricks.remote_platform import RemotePlatform
from fitness_assets_tests.defs.code_server import CodeServer, requested_assets


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RemotePlatform]:
    monkeypatch.setattr(polling, "LOOK_FOR_SECONDS", 0)
    with FakeWorkspace(tmp_path / "workspace") as workspace:
        yield RemotePlatform(workspace, monkeypatch, tmp_path / "a.whl", tmp_path / "tables")


def tick() -> SensorResult | SkipReason:
    with DagsterInstance.ephemeral() as instance:
        return CodeServer(instance).tick("landing_zone_sensor")


def land(remote: RemotePlatform, name: str, text: str) -> None:
    file = remote.landing_zone / "gym_logins_bz" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def progress_store(remote: RemotePlatform) -> ProgressStore:
    """As a run on the workspace writes it."""
    return ProgressStore(VolumeStorage(remote.checkpoint_zone))


def write_progress(remote: RemotePlatform) -> None:
    """Leave the progress that a good update of all that is there leaves."""
    store = progress_store(remote)
    for name, table in all_tables().items():
        sources = {source.table: Version("id", 1) for source in table.sources}
        progress = Progress(table=Version("id", 1), sources=sources)
        if name in FILE_FEEDS:
            feed = FILE_FEEDS[name]
            progress = replace(progress, code_version=rules_version(feed))
            files = list_files(remote.landing_zone / feed.name, feed).files
            IngestedFiles(store.storage, table).write({name: IngestedFile(file) for name, file in files.items()})
        store.write(table, progress)


def test_a_file_that_landed_or_was_replaced_asks_for_a_run_until_it_was_read(remote: RemotePlatform) -> None:
    assert isinstance(tick(), SkipReason)
    land(remote, "_writing.csv", "mac_address,gym,login,logout\n")
    land(remote, "logins.csv.tmp", "mac_address,gym,login,logout\n")
    assert isinstance(tick(), SkipReason), "only complete files count"
    land(remote, "logins.csv", "mac_address,gym,login,logout\n")
    assert {"bronz_db/gym_logins_bz", "silver_db/gym_logs", "gold_db/gym_summary"} <= requested_assets(tick())
    write_progress(remote)
    assert isinstance(tick(), SkipReason)
    land(remote, "logins.csv", "mac_address,gym,login,logout\nAA,1,2,3\n")
    assert "bronz_db/gym_logins_bz" in requested_assets(tick())


def test_tables_that_an_update_left_behind_are_asked_for_again(remote: RemotePlatform) -> None:
    write_progress(remote)
    store = progress_store(remote)
    users = get_table("silver_db.users")
    progress = store.read(users)
    assert progress is not None
    store.write(users, replace(progress, table=Version("id", 2)))
    assets = requested_assets(tick())
    assert "silver_db/user_bins" in assets and "bronz_db/gym_logins_bz" not in assets


def test_what_landed_in_a_volume_is_observed_once(remote: RemotePlatform) -> None:
    folder = remote.landing_zone / "kafka_multiplex_bz"
    folder.mkdir(parents=True, exist_ok=True)
    versions = set()
    with DagsterInstance.ephemeral() as instance:
        code_server = CodeServer(instance)
        for text in ("{}\n", "{}\n{}\n"):
            (folder / "a.json").write_text(text)
            result = code_server.tick("landing_zone_sensor")
            assert isinstance(result, SensorResult)
            (observation,) = result.asset_events
            assert observation.asset_key.path == ["landing_zone", "kafka_multiplex_bz"]
            versions.add((observation.tags or {})["dagster/data_version"])
            again = code_server.tick("landing_zone_sensor")
            assert isinstance(again, SkipReason) or not again.asset_events
    assert len(versions) == 2


def test_progress_that_was_read_is_not_downloaded_again(remote: RemotePlatform) -> None:
    write_progress(remote)
    with DagsterInstance.ephemeral() as instance:
        code_server = CodeServer(instance)
        code_server.tick("landing_zone_sensor")
        first = len(remote.workspace.requests)
        code_server.tick("landing_zone_sensor")
    again = [request.path for request in remote.workspace.requests[first:]]
    assert again and not [path for path in again if "progress.json" in path]


@pytest.mark.slow
def test_a_workspace_that_is_away_fails_the_tick_and_not_the_next_one(remote: RemotePlatform) -> None:
    land(remote, "logins.csv", "mac_address,gym,login,logout\n")
    remote.workspace.fail("GET", "/fs", status=503, times=1000)
    with pytest.raises(Exception, match=r"does not do .*tried for 5 s"):
        tick()
    remote.workspace.faults.clear()
    assert requested_assets(tick())


def test_a_sensor_sends_nothing_that_runs(remote: RemotePlatform) -> None:
    tick()
    assert {request.method for request in remote.workspace.requests} == {"GET"}
    assert not remote.workspace.runs
    assert "SPARK_REMOTE" not in os.environ
