"""Where updates happen on a workspace, what is extracted here lands in its volumes, and its ledger lies there too."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance

from fitness_assets.contracts.feeds import GYM_LOGINS, REGISTERED_USERS
from fitness_assets.databricks import retry
from fitness_assets.defs.automation import polling
from fitness_assets.errors import WorkspaceError
from fitness_assets.pipeline.state.erasures import Belonging, Erasure, Erasures
from fitness_assets.resources.sql_source import SqlSourceResource
from fitness_assets.settings import Settings
from fitness_assets.sql_source.erasing import erase_extracted
from fitness_assets.sql_source.extract import ExtractionResult
from fitness_assets.storage.volume import VolumeStorage
from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace
from fitness_assets_tests.databricks.remote_platform import RemotePlatform
from fitness_assets_tests.defs.code_server import CodeServer, requested_assets
from fitness_assets_tests.sql_source.database import Database
from fitness_assets_tests.sql_source.test_asset import USERS, extract_all, materialized

EXTRACT_AND_DIE = """
import os, sys
from fitness_assets.contracts.feeds import GYM_LOGINS
from fitness_assets.databricks.volume_storage import workspace_zones
from fitness_assets.settings.databricks import DatabricksSettings
from fitness_assets.sql_source.extract import extract
from fitness_assets.sql_source.settings import SqlSource
die = lambda step: os._exit(9) if step == sys.argv[1] else None
zones = workspace_zones(DatabricksSettings.from_env())
extract(zones, SqlSource.from_env(), GYM_LOGINS, max_rows_per_file=2, on_step=die)
"""


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RemotePlatform]:
    monkeypatch.setattr(retry, "_FIRST_PAUSE_SECONDS", 0.05)
    with FakeWorkspace(tmp_path / "workspace") as workspace:
        yield RemotePlatform(workspace, monkeypatch, tmp_path / "a.whl", tmp_path / "tables")


def extract_logins() -> ExtractionResult:
    result = SqlSourceResource().extract(GYM_LOGINS, whole=False)
    assert result is not None
    return result


def landed(remote: RemotePlatform, feed: str = "gym_logins_bz") -> list[str]:
    """The records of all files, each as often as it is there."""
    texts = [file.read_text() for file in (remote.landing_zone / feed).glob("*")]
    return sorted(line for text in texts for line in text.splitlines()[1:])


def test_rows_land_in_the_volume_once_with_their_ledger_and_nothing_stays_here(
    remote: RemotePlatform, database: Database, tmp_path: Path
) -> None:
    database.users((1, 101, "aa", 1678451168))
    database.logins(("aa", 5, 1, None))
    metadata, version = materialized(extract_all(), USERS)
    assert (metadata["rows"], version) == (1, "1")
    assert [file.name for file in (remote.landing_zone / REGISTERED_USERS.name).iterdir()] == [metadata["file"]]
    assert landed(remote, REGISTERED_USERS.name) == ["1,101,aa,1678451168"]
    database.sql("UPDATE gym_logins SET logout = 2 WHERE gym = 5")
    assert materialized(extract_all(), USERS)[0]["rows"] == 0
    assert landed(remote) == ["aa,5,1,", "aa,5,1,2"]
    ledger = VolumeStorage(remote.checkpoint_zone).list_objects("sql_source/gym_logins_bz")
    assert [info.name for info in ledger] == ["sql_source/gym_logins_bz/state.json"]
    assert not (tmp_path / "base").exists()


def test_what_landed_asks_for_a_run(
    remote: RemotePlatform, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "LOOK_FOR_SECONDS", 0)
    database.logins(("aa", 5, 1, 2))
    extract_logins()
    with DagsterInstance.ephemeral() as instance:
        assert "bronz_db/gym_logins_bz" in requested_assets(CodeServer(instance).tick("landing_zone_sensor"))


@pytest.mark.parametrize("step", ["read", "planned", "written", "renamed"])
def test_killed_after_any_step_nothing_is_lost_or_doubled(remote: RemotePlatform, sqlite: Database, step: str) -> None:
    expected = [f"m{number},5,{number},{number + 1}" for number in range(5)]
    sqlite.logins(*[(f"m{number}", 5, number, number + 1) for number in range(5)])
    done = subprocess.run([sys.executable, "-c", EXTRACT_AND_DIE, step], capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr
    assert extract_logins().landed == (5 if step == "read" else 0)
    assert landed(remote) == expected
    sqlite.logins(("later", 5, 7, 8))
    assert extract_logins().landed == 1
    assert landed(remote) == ["later,5,7,8", *expected]


def test_over_a_bad_network_each_row_lands_once(remote: RemotePlatform, sqlite: Database) -> None:
    remote.workspace.storm(0.3, seed=7, path="/api/2.0/fs")
    for number in range(5):
        sqlite.logins((f"m{number}", 5, number, None))
        assert extract_logins().landed == 1
    remote.workspace.faults.clear()
    assert landed(remote) == [f"m{number},5,{number}," for number in range(5)]


def test_another_catalog_gets_all_rows_and_the_first_one_only_what_is_new(
    remote: RemotePlatform, sqlite: Database
) -> None:
    sqlite.logins(("aa", 5, 1, 2))
    extract_logins()
    for volume in ("landing_zone", "checkpoint_zone"):
        remote.workspace.create_volume("qa", "bronz_db", volume)
    remote.set_env(FITNESS_CATALOG="qa")
    assert extract_logins().landed == 1
    remote.set_env(FITNESS_CATALOG="dev")
    assert extract_logins().landed == 0
    other = remote.workspace.local_path("/Volumes/qa/bronz_db/landing_zone/gym_logins_bz")
    assert [file.read_text() for file in other.iterdir()] == ["mac_address,gym,login,logout\naa,5,1,2\n"]
    assert landed(remote) == ["aa,5,1,2"]


def test_a_run_on_the_workspace_takes_forgotten_people_out_of_the_ledger(
    remote: RemotePlatform, sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite.logins(("aa", 5, 1, 2), ("bb", 5, 1, 2))
    extract_logins()
    # The cluster sees the same volume as a folder.
    monkeypatch.setattr("fitness_assets.storage.factory.is_volume", lambda path: True)
    settings = Settings(base_dir=remote.landing_zone, landing=remote.landing_zone, checkpoints=remote.checkpoint_zone)
    device = Belonging(Erasures(b"key").hash("mac", "aa"))
    erasures = Erasures(b"key", (Erasure("1", "2026-01-01", (), (), (device,)),))
    assert erase_extracted(settings, erasures) == 1
    assert extract_logins().landed == 1, "of the ledger alone: who is forgotten lies in the checkpoint zone"


def test_a_workspace_that_refuses_is_one_line_that_names_the_volume(remote: RemotePlatform, sqlite: Database) -> None:
    sqlite.logins(("aa", 5, 1, 2))
    remote.workspace.fail("PUT", "/fs/files", status=403)
    with pytest.raises(WorkspaceError, match=r"does not write /Volumes/dev/bronz_db/.*privileges") as raised:
        extract_logins()
    assert "\n" not in str(raised.value)
    assert extract_logins().landed == 1
    assert landed(remote) == ["aa,5,1,2"]
