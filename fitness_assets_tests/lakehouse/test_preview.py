"""What people see of a table without asking Spark: a few rows, with personal data masked."""

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.lakehouse import MASKED, as_markdown
from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse
from fitness_assets_tests.lakehouse.readings import lake_without_spark

USERS = get_table("silver_db.users")


def lake_with_users(base: Path, *users: int) -> LocalLakehouse:
    lake = lake_without_spark(base)
    lake.ensure(USERS)
    for user in users:
        at = datetime(2026, 2, 28, user, tzinfo=timezone.utc)
        row = {"user_id": user, "device_id": 7, "mac_address": "4c:c5", "registration_timestamp": at}
        write_deltalake(str(lake.path(USERS)), pa.Table.from_pylist([row], arrow_schema(USERS)), mode="append")
    return lake


def test_the_newest_rows_are_shown_and_personal_data_is_not(tmp_path: Path) -> None:
    lake = lake_with_users(tmp_path, 1, 2)
    (row,) = lake.preview(USERS)
    assert row == {
        "user_id": MASKED,
        "device_id": MASKED,
        "mac_address": MASKED,
        "registration_timestamp": "2026-02-28 02:00:00",
    }


def test_of_no_table_and_of_an_empty_one_there_is_no_preview(tmp_path: Path) -> None:
    lake = lake_with_users(tmp_path)
    assert lake.preview(USERS) == []
    assert lake.preview(get_table("silver_db.gym_logs")) == []


def test_what_names_a_person_or_says_how_they_are_has_a_class_wherever_it_stands() -> None:
    personal = {
        "mac_address",
        "dob",
        "first_name",
        "last_name",
        "street_address",
        "heartrate",
        "record",
        "value",
        "raw",
    }
    open_to_all = {f"{t.full_name}.{c.name}" for t in all_tables().values() for c in t.all_columns if not c.pii}
    assert not {name for name in open_to_all if name.rpartition(".")[2] in personal}


def test_a_value_cannot_break_out_of_its_cell() -> None:
    assert as_markdown([("a|b\nc",)], ("x",)).splitlines()[2] == "| a\\|b c |"


def test_rows_of_one_partition_are_counted_from_the_log_alone(tmp_path: Path) -> None:
    bronze = replace(USERS, partition_by=("mac_address",))
    lake = lake_without_spark(tmp_path)
    lake.ensure(bronze)
    at = datetime(2026, 2, 28, tzinfo=timezone.utc)
    rows = [
        {"user_id": n, "device_id": n, "mac_address": "odd" if n % 2 else "even", "registration_timestamp": at}
        for n in (1, 2, 3)
    ]
    write_deltalake(str(lake.path(bronze)), pa.Table.from_pylist(rows, arrow_schema(bronze)), mode="append")
    assert lake.log(bronze).row_count() == 3
    assert lake.log(bronze).row_count(partition={"mac_address": "odd"}) == 2


def test_a_column_that_stands_in_the_name_of_the_folder_is_shown_too(tmp_path: Path) -> None:
    by_gym = replace(get_table("silver_db.gym_logs"), partition_by=("gym",))
    lake = lake_without_spark(tmp_path)
    lake.ensure(by_gym)
    at = datetime(2026, 2, 28, tzinfo=timezone.utc)
    row = {"mac_address": "m", "gym": 7, "login": at, "logout": None}
    write_deltalake(str(lake.path(by_gym)), pa.Table.from_pylist([row], arrow_schema(by_gym)), mode="append")
    assert lake.preview(by_gym)[0]["gym"] == "7"


def test_a_file_that_is_gone_meanwhile_is_not_shown_and_fails_nothing(tmp_path: Path) -> None:
    lake = lake_with_users(tmp_path, 1)
    for file in lake.path(USERS).glob("*.parquet"):
        file.unlink()
    assert lake.preview(USERS) == []
