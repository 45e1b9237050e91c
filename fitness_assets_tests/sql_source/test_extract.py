"""Extraction from SQL: every new or changed row lands once, whatever happens on the way."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fitness_assets.contracts.feeds import REGISTERED_USERS
from fitness_assets.errors import SqlSourceError
from fitness_assets.sql_source.extract import extract
from fitness_assets.sql_source.ledger_part import PARTS_PER_MERGE
from fitness_assets.sql_source.ledger_state import RowversionBound
from fitness_assets.sql_source.tables import SourceTable, find_table
from fitness_assets_tests.sql_source.database import Database

EXTRACT_AND_DIE = """
import os, sys
from fitness_assets.contracts.feeds import GYM_LOGINS
from fitness_assets.settings import Settings
from fitness_assets.sql_source.extract import extract
from fitness_assets.sql_source.settings import SqlSource
from fitness_assets.sql_source.zones import zones_of
die = lambda step: os._exit(9) if step == sys.argv[1] else None
extract(zones_of(Settings.from_env()), SqlSource.from_env(), GYM_LOGINS, max_rows_per_file=2, on_step=die)
"""


def extract_killed_after(step: str) -> None:
    """Extract in a process of its own that ends at once after this step, as if it were killed."""
    done = subprocess.run([sys.executable, "-c", EXTRACT_AND_DIE, step], capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr


def test_new_rows_land_once_and_nothing_new_writes_nothing(database: Database) -> None:
    database.users((1, 101, "aa", 1678451168), (2, 102, "bb", 1678451168.25))
    first = database.extract(REGISTERED_USERS)
    assert (first.landed, first.last_file_number, len(first.files)) == (2, 1, 1)
    assert first.files[0].startswith("registered_users_000001_")
    nothing = database.extract(REGISTERED_USERS)
    assert (nothing.landed, nothing.last_file_number, nothing.files, nothing.read) == (0, 1, (), 2)
    assert len(database.files(REGISTERED_USERS)) == 1
    database.users((3, 103, "cc", 1678451169))
    assert database.extract(REGISTERED_USERS).last_file_number == 2
    assert database.landed(REGISTERED_USERS) == [
        "1,101,aa,1678451168",
        "2,102,bb,1678451168.25",
        "3,103,cc,1678451169",
    ]


def test_an_open_visit_comes_again_once_its_logout_is_known(database: Database) -> None:
    database.logins(("aa", 5, 1678521600, None), ("bb", 5, 1678521601, 1678526100))
    database.extract()
    database.sql("UPDATE gym_logins SET logout = 1678526200 WHERE mac_address = 'aa'")
    assert database.extract().landed == 1
    database.sql("DELETE FROM gym_logins")
    assert database.extract().landed == 0
    assert database.landed() == ["aa,5,1678521600,", "aa,5,1678521600,1678526200", "bb,5,1678521601,1678526100"]


def test_an_empty_table_lands_no_file(database: Database) -> None:
    assert database.extract().landed == 0
    assert database.files() == []


def test_rows_equal_in_every_field_land_once_and_are_counted(database: Database) -> None:
    database.logins(("aa", 5, 1, 2), ("aa", 5, 1, 2), (None, None, None, None))
    result = database.extract()
    assert (result.read, result.repeated, result.landed) == (3, 1, 2)
    assert database.landed() == [",,,", "aa,5,1,2"]


def test_many_rows_are_spread_over_files_in_their_order(database: Database) -> None:
    database.logins(*[(f"m{number:05d}", number % 7, number, None) for number in range(45_000)])
    result = database.extract(max_rows_per_file=20_000)
    assert (result.landed, result.last_file_number) == (45_000, 3)
    assert [len(file.read_text().splitlines()) - 1 for file in database.files()] == [20_000, 20_000, 5_000]
    assert len(set(database.landed())) == 45_000
    assert database.extract(max_rows_per_file=20_000).landed == 0


@pytest.mark.parametrize("step", ["read", "planned", "written", "renamed"])
def test_killed_after_any_step_nothing_is_lost_or_doubled(sqlite: Database, step: str) -> None:
    expected = [f"m{number},5,{number},{number + 1}" for number in range(5)]
    sqlite.logins(*[(f"m{number}", 5, number, number + 1) for number in range(5)])
    extract_killed_after(step)
    assert sqlite.extract(max_rows_per_file=2).landed == (5 if step == "read" else 0)
    assert sqlite.landed() == expected
    sqlite.logins(("later", 5, 7, 8))
    assert sqlite.extract().landed == 1
    assert sqlite.landed() == ["later,5,7,8", *expected]


def test_what_was_planned_lands_although_the_source_is_gone(sqlite: Database) -> None:
    sqlite.logins(("aa", 5, 1, 2))
    extract_killed_after("written")
    sqlite.sql("DROP TABLE gym_logins")
    with pytest.raises(SqlSourceError, match="There is no table gym_logins"):
        sqlite.extract()
    assert sqlite.landed() == ["aa,5,1,2"]


def test_killed_after_the_first_of_three_files_and_then_more_is_new(sqlite: Database) -> None:
    sqlite.logins(*[(f"m{number}", 5, number, None) for number in range(5)])
    extract_killed_after("renamed")
    assert len([file for file in sqlite.files() if not file.name.startswith("_")]) == 1
    sqlite.sql("UPDATE gym_logins SET logout = 9 WHERE gym = 5")
    assert sqlite.extract(max_rows_per_file=2).landed == 5
    assert len(sqlite.landed()) == len(set(sqlite.landed())) == 10


def test_a_file_taken_away_before_its_landing_was_noted_comes_again_under_the_name_that_bronze_knows(
    sqlite: Database,
) -> None:
    sqlite.logins(("aa", 5, 1, 2))
    extract_killed_after("renamed")
    (taken,) = sqlite.files()
    taken.unlink()
    assert sqlite.extract().files == (taken.name,)
    assert sqlite.landed() == ["aa,5,1,2"]


def test_a_file_archived_after_it_landed_does_not_come_again(sqlite: Database) -> None:
    sqlite.logins(("aa", 5, 1, 2))
    sqlite.extract()
    sqlite.files()[0].unlink()
    sqlite.logins(("bb", 5, 1, 2))
    assert sqlite.extract().last_file_number == 2
    assert sqlite.landed() == ["bb,5,1,2"]


def test_a_lost_ledger_extracts_everything_again_under_names_never_given_before(sqlite: Database) -> None:
    sqlite.logins(("aa", 5, 1, 2))
    sqlite.extract()
    sqlite.logins(("bb", 5, 1, 2))
    (archived, kept) = sqlite.extract().files[0], sqlite.files()[0].name
    (sqlite.settings.landing_zone / "gym_logins_bz" / archived).unlink()
    shutil.rmtree(sqlite.ledger())
    again = sqlite.extract()
    assert again.landed == 2
    assert {again.files[0], archived, kept} == {archived, kept, *again.files}
    assert len({again.files[0], archived, kept}) == 3
    assert sqlite.landed() == ["aa,5,1,2", "aa,5,1,2", "bb,5,1,2"]


@pytest.mark.parametrize("damaged", ["state.json", "parts/*.parquet"])
def test_a_ledger_that_cannot_be_read_is_one_line_and_its_remedy_doubles_nothing_above_bronze(
    sqlite: Database, damaged: str
) -> None:
    sqlite.logins(("aa", 5, 1, 2))
    sqlite.extract()
    (file,) = sqlite.ledger().glob(damaged)
    file.write_bytes(b"no ledger" * 1000)
    with pytest.raises(SqlSourceError, match=rf"{file.name} cannot be read: .*move it away") as raised:
        sqlite.extract()
    assert "\n" not in str(raised.value)
    file.unlink()
    sqlite.extract()
    assert set(sqlite.landed()) == {"aa,5,1,2"}


def test_a_state_that_was_lost_lands_nothing_again(sqlite: Database) -> None:
    sqlite.logins(("aa", 5, 1, 2))
    sqlite.extract()
    (sqlite.ledger() / "state.json").unlink()
    assert sqlite.extract().landed == 0
    assert sqlite.landed() == ["aa,5,1,2"]


def test_parts_that_were_lost_give_no_file_a_number_that_counts_as_landed(sqlite: Database) -> None:
    sqlite.logins(("aa", 5, 1, 2))
    sqlite.extract()
    sqlite.files()[0].unlink()
    shutil.rmtree(sqlite.ledger() / "parts")
    assert sqlite.extract().last_file_number == 2
    assert sqlite.landed() == ["aa,5,1,2"]


def test_a_long_history_is_a_few_parts_and_no_line_of_it_lands_again(sqlite: Database) -> None:
    for number in range(PARTS_PER_MERGE * 2 + 3):
        sqlite.logins((f"m{number}", 5, number, None))
        assert sqlite.extract().landed == 1
    parts = sorted(file.name for file in (sqlite.ledger() / "parts").iterdir())
    assert len(parts) == 5
    assert parts[:2] == ["000001-000016.parquet", "000017-000032.parquet"]
    assert (sqlite.extract().landed, len(sqlite.landed())) == (0, 35)


def test_a_merge_that_was_killed_before_it_removed_the_merged_parts_is_finished(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fitness_assets.sql_source.ledger.PARTS_PER_MERGE", 3)
    monkeypatch.setattr("fitness_assets.sql_source.ledger_part.PARTS_PER_MERGE", 3)
    parts = sqlite.ledger() / "parts"
    for number in range(2):
        sqlite.logins((f"m{number}", 5, number, None))
        sqlite.extract()
    kept = {file.name: file.read_bytes() for file in parts.iterdir()}
    sqlite.logins(("m2", 5, 2, None))
    sqlite.extract()
    for name, content in kept.items():
        (parts / name).write_bytes(content)
    assert sqlite.extract().landed == 0
    assert [file.name for file in parts.iterdir()] == ["000001-000003.parquet"]


def test_two_extractions_at_once_take_turns(sqlite: Database) -> None:
    sqlite.logins(*[(f"m{number}", 5, number, None) for number in range(100)])
    script = EXTRACT_AND_DIE.replace("max_rows_per_file=2, on_step=die", "")
    processes = [subprocess.Popen([sys.executable, "-c", script, "never"]) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert len(sqlite.landed()) == 100


def test_with_a_rowversion_only_what_changed_below_the_bound_is_read(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = iter(
        [
            RowversionBound(b"\3", "a"),
            RowversionBound(b"\5", "a"),
            RowversionBound(b"\5", "a"),
            RowversionBound(b"\2", "b"),
        ]
    )

    def with_rowversion(*arguments: Any) -> SourceTable:
        table = find_table(*arguments)
        return SourceTable(table.name, table.columns, table.datetimes, "rv")

    monkeypatch.setattr(f"{extract.__module__}.find_table", with_rowversion)
    monkeypatch.setattr(f"{extract.__module__}.current_bound", lambda connection, table: next(bounds))
    sqlite.sql("ALTER TABLE gym_logins ADD COLUMN rv BLOB")
    sqlite.sql("INSERT INTO gym_logins VALUES (?, ?, ?, ?, ?)", ("aa", 5, 1, None, b"\1"), ("bb", 5, 1, None, b"\3"))
    first = sqlite.extract()
    assert (first.read, first.is_full, sqlite.landed()) == (1, True, ["aa,5,1,"])
    second = sqlite.extract()
    assert (second.read, second.is_full, sqlite.landed()) == (1, False, ["aa,5,1,", "bb,5,1,"])
    assert sqlite.extract().read == 0
    restored = sqlite.extract()
    assert (restored.read, restored.landed, restored.is_full) == (1, 0, True)


def test_the_landed_files_are_where_the_contract_says(sqlite: Database, tmp_path: Path) -> None:
    sqlite.users((1, 101, "aa", 1))
    sqlite.extract(REGISTERED_USERS)
    (file,) = (tmp_path / "base/data_zone/raw/registered_users_bz").iterdir()
    assert file.read_text() == "user_id,device_id,mac_address,registration_timestamp\n1,101,aa,1\n"
