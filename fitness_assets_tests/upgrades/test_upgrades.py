"""This version goes on with the tables and notes of the one before, whatever its contracts say otherwise."""

import tarfile
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from fitness_assets_tests.contracts.changed import ChangedContracts
from fitness_assets_tests.durability.conftest import land_the_rest
from fitness_assets_tests.end_to_end.test_against_reference import assert_equals_reference
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.upgrades.keep import KEPT

pytestmark = pytest.mark.slow

PROFILES = "silver_db.user_profile"


@pytest.fixture
def earlier(spark: SparkSession, tmp_path: Path) -> Platform:
    """A platform with what the version before made."""
    with tarfile.open(KEPT) as archive:
        archive.extractall(tmp_path)
    return Platform(tmp_path / "base", lambda: spark)


def test_tables_and_notes_of_the_version_before_are_gone_on_from(earlier: Platform) -> None:
    assert_equals_reference(earlier)
    earlier.update()
    assert {result.mode for result in earlier.update().values()} == {"unchanged"}
    land_the_rest(earlier)
    assert "full" not in {result.mode for result in earlier.update().values()}
    assert_equals_reference(earlier)


def test_wider_types_of_tables_of_the_version_before_are_taken_over_with_their_history(
    earlier: Platform, contracts: ChangedContracts
) -> None:
    before = earlier.version(PROFILES)
    contracts.change_column(PROFILES, "zip", type="bigint")
    land_the_rest(earlier)
    earlier.update()
    assert_equals_reference(earlier)
    assert [_type_of_zip(earlier, version) for version in (before, None)] == ["integer", "long"]


def _type_of_zip(platform: Platform, version: int | None) -> str:
    schema = DeltaTable(str(platform.path(PROFILES)), version=version).schema()
    return str(next(field.type.type for field in schema.fields if field.name == "zip"))
