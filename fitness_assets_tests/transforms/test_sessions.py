"""Workouts, heart rates, and the heart rate during workouts."""

import itertools
import random

from pyspark.sql import DataFrame, SparkSession

from fitness_assets.transforms.workouts import completed_workouts, greater_reading, workout_bpm, workout_bpm_summary
from fitness_assets_tests.rows import at, found, frame

WORKOUTS = "user_id bigint, workout_id int, time timestamp, action string, session_id int"
COMPLETED = "user_id bigint, workout_id int, session_id int, start_time timestamp, end_time timestamp"
READINGS = "device_id bigint, time timestamp, heartrate double, valid boolean"


def actions(spark: SparkSession, *actions: tuple[str, str]) -> DataFrame:
    return frame(spark, WORKOUTS, *[(1, 1, at(f"2026-01-01 {time}"), action, 1) for action, time in actions])


def completed(spark: SparkSession, *given: tuple[str, str]) -> list[tuple[str, str]]:
    rows = found(completed_workouts(actions(spark, *given)), "start_time", "end_time")
    return [
        (f"{start:%H:%M:%S.%f}".rstrip("0").rstrip("."), f"{end:%H:%M:%S.%f}".rstrip("0").rstrip("."))
        for start, end in rows
    ]


def test_the_earliest_start_with_its_earliest_stop(spark: SparkSession) -> None:
    given = [("stop", "11:00:00"), ("start", "10:00:00"), ("start", "09:55:00"), ("stop", "10:30:00")]
    for order in itertools.permutations(given):
        assert completed(spark, *order) == [("09:55:00", "10:30:00")]


def test_a_stop_three_hours_later_is_too_late(spark: SparkSession) -> None:
    assert completed(spark, ("start", "10:00:00"), ("stop", "13:00:00")) == []
    assert completed(spark, ("start", "10:00:00"), ("stop", "12:59:59.999999")) == [("10:00:00", "12:59:59.999999")]


def test_a_start_without_a_stop_in_time_gives_way_to_a_later_one(spark: SparkSession) -> None:
    given = [("start", "06:00:00"), ("start", "10:00:00"), ("stop", "10:20:00")]
    assert completed(spark, *given) == [("10:00:00", "10:20:00")]


def test_a_stop_at_the_very_start_does_not_count(spark: SparkSession) -> None:
    assert completed(spark, ("start", "10:00:00"), ("stop", "10:00:00")) == []
    assert completed(spark, ("stop", "09:00:00"), ("start", "10:00:00")) == []
    assert completed(spark) == []


def test_of_two_readings_at_one_instant_the_greater(spark: SparkSession) -> None:
    noon = at("2026-01-01 12:00:00")
    readings = frame(spark, READINGS, (1, noon, 60.5, True), (1, noon, -1.0, False), (2, noon, -1.0, False))
    best = readings.groupBy("device_id", "time").agg(greater_reading().aggregate().alias("best"))
    best = best.select("device_id", "best.*")
    assert found(best) == [(1, 60.5, True), (2, -1.0, False)]


def test_readings_after_the_start_up_to_and_at_the_end(spark: SparkSession) -> None:
    start, end = at("2026-01-01 10:00:00"), at("2026-01-01 10:30:00")
    times = ("09:59:59", "10:00:00", "10:00:00.000001", "10:15:00", "10:30:00", "10:30:00.000001")
    readings = [(7, at(f"2026-01-01 {time}"), 90.0, True) for time in times]
    readings += [(7, at("2026-01-01 10:20:00"), -1.0, False), (8, at("2026-01-01 10:20:00"), 90.0, True)]
    rows = workout_bpm(
        frame(spark, COMPLETED, (1, 1, 1, start, end), (2, 1, 1, start, end)),
        frame(spark, "user_id bigint, device_id bigint", (1, 7)),
        frame(spark, READINGS, *readings),
    )
    assert [f"{time:%H:%M:%S.%f}" for (time,) in found(rows, "time")] == [
        "10:00:00.000001",
        "10:15:00.000000",
        "10:30:00.000000",
    ]


def test_the_mean_is_the_same_to_the_last_bit_in_any_order(spark: SparkSession) -> None:
    rates = [60 + number * 0.1 + 1 / 3 for number in range(500)]
    bins = frame(spark, "user_id bigint, age string, gender string, city string, state string")
    means = set()
    for seed in range(3):
        random.Random(seed).shuffle(rates)
        bpm = frame(
            spark, "user_id bigint, workout_id int, session_id int, heartrate double", *[(1, 1, 1, r) for r in rates]
        )
        row = found(
            workout_bpm_summary(bpm.repartition(2), bins), "min_bpm", "avg_bpm", "max_bpm", "num_recordings", "age"
        )
        means.add(row[0])
    assert len(means) == 1
    low, mean, high, count, age = means.pop()
    assert (low, high, count, age) == (min(rates), max(rates), 500, None)
    assert abs(mean - sum(sorted(rates)) / 500) < 1e-9


def test_a_heart_rate_too_large_to_count_in_units_still_has_a_mean(spark: SparkSession) -> None:
    bins = frame(spark, "user_id bigint, age string, gender string, city string, state string")
    bpm = frame(
        spark, "user_id bigint, workout_id int, session_id int, heartrate double", (1, 1, 1, 1e300), (1, 1, 1, 1e300)
    )
    assert found(workout_bpm_summary(bpm, bins), "avg_bpm") == [(1e300,)]
