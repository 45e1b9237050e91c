"""Silver and gold: late, older and corrected records restate what they touch, and nothing else."""

from contextlib import suppress
from datetime import timedelta

import pytest
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets.settings import Settings
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS, NOON, REGISTERED, action, profile, reading

pytestmark = pytest.mark.slow

BPM, SUMMARY, GYMS = "silver_db.workout_bpm", "gold_db.workout_bpm_summary", "gold_db.gym_summary"


def land_a_workout(platform: Platform) -> None:
    platform.land("registered_users_bz", "a.csv", [REGISTERED, "1,7,aa,1678451168"])
    platform.land("gym_logins_bz", "a.csv", [LOGINS, f"aa,5,{NOON - 600},"])
    platform.land(
        "kafka_multiplex_bz",
        "a.json",
        [
            profile(1, NOON - 999, "new", dob="07/21/1989", gender="F", address={"city": "Austin", "state": "TX"}),
            action(1, 1, NOON, "start"),
            action(1, 1, NOON + 1800, "stop"),
            *[reading(7, NOON + minute * 60, 100.0 + minute) for minute in range(0, 40, 5)],
        ],
    )
    platform.update()


def test_a_stop_that_came_late_shrinks_a_workout_and_its_readings_go(platform: Platform) -> None:
    land_a_workout(platform)
    assert platform.rows(SUMMARY, "age, city, min_bpm, avg_bpm, max_bpm, num_recordings") == [
        ("35-45", "Austin", 105.0, 117.5, 130.0, 6)
    ]
    assert platform.rows(GYMS) == []
    platform.land("kafka_multiplex_bz", "b.json", [action(1, 1, NOON + 600, "stop")])
    done = platform.update()
    assert (done[BPM].inserted, done[BPM].updated, done[BPM].deleted) == (0, 2, 4)
    assert platform.rows(SUMMARY, "min_bpm, max_bpm, num_recordings") == [(105.0, 110.0, 2)]
    platform.land("gym_logins_bz", "b.csv", [LOGINS, f"aa,5,{NOON - 600},{NOON + 1200}"])
    platform.update()
    assert platform.rows(GYMS, "minutes_in_gym, minutes_exercising") == [(30.0, 10.0)]


def test_an_earlier_start_moves_a_workout_out_of_the_visit(platform: Platform) -> None:
    land_a_workout(platform)
    platform.land("gym_logins_bz", "b.csv", [LOGINS, f"aa,5,{NOON - 600},{NOON + 3000}"])
    platform.update()
    assert len(platform.rows(GYMS)) == 1
    platform.land("kafka_multiplex_bz", "b.json", [action(1, 1, NOON - 601, "start")])
    platform.update()
    assert platform.rows(GYMS) == []
    assert platform.rows(SUMMARY, "num_recordings") == [(7,)]


def test_an_earlier_registration_gives_the_readings_of_another_device(platform: Platform) -> None:
    land_a_workout(platform)
    platform.land("kafka_multiplex_bz", "b.json", [reading(8, NOON + 60, 70.0)])
    platform.land("registered_users_bz", "b.csv", [REGISTERED, "1,8,bb,1678451167"])
    platform.update()
    assert platform.rows(BPM, "heartrate") == [(70.0,)]
    assert platform.rows(SUMMARY, "num_recordings") == [(1,)]


def test_a_deleted_profile_stays_deleted_when_an_older_event_comes_late(platform: Platform) -> None:
    land_a_workout(platform)
    platform.land("kafka_multiplex_bz", "b.json", [profile(1, NOON, "delete")])
    platform.update()
    assert platform.rows("silver_db.user_profile") == platform.rows("silver_db.user_bins") == []
    assert platform.rows(SUMMARY, "age, num_recordings") == [(None, 6)]
    platform.land("kafka_multiplex_bz", "c.json", [profile(1, NOON - 5, "update", gender="M")])
    done = platform.update()
    assert not done["silver_db.user_profile"].changed
    platform.land("kafka_multiplex_bz", "d.json", [profile(1, NOON + 5, "update", gender="NB")])
    platform.update()
    assert platform.rows(SUMMARY, "age, gender") == [("invalid age", "NB")]


def test_a_deleted_profile_stays_deleted_after_a_full_refresh(platform: Platform) -> None:
    platform.land("kafka_multiplex_bz", "a.json", [profile(1, NOON, "delete"), profile(2, NOON, "new")])
    platform.update()
    platform.update("silver_db.user_profile", full=True)
    platform.land("kafka_multiplex_bz", "b.json", [profile(1, NOON - 5, "update")])
    platform.update()
    assert platform.rows("silver_db.user_profile", "user_id") == [(2,)]


def test_repeated_records_are_counted_and_change_nothing(platform: Platform) -> None:
    land_a_workout(platform)
    platform.land("kafka_multiplex_bz", "again.json", [action(1, 1, NOON, "start"), reading(7, NOON + 300, 105.0)])
    done = platform.update()
    assert [name for name, result in done.items() if result.changed] == ["bronz_db.kafka_multiplex_bz"]
    assert done["silver_db.heart_rate"].accepted == {"bronz_db.kafka_multiplex_bz": 9}


def test_killed_between_each_commit_and_its_note(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    land_a_workout(platform)
    lines = [action(1, 1, NOON + 600, "stop"), reading(7, NOON + 333, 99.0), profile(1, NOON, "delete"), "not json"]
    platform.land("kafka_multiplex_bz", "b.json", lines)
    platform.update("bronz_db.kafka_multiplex_bz")
    for name in [name for name in all_tables() if not name.startswith("bronz_db")]:
        with monkeypatch.context() as killed:
            killed.setattr(ProgressStore, "write", lambda *_: (_ for _ in ()).throw(KeyError("killed")))
            with suppress(KeyError):
                platform.update(name)
        platform.update(name)
    assert platform.rows(SUMMARY, "age, num_recordings, min_bpm") == [(None, 3, 99.0)]
    assert platform.rows("silver_db.quarantine", "record, reason") == [("not json", "malformed")]


def test_ages_follow_the_as_of_date(platform: Platform, spark: SparkSession) -> None:
    land_a_workout(platform)
    later = Platform(platform.settings.base_dir, lambda: spark, as_of=platform.settings.as_of.replace(year=2036))
    done = later.update()
    assert done["silver_db.user_bins"].reason.startswith("the as-of date moved")
    assert later.rows(SUMMARY, "age") == [("45-55",)]
    assert not done["silver_db.users"].changed


def test_a_midnight_that_passes_during_an_update_is_noticed_by_the_next_one(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_a_workout(platform)
    today = platform.settings.as_of
    platform.land("kafka_multiplex_bz", "b.json", [profile(1, NOON, "update", dob="03/01/1991", gender="F")])
    platform.update("bronz_db.kafka_multiplex_bz", "silver_db.user_profile")
    days = iter([today])
    monkeypatch.setattr(Settings, "as_of", property(lambda self: next(days, today + timedelta(days=1))))
    platform.update("silver_db.user_bins")
    assert platform.rows("silver_db.user_bins", "age") == [("25-35",)]
    assert platform.update("silver_db.user_bins")["silver_db.user_bins"].mode == "full"
    assert platform.rows("silver_db.user_bins", "age") == [("35-45",)]


def test_what_others_did_to_a_table_is_put_right_by_itself(platform: Platform, spark: SparkSession) -> None:
    land_a_workout(platform)
    right = platform.rows(BPM)
    spark.sql(f"DELETE FROM {platform.lake.sql_name(get_table(BPM))} WHERE heartrate > 110").collect()
    done = platform.update(BPM)
    assert done[BPM].reason == "somebody changed it by hand (DELETE in version 2)"
    assert platform.rows(BPM) == right
    platform.land("kafka_multiplex_bz", "b.json", [action(1, 1, NOON + 600, "stop")])
    platform.update()
    spark.sql(f"RESTORE {platform.lake.sql_name(get_table('silver_db.workouts'))} TO VERSION AS OF 1").collect()
    platform.update()
    assert platform.rows("silver_db.workouts", "action, time")[-1][0] == "stop"
    assert platform.rows(SUMMARY, "num_recordings") == [(2,)]


def test_a_change_feed_whose_files_were_vacuumed_is_not_relied_on(platform: Platform) -> None:
    land_a_workout(platform)
    platform.land("kafka_multiplex_bz", "b.json", [action(1, 1, NOON + 600, "stop")])
    platform.update("bronz_db.kafka_multiplex_bz", "silver_db.workouts", "silver_db.completed_workouts")
    for file in (platform.path("silver_db.completed_workouts") / "_change_data").iterdir():
        file.unlink()
    done = platform.update()
    assert "no longer reaches back" in done[BPM].reason
    assert platform.rows(SUMMARY, "num_recordings") == [(2,)]
