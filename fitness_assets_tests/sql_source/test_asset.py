"""Extraction through Dagster, with a source and without one."""

from pathlib import Path
from typing import Any

import pytest
from dagster import AssetKey, DagsterInstance, ExecuteInProcessResult, materialize

from fitness_assets.contracts.feeds import REGISTERED_USERS
from fitness_assets.defs.asset_keys import folder_asset_key
from fitness_assets.defs.assets.sql_extraction import extracted_asset_keys, sql_extraction_assets
from fitness_assets.resources.sql_source import SqlSourceResource
from fitness_assets_tests.sql_source.database import Database

USERS = folder_asset_key("registered_users_bz")


def extract_all(raise_on_error: bool = True, **config: Any) -> ExecuteInProcessResult:
    ops = {f"landing_zone__{key.path[1]}": {"config": config} for key in extracted_asset_keys()}
    with DagsterInstance.ephemeral() as instance:
        return materialize(
            sql_extraction_assets(),
            instance=instance,
            run_config={"ops": ops},
            resources={"sql_source": SqlSourceResource()},
            raise_on_error=raise_on_error,
        )


def materialized(result: ExecuteInProcessResult, key: AssetKey) -> tuple[dict[str, Any], str]:
    """The metadata and the data version."""
    (event,) = result.asset_materializations_for_node("__".join(key.path))
    return {name: value.value for name, value in event.metadata.items()}, (event.tags or {})["dagster/data_version"]


def test_two_real_assets_after_their_tables() -> None:
    assert {key.to_user_string() for key in extracted_asset_keys()} == {
        "landing_zone/registered_users_bz",
        "landing_zone/gym_logins_bz",
    }
    for definition in sql_extraction_assets():
        (spec,) = definition.specs
        assert spec.key in extracted_asset_keys()
        assert [dep.asset_key.path[0] for dep in spec.deps] == ["azure_sql"]
        assert (spec.group_name, spec.kinds, definition.op.pool) == ("landing_zone", {"sqlserver", "csv"}, "sql_source")


def test_the_numbers_of_an_extraction(sqlite: Database) -> None:
    sqlite.users((1, 101, "aa", 1), (1, 101, "aa", 1))
    metadata, version = materialized(extract_all(), USERS)
    (file,) = sqlite.files(REGISTERED_USERS)
    assert metadata.pop("seconds") >= 0
    assert (metadata, version) == ({"rows": 1, "file": file.name, "read": 2, "repeated": 1}, "1")
    metadata, version = materialized(extract_all(whole=True), USERS)
    assert (metadata["rows"], metadata["file"], version) == (0, "none", "1")


def test_without_a_source_it_says_so_and_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FITNESS_SQL_URL", raising=False)
    monkeypatch.setenv("FITNESS_BASE_DIR", str(tmp_path / "base"))
    metadata, version = materialized(extract_all(), USERS)
    assert metadata["source"].startswith("FITNESS_SQL_URL is not set")
    assert (metadata["rows"], version) == (0, "0")
    assert not (tmp_path / "base").exists()


def test_what_goes_wrong_fails_the_step_in_one_line(sqlite: Database) -> None:
    sqlite.sql("DROP TABLE registered_users")
    result = extract_all(raise_on_error=False)
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    failure_data = failure.step_failure_data.user_failure_data
    assert failure_data is not None
    assert str(failure_data.description).startswith(
        "registered_users was not extracted: There is no table registered_users in sqlite "
    )
    assert materialized(result, folder_asset_key("gym_logins_bz"))[0]["rows"] == 0
