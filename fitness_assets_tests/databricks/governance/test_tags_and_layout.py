"""Governed tags of the account, and how tables are laid out and looked after."""

import tempfile
from pathlib import Path

import pytest

from fitness_assets.errors import GovernanceError, SettingError
from fitness_assets.pipeline.state.findings import Finding, Findings, write_findings
from fitness_assets.settings.governance import GovernanceSettings
from fitness_assets.storage.volume import VolumeStorage
from fitness_assets_tests.databricks.governance.fake_catalog.server import FakeServer
from fitness_assets_tests.databricks.governance.workspaces import governed_workspace


def changes(server: FakeServer, **declared: object) -> list[str]:
    """What `apply` changed, and after it nothing is left to change."""
    applied = [line for line in governed_workspace(server, **declared).apply() if not line.startswith(".")]
    assert [line for line in governed_workspace(server, **declared).plan() if not line.startswith(".")] == []
    assert governed_workspace(server, **declared).verify() == []
    return applied


def test_the_tag_of_personal_data_is_governed_where_that_is_asked_for(governed: FakeServer) -> None:
    assert changes(governed) == [] and governed.catalog.governed_tags == {}
    assert changes(governed, governs_tags=True) == ["+ governed tag pii: contact, health, identity"]
    assert governed.catalog.governed_tags == {"pii": ["contact", "health", "identity"]}


def test_values_of_others_stay_with_ours(governed: FakeServer) -> None:
    governed.catalog.governed_tags["pii"] = ["passport", "health"]
    assert changes(governed, governs_tags=True) == ["~ governed tag pii: contact, health, identity, passport"]
    # One without values may have any.
    governed.catalog.governed_tags["pii"] = []
    assert changes(governed, governs_tags=True) == []


def test_a_tag_that_others_govern_without_our_values_is_told_before_the_first_change(governed: FakeServer) -> None:
    governed.catalog.governed_tags["pii"] = ["passport"]
    governed.catalog.securables["dev.silver_db.users"].comment = "mine"
    writes = governed.writes
    with pytest.raises(GovernanceError, match=r"The governed tag pii .* does not allow contact, health, identity: "):
        list(governed_workspace(governed).apply())
    assert governed.writes == writes


def test_where_governed_tags_are_hidden_the_attempt_tells(governed: FakeServer) -> None:
    governed.catalog.shows_governed_tags = False
    assert changes(governed) == []
    governed.catalog.governed_tags["pii"] = ["passport"]
    governed.catalog.securables["dev.silver_db.users"].columns["mac_address"]["tags"] = {}
    with pytest.raises(GovernanceError, match=r"\+ tag of .*mac_address: pii: identity: .*is not an allowed value"):
        list(governed_workspace(governed).apply())


def test_whoever_may_govern_no_tags_is_told_so(governed: FakeServer) -> None:
    governed.catalog.principals.is_account_admin = governed.catalog.principals.is_workspace_admin = False
    governed.warehouse_permissions["fitness_owners"] = "CAN_USE"
    with pytest.raises(GovernanceError, match=r"\+ governed tag pii: .*CREATE on tag policies"):
        list(governed_workspace(governed, governs_tags=True).apply())


def test_tables_that_are_found_by_time_are_clustered_by_it(governed: FakeServer) -> None:
    clustered = {name: table.clustering for name, table in governed.catalog.securables.items() if table.clustering}
    assert clustered == {"dev.silver_db.heart_rate": ["time"], "dev.silver_db.workout_bpm": ["time"]}
    governed.catalog.securables["dev.silver_db.heart_rate"].clustering = ["device_id", "time"]
    governed.catalog.securables["dev.silver_db.users"].clustering = ["user_id"]
    assert changes(governed) == ["~ clustering of table dev.silver_db.heart_rate: time"]
    assert governed.catalog.securables["dev.silver_db.users"].clustering == ["user_id"]


def test_predictive_optimization_is_left_as_it_is_unless_that_is_asked_for(governed: FakeServer) -> None:
    catalog = governed.catalog.securables["dev"]
    assert (changes(governed), catalog.predictive_optimization) == ([], "INHERIT")
    assert changes(governed, predictive_optimization="enable") == [
        "~ predictive optimization of catalog dev: ENABLE",
    ]
    assert (changes(governed), catalog.predictive_optimization) == ([], "ENABLE")
    changes(governed, predictive_optimization="disable")
    assert catalog.predictive_optimization == "DISABLE"


def test_the_settings_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert GovernanceSettings.from_env().predictive_optimization is None
    monkeypatch.setenv("FITNESS_PREDICTIVE_OPTIMIZATION", "enable")
    monkeypatch.setenv("FITNESS_GOVERNED_TAGS", "1")
    settings = GovernanceSettings.from_env()
    assert (settings.predictive_optimization, settings.governs_tags) == ("enable", True)
    monkeypatch.setenv("FITNESS_PREDICTIVE_OPTIMIZATION", "auto")
    with pytest.raises(SettingError, match="must be enable or disable"):
        GovernanceSettings.from_env()


def probed(server: FakeServer, compute: str, **answers: bool) -> None:
    """Keep what a probe found of tables."""
    found = tuple(Finding(f"tables.{name}", is_so) for name, is_so in answers.items())
    findings = Findings(compute, "2026-01-01T00:00:00+00:00", "a run", "0.1.0", found, "17.3")
    with tempfile.TemporaryDirectory() as folder:
        write_findings(VolumeStorage(Path(folder)), findings)
        for file in Path(folder).rglob("*.json*"):
            path = f"/Volumes/dev/bronz_db/checkpoint_zone/{file.relative_to(folder)}"
            server.files[path] = file.read_bytes()


def test_what_no_probed_compute_takes_is_left_out_and_told(server: FakeServer) -> None:
    probed(server, "serverless", keys=False, clustering=False)
    list(governed_workspace(server).apply())
    server.catalog.create_pipeline_tables("dev")
    list(governed_workspace(server).apply())
    assert not [table for table in server.catalog.securables.values() if table.keys or table.clustering]
    notes = [line for line in governed_workspace(server).plan() if "left out" in line]
    assert notes == [
        f". {aspect} is left out: the probe found no compute that takes it (serverless compute (17.3))."
        for aspect in ("primary key", "foreign key", "clustering")
    ]
    assert not governed_workspace(server).verify()
    probed(server, "dedicated", keys=True)
    list(governed_workspace(server).apply())
    assert [name for name, table in server.catalog.securables.items() if table.keys]
    assert not [table for table in server.catalog.securables.values() if table.clustering]
