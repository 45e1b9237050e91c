"""Extraction through Dagster, with a source and without one."""

from pathlib import Path
from typing import Any

import pytest
from dagster import AssetKey, DagsterInstance, ExecuteInProcessResult, materialize

from fitness_assets.contracts.feeds import REGISTERED_USERS
from fitness_assets.defs.external import landing_key
from fitness_assets.defs.sql_source import extracted_keys, sql_source_assets
from fitness_assets_tests.sql_source.database import Database

USERS = landing_key("registered_users_bz")


def click(raises: bool = True, **config: Any) -> ExecuteInProcessResult:
    ops = {f"landing_zone__{key.path[1]}": {"config": config} for key in extracted_keys()}
    with DagsterInstance.ephemeral() as instance:
        return materialize(sql_source_assets(), instance=instance, run_config={"ops": ops}, raise_on_error=raises)


def materialized(result: ExecuteInProcessResult, key: AssetKey) -> tuple[dict[str, Any], str]:
    """The metadata and the data version."""
    (event,) = result.asset_materializations_for_node("__".join(key.path))
    return {name: one.value for name, one in event.metadata.items()}, (event.tags or {})["dagster/data_version"]


def test_two_real_assets_after_their_tables() -> None:
    assert {key.to_user_string() for key in extracted_keys()} == {
        "landing_zone/registered_users_bz",
        "landing_zone/gym_logins_bz",
    }
    for definition in sql_source_assets():
        (spec,) = definition.specs
        assert spec.key in extracted_keys()
        assert [dep.asset_key.path[0] for dep in spec.deps] == ["azure_sql"]
        assert (spec.group_name, spec.kinds, definition.op.pool) == ("landing_zone", {"sqlserver", "csv"}, "sql_source")


def test_the_numbers_of_an_extraction(sqlite: Database) -> None:
    sqlite.users((1, 101, "aa", 1), (1, 101, "aa", 1))
    metadata, version = materialized(click(), USERS)
    (file,) = sqlite.files(REGISTERED_USERS)
    assert metadata.pop("seconds") >= 0
    assert (metadata, version) == ({"rows": 1, "file": file.name, "read": 2, "repeated": 1}, "1")
    metadata, version = materialized(click(whole=True), USERS)
    assert (metadata["rows"], metadata["file"], version) == (0, "none", "1")


def test_without_a_source_it_says_so_and_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FITNESS_SQL_URL", raising=False)
    monkeypatch.setenv("FITNESS_BASE_DIR", str(tmp_path / "base"))
    metadata, version = materialized(click(), USERS)
    assert metadata["source"].startswith("FITNESS_SQL_URL is not set")
    assert (metadata["rows"], version) == (0, "0")
    assert not (tmp_path / "base").exists()


def test_what_goes_wrong_fails_the_step_in_one_line(sqlite: Database) -> None:
    sqlite.sql("DROP TABLE registered_users")
    result = click(raises=False)
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    told = failure.step_failure_data.user_failure_data
    assert told is not None
    assert str(told.description).startswith(
        "registered_users was not extracted: There is no table registered_users in sqlite "
    )
    assert materialized(result, landing_key("gym_logins_bz"))[0]["rows"] == 0
