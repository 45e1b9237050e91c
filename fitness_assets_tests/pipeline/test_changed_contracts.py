"""A changed contract needs a run, nothing by hand; what the tables held stays, and so does their history."""

from dataclasses import replace
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from fitness_assets.cli.main import main
from fitness_assets.contracts.feeds import FILE_FEEDS, Field
from fitness_assets.contracts.model import Column, Layer, Source, Table, UpdateStrategy
from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import SchemaMismatchError
from fitness_assets.transforms.visits import gym_summary
from fitness_assets_tests.contracts.changed import ChangedContracts
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS, NOON, REGISTERED, action

pytestmark = pytest.mark.slow

BRONZE, VISITS, SUMMARY = "bronz_db.gym_logins_bz", "silver_db.gym_logs", "gold_db.gym_summary"
COLOUR = Column(name="colour", type="string", description="New.")
TRAINER = Column(name="trainer", type="string", description="Who was there.")


def test_a_table_that_gains_a_column_is_built_on_and_not_anew(platform: Platform, contracts: ChangedContracts) -> None:
    file = platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    platform.update(BRONZE, VISITS)
    file.unlink()
    contracts.add_column(BRONZE, COLOUR)
    platform.land("gym_logins_bz", "b.csv", [LOGINS, "bb,5,1,2"])
    results = platform.update(BRONZE, VISITS)
    assert platform.rows(BRONZE, "mac_address, colour") == [("aa", None), ("bb", None)]
    assert platform.rows(VISITS, "mac_address") == [("aa",), ("bb",)]
    assert results[VISITS].reason == f"all of {BRONZE} was written anew"
    assert platform.update(BRONZE, VISITS)[VISITS].mode == "unchanged"


def test_a_computed_table_that_gains_a_column_is_computed_whole(
    platform: Platform, contracts: ChangedContracts
) -> None:
    worked_out(platform)
    contracts.add_column(SUMMARY, Column(name="is_short", type="boolean", description="New."))
    contracts.compute_by(SUMMARY, lambda **sources: gym_summary(**sources).selectExpr("*", "gym = 5 AS is_short"))
    assert platform.update()[SUMMARY].mode == "full"
    assert platform.rows(SUMMARY, "session_id, is_short") == [(1, True), (2, True)]


def worked_out(platform: Platform) -> None:
    """One visit with two sessions."""
    platform.land("registered_users_bz", "a.csv", [REGISTERED, f"1,10,aa,{NOON}"])
    platform.land("gym_logins_bz", "a.csv", [LOGINS, f"aa,5,{NOON},{NOON + 3600}"])
    lines = [action(1, number, NOON + 60 * number, what) for number in (1, 2) for what in ("start",)]
    lines += [action(1, number, NOON + 600 * number, "stop") for number in (1, 2)]
    platform.land("kafka_multiplex_bz", "a.json", lines)
    platform.update()


def test_a_field_that_producers_sent_before_the_contract_knew_it_is_there_for_all_and_goes_back(
    platform: Platform, contracts: ChangedContracts
) -> None:
    platform.land("gym_logins_bz", "a.csv", [f"{LOGINS},trainer", "aa,5,1,2,Ann"])
    platform.land("gym_logins_bz", "b.csv", [LOGINS, "bb,5,1,2"])
    platform.update(BRONZE, VISITS)
    kept = '{"trainer": "Ann"}'
    assert platform.rows(BRONZE, "mac_address, unknown_fields") == [("aa", kept), ("bb", None)]
    columns, fields = get_table(BRONZE).columns, FILE_FEEDS[BRONZE].fields
    contracts.set(BRONZE, columns=(*columns, TRAINER))
    contracts.set_fields(BRONZE, (*fields, Field(name="trainer", type="string")))
    platform.update(BRONZE, VISITS)
    assert platform.rows(BRONZE, "mac_address, trainer, unknown_fields") == [("aa", "Ann", None), ("bb", None, None)]
    contracts.set(BRONZE, columns=columns)
    contracts.set_fields(BRONZE, fields)
    platform.update(BRONZE, VISITS)
    assert platform.rows(BRONZE, "mac_address, unknown_fields") == [("aa", kept), ("bb", None)]
    assert platform.rows(VISITS, "mac_address") == [("aa",), ("bb",)]


def test_a_wider_type_a_new_name_and_a_column_less_are_one_run(platform: Platform, contracts: ChangedContracts) -> None:
    worked_out(platform)
    before, version = platform.rows(SUMMARY, "session_id, minutes_exercising"), platform.version(SUMMARY)
    contracts.change_column(SUMMARY, "workout_id", type="bigint")
    contracts.change_column(
        SUMMARY, "minutes_exercising", name="minutes_of_exercise", former_names=("minutes_exercising",)
    )
    contracts.drop_column(SUMMARY, "date")
    contracts.compute_by(
        SUMMARY,
        lambda **sources: gym_summary(**sources).withColumnRenamed("minutes_exercising", "minutes_of_exercise"),
    )
    assert platform.update()[SUMMARY].mode == "full"
    assert platform.rows(SUMMARY, "session_id, minutes_of_exercise") == before
    now, then = (DeltaTable(str(platform.path(SUMMARY)), version=number) for number in (None, version))
    types = {field.name: field.type.type for field in now.schema().fields}
    assert types["workout_id"] == "long" and "date" not in types
    assert {"date", "minutes_exercising"} <= {field.name for field in then.schema().fields}
    assert len(now.to_pyarrow_table()) == len(then.to_pyarrow_table()) == 2
    platform.land("gym_logins_bz", "b.csv", [LOGINS, f"aa,6,{NOON + 300},{NOON + 7200}"])
    assert platform.update()[SUMMARY].mode == "incremental"
    assert platform.rows(SUMMARY, "gym, session_id") == [(5, 1), (5, 2)]


def test_a_new_partition_column_is_taken_over(platform: Platform, contracts: ChangedContracts) -> None:
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2", "bb,6,1,2"])
    platform.update(BRONZE, VISITS)
    contracts.set(VISITS, partition_by=("mac_address",))
    platform.update(BRONZE, VISITS)
    platform.land("gym_logins_bz", "b.csv", [LOGINS, "aa,5,1,3", "cc,6,1,2"])
    platform.update(BRONZE, VISITS)
    assert platform.rows(VISITS, "mac_address, gym") == [("aa", 5), ("bb", 6), ("cc", 6)]
    assert DeltaTable(str(platform.path(VISITS))).metadata().partition_columns == ["mac_address"]


def test_a_new_table_is_made_from_what_there_is(platform: Platform, contracts: ChangedContracts) -> None:
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2", "bb,5,1,2"])
    platform.update(BRONZE, VISITS)

    def visits_of_gyms(gym_logs: DataFrame) -> DataFrame:
        return gym_logs.groupBy("gym").agg(F.count("*").alias("visits"))

    name = "gold_db.visits_of_gyms"
    columns = [Column(name=one, type="bigint", description=one, nullable=False) for one in ("gym", "visits")]
    table = Table(
        layer=Layer.GOLD,
        name="visits_of_gyms",
        strategy=UpdateStrategy.INCREMENTAL,
        description="Visits.",
        grain="a gym",
        columns=tuple(columns),
        key=("gym",),
        sources=(Source(VISITS, change_key=("gym",)),),
    )
    contracts.add(table, visits_of_gyms)
    platform.update(name)
    assert platform.rows(name) == [(5, 2)]


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("gym", {"type": "int"}, "gym is long there and integer in the contract, which is not wider"),
        ("logout", {"name": "left", "nullable": False}, "left is new and required"),
    ],
)
def test_what_cannot_be_done_is_refused_and_the_advice_works(
    platform: Platform,
    contracts: ChangedContracts,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    column: str,
    values: dict[str, object],
    told: str,
) -> None:
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    platform.update(BRONZE, VISITS)
    before = platform.version(VISITS)
    contracts.change_column(VISITS, column, **values)
    with pytest.raises(SchemaMismatchError, match=told) as refused:
        platform.update(VISITS)
    assert platform.version(VISITS) == before and "fitness-assets clean" in str(refused.value)
    if "name" in values:
        return
    monkeypatch.setenv("FITNESS_BASE_DIR", str(platform.settings.base_dir))
    assert main(["backup", str(tmp_path / "backups")]) == 0
    assert main(["clean", "--table", VISITS, "--yes"]) == 0
    platform.update(BRONZE, VISITS)
    assert platform.rows(VISITS, "mac_address, gym") == [("aa", 5)]


def test_the_table_of_somebody_else_in_the_place_of_ours_is_left_alone(
    platform: Platform, contracts: ChangedContracts
) -> None:
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    platform.update(BRONZE)
    others = tuple(replace(column, name=f"their_{column.name}") for column in get_table(BRONZE).all_columns)
    contracts.set(BRONZE, columns=others, audit_columns=())
    with pytest.raises(SchemaMismatchError, match="those of another table"):
        platform.update(BRONZE)
