"""Tables in a catalog: the same rows, commits and checks as in folders, through Spark's SQL alone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from fitness_assets.contracts.lineage import upstream
from fitness_assets.contracts.model import Column, Retention
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.errors import EngineError
from fitness_assets.lakehouse import TransactionLog, Version
from fitness_assets.pipeline.state.erasures import ErasureRegister
from fitness_assets.privacy import erase, find_person
from fitness_assets.sample.history import sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets.storage import open_storage
from fitness_assets_tests.contracts.changed import ChangedContracts
from fitness_assets_tests.end_to_end.test_against_reference import TIDY, UNTIDY, assert_equals_reference, in_batches
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.privacy.staying import DAYS, GYMS, LOGINS, Stayed, let_go

pytestmark = pytest.mark.slow

BRONZE = get_table("bronz_db.kafka_multiplex_bz")
PROFILES = "silver_db.user_profile"
CATALOG = "spark_catalog"
"""The one catalog of open-source Delta; on Databricks it is the environment's."""


@pytest.fixture
def in_catalog(tmp_path: Path, spark: SparkSession) -> Iterator[Platform]:
    yield Platform(tmp_path / "base", lambda: spark, catalog=CATALOG)
    for name in all_tables():
        for state in ("", "_tombstones", "_archive"):
            spark.sql(f"DROP TABLE IF EXISTS {CATALOG}.{name}{state}")


def test_tables_in_a_catalog_equal_the_reference_and_do_what_tables_in_folders_do(
    in_catalog: Platform, tmp_path: Path, spark: SparkSession
) -> None:
    in_folders = Platform(tmp_path / "folders", lambda: spark)
    for one in (in_catalog, in_folders):
        write_calendar(one.settings.landing_zone)
    for number, batch in enumerate(in_batches(sample_arrivals(UNTIDY), 2)):
        for one in (in_catalog, in_folders):
            write_events(one.settings.landing_zone, batch, f"batch_{number}")
        assert update_summaries(in_catalog) == update_summaries(in_folders)
    assert_equals_reference(in_catalog)
    assert {mode for mode, *_ in update_summaries(in_catalog).values()} == {"unchanged"}, "nothing new commits nothing"
    same_log(in_catalog.lake.log(BRONZE), Platform(in_catalog.settings.base_dir, in_catalog.spark).lake.log(BRONZE))


def test_in_a_catalog_a_changed_contract_needs_a_run_and_a_person_can_be_forgotten(
    in_catalog: Platform, contracts: ChangedContracts, spark: SparkSession
) -> None:
    write_calendar(in_catalog.settings.landing_zone)
    first, second = in_batches(sample_arrivals(UNTIDY), 2)
    write_events(in_catalog.settings.landing_zone, first, "first")
    in_catalog.update()
    before = in_catalog.version(PROFILES)
    contracts.change_column(PROFILES, "zip", type="bigint")
    contracts.add_column(BRONZE.full_name, Column(name="colour", type="string", description="New."))
    write_events(in_catalog.settings.landing_zone, second, "second")
    # The code is another one: so is the process.
    in_catalog = Platform(in_catalog.settings.base_dir, in_catalog.spark, catalog=CATALOG)
    assert in_catalog.update()[PROFILES].mode == "full"
    assert_equals_reference(in_catalog)
    assert dict(spark.table(f"{CATALOG}.{PROFILES}").dtypes)["zip"] == "bigint"
    earlier = spark.sql(f"SELECT * FROM {CATALOG}.{PROFILES} VERSION AS OF {before}")
    assert dict(earlier.dtypes)["zip"] == "int"

    user, device = in_catalog.rows("silver_db.users", "user_id, device_id")[1]
    report = erase(in_catalog.lake, find_person(in_catalog.lake, user=str(user)))
    assert report.tables["silver_db.heart_rate"] and any("silver_db.users" in what for what in report.remains)
    assert user not in [other for (other,) in in_catalog.rows("silver_db.users", "user_id")]
    assert device not in [other for (other,) in in_catalog.rows("silver_db.heart_rate", "device_id")]
    assert_equals_reference(in_catalog)
    assert {result.mode for result in in_catalog.update().values()} == {"unchanged"}


def test_in_a_catalog_rows_stay_when_the_records_below_them_go(
    in_catalog: Platform, contracts: ChangedContracts, tmp_path: Path
) -> None:
    contracts.set(GYMS, archive_by="login")
    names = {GYMS, *upstream(GYMS)}
    write_calendar(in_catalog.settings.landing_zone)
    first, second = in_batches(sample_arrivals(TIDY), 2)
    write_events(in_catalog.settings.landing_zone, first, "first")
    write_events(tmp_path / "landed", first, "first")
    in_catalog.update(*names)
    stayed = Stayed(in_catalog, tmp_path / "landed", {GYMS: in_catalog.rows(GYMS)}, tmp_path)
    contracts.set(LOGINS, retention=(Retention("login", DAYS),))
    assert let_go(in_catalog).keys() == {LOGINS, "silver_db.gym_logs"}
    assert stayed.frozen(GYMS) and in_catalog.rows(GYMS) == stayed.expected()[GYMS]
    for folder in (in_catalog.settings.landing_zone, stayed.landed):
        write_events(folder, second, "second")
    user, register = stayed.frozen(GYMS)[0][7], ErasureRegister(open_storage(in_catalog.settings.checkpoint_zone))
    register.add(find_person(in_catalog.lake, user=str(user)).erasure(register.open()))
    in_catalog.update(*names)
    expected = stayed.expected(without=user)[GYMS]
    assert in_catalog.rows(GYMS) == [row for row in expected if row[7] != user] != []


def update_summaries(platform: Platform) -> dict[str, tuple[Any, ...]]:
    """What an update of all tables says that it did, but for timing."""
    return {
        name: (r.mode, r.version, r.rows, r.read, r.inserted, r.updated, r.deleted, r.accepted, r.rejected)
        for name, r in platform.update().items()
    }


def same_log(log: TransactionLog, files: TransactionLog) -> None:
    """The catalog tells what the files of the log tell."""
    latest = files.latest_number()
    one, other = log.version(), files.version()
    assert one is not None and other is not None
    # Each tells one commit from another in its own way.
    assert replace(one, commit="") == replace(other, commit="") != Version("", 0)
    assert one.commit and log.commit_identity(one.number) == one.commit
    assert (log.latest_number(), log.row_count(), log.row_count(1)) == (latest, files.row_count(), files.row_count(1))
    for one, other in zip(log.commits(0, latest), files.commits(0, latest), strict=True):
        assert (one.version, one.operation, one.changed_rows) == (other.version, other.operation, other.changed_rows)
        assert (one.partitions, one.user_metadata) == (other.partitions, other.user_metadata)
    assert log.has_change_feed(0, latest) and not log.has_commits(0, latest + 1)
    assert log.file_count() == files.file_count()


def test_a_catalog_that_is_not_there_is_told_with_what_to_do(tmp_path: Path, spark: SparkSession) -> None:
    elsewhere = Platform(tmp_path / "base", lambda: spark, catalog="nowhere")
    with pytest.raises(EngineError, match=r"nowhere\.silver_db\.users could not be made.*governance apply"):
        elsewhere.lake.ensure(get_table("silver_db.users"))
