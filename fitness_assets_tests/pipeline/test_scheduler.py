"""Many tables at once: what fails holds back what is above it, and nothing else."""

import pytest
from deltalake import DeltaTable, write_deltalake
from pyspark.sql import DataFrame

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.errors import LockTimeoutError
from fitness_assets.pipeline.quality.checks import run_checks
from fitness_assets.pipeline.scheduler import update_tables
from fitness_assets.pipeline.state.locks import table_lock
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets.transforms import registry
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import NOON, REGISTERED, action, reading


def land(platform: Platform) -> None:
    platform.land("registered_users_bz", "a.csv", [REGISTERED, "1,7,aa,1678451168"])
    actions = [action(1, 1, NOON, "start"), action(1, 1, NOON + 60, "stop")]
    platform.land("kafka_multiplex_bz", "a.json", [*actions, reading(7, NOON + 1, 80.0)])


def test_a_table_that_fails_holds_back_those_above_it_and_the_others_go_on(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(workouts: DataFrame) -> DataFrame:
        raise ZeroDivisionError("a bug")

    land(platform)
    registry.transform_of(get_table("silver_db.completed_workouts"))
    monkeypatch.setitem(registry._transforms, "silver_db.completed_workouts", broken)
    outcomes = {o.table.name: o for o in update_tables(platform.lake, all_tables())}
    assert isinstance(outcomes["completed_workouts"].error, ZeroDivisionError)
    held = {name: outcome.held_back_by for name, outcome in outcomes.items() if outcome.held_back_by}
    assert held == dict.fromkeys(["workout_bpm", "gym_summary", "workout_bpm_summary"], "silver_db.completed_workouts")
    assert len(platform.rows("silver_db.heart_rate")) == 1
    monkeypatch.undo()
    platform.update()
    assert platform.rows("gold_db.workout_bpm_summary", "num_recordings") == [(1,)]


@pytest.mark.slow
def test_a_table_that_fails_a_check_keeps_its_rows_from_flowing_on(platform: Platform) -> None:
    land(platform)
    platform.update()
    users = platform.path("silver_db.users")
    write_deltalake(str(users), DeltaTable(str(users)).to_pyarrow_table(), mode="append")
    failed = {
        one.name: one.figures["wrong"]
        for one in run_checks(platform.lake, get_table("silver_db.users"))
        if not one.passed
    }
    assert failed == {"unique_key": 1}
    outcomes = {o.table.name: o for o in update_tables(platform.lake, ["silver_db.user_bins"])}
    assert outcomes["user_bins"].held_back_by == "silver_db.users"
    platform.update("silver_db.users", full=True)
    platform.update()
    assert len(platform.rows("silver_db.users")) == 1


def test_a_refused_record_that_is_lost_is_missed_in_the_sums(platform: Platform) -> None:
    land(platform)
    platform.land("kafka_multiplex_bz", "b.json", ["not json"])
    platform.update()
    quarantine = get_table("silver_db.quarantine")
    sums = run_checks(platform.lake, quarantine)[-1]
    assert (sums.name, sums.passed) == ("nothing_lost", True)
    assert sums.figures["bronz_db.kafka_multiplex_bz"] == "4 = 3 accepted + 1 refused"
    DeltaTable(str(platform.path(quarantine.full_name))).delete()
    sums = run_checks(platform.lake, quarantine)[-1]
    assert not sums.passed
    assert sums.figures["bronz_db.kafka_multiplex_bz"] == "4 = 3 accepted + 0 refused"


def test_a_column_that_somebody_added_is_seen(platform: Platform) -> None:
    land(platform)
    platform.update("bronz_db.registered_users_bz", "silver_db.users")
    path = str(platform.path("silver_db.users"))
    more = DeltaTable(path).to_pyarrow_table().append_column("mood", [["good"]])
    write_deltalake(path, more.slice(0, 0), mode="append", schema_mode="merge")
    (schema,) = run_checks(platform.lake, get_table("silver_db.users"))
    assert (schema.name, schema.passed) == ("schema", False)


def test_a_large_table_is_checked_where_it_changed(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fitness_assets.pipeline.quality.checks.FULL_CHECK_ROWS", 0)
    readings = ("bronz_db.kafka_multiplex_bz", "silver_db.heart_rate")
    land(platform)
    platform.update(*readings)
    platform.land("kafka_multiplex_bz", "b.json", [reading(7, NOON + 2, 81.0), reading(8, NOON + 2, 81.0)])
    platform.update(*readings)
    rows = {one.name: one.figures.get("rows") for one in run_checks(platform.lake, get_table("silver_db.heart_rate"))}
    assert rows["unique_key"] == 2
    path = str(platform.path("silver_db.heart_rate"))
    old = DeltaTable(path).to_pyarrow_table().filter(_first_reading())
    write_deltalake(path, old, mode="append")
    assert {one.name for one in run_checks(platform.lake, get_table("silver_db.heart_rate")) if not one.passed} == {
        "unique_key"
    }


def test_two_writers_take_turns(platform: Platform) -> None:
    storage, users = ProgressStore.from_settings(platform.settings).storage, get_table("silver_db.users")
    with (
        table_lock(storage, users),
        pytest.raises(LockTimeoutError, match=r"silver_db\.users has been held by process"),
        table_lock(storage, users, patience=0.2),
    ):
        pass
    with table_lock(storage, users, patience=0):
        pass


def _first_reading() -> object:
    import pyarrow.compute as pc

    return pc.field("heartrate") == 80.0
