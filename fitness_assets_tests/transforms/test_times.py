"""Times: microseconds, seconds and milliseconds, minutes half up, ages on birthdays."""

from datetime import date, datetime

import pytest
from pyspark.sql import SparkSession

from fitness_assets.transforms.times import age_bin, minutes_between, record_day, timestamp
from fitness_assets_tests.rows import at


def evaluated(spark: SparkSession, *expressions: str) -> list[object]:
    names = [f"v{number}" for number in range(len(expressions))]
    chosen = [f"{expression} AS {name}" for expression, name in zip(expressions, names, strict=True)]
    row = spark.range(1).selectExpr(*chosen).toArrow().to_pylist()[0]
    return [row[name] for name in names]


def test_event_times_keep_their_microseconds(spark: SparkSession) -> None:
    seconds = ("1678521901D", "1678521900.000001D", "1678521900.1234567D", "0.0000005D", "-0.25D")
    assert evaluated(spark, *[timestamp(second) for second in seconds]) == [
        at("2023-03-11 08:05:01"),
        at("2023-03-11 08:05:00.000001"),
        at("2023-03-11 08:05:00.123457"),
        at("1970-01-01 00:00:00.000001"),
        at("1969-12-31 23:59:59.75"),
    ]


def test_a_record_time_from_1e11_up_is_in_milliseconds(spark: SparkSession) -> None:
    times = ("1678521901", "1678521901000", "99999999999", "100000000000", "-1", "cast(NULL AS bigint)")
    days = evaluated(spark, *[record_day(f"cast({time} AS bigint)") for time in times])
    assert days == [
        date(2023, 3, 11),
        date(2023, 3, 11),
        date(5138, 11, 16),
        date(1973, 3, 3),
        date(1969, 12, 31),
        None,
    ]


def test_a_record_time_that_no_date_can_hold_has_no_day(spark: SparkSession) -> None:
    assert evaluated(spark, record_day("9223372036854775807L"), record_day("-9223372036854775807L")) == [None, None]


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [("0", 0.0), ("0.299999", 0.0), ("0.3", 0.01), ("0.9", 0.02), ("60.3", 1.01), ("5400", 90.0), ("4500.3", 75.01)],
)
def test_minutes_are_rounded_half_up(spark: SparkSession, seconds: str, minutes: float) -> None:
    start = "TIMESTAMP'2026-01-01 00:00:00Z'"
    end = f"({start} + make_dt_interval(0, 0, 0, {seconds}))"
    assert evaluated(spark, minutes_between(start, end)) == [minutes]


@pytest.mark.parametrize(
    ("born", "today", "age"),
    [
        ("2008-01-31", "2026-01-31", "18-25"),
        ("2008-02-01", "2026-01-31", "under 18"),
        ("2001-01-31", "2026-01-31", "25-35"),
        ("2001-02-01", "2026-01-31", "18-25"),
        ("1941-06-30", "2026-06-30", "85-95"),
        ("1941-07-01", "2026-06-30", "75-85"),
        ("1931-06-30", "2026-06-30", "95+"),
        ("1931-07-01", "2026-06-30", "85-95"),
        ("1900-01-01", "2026-06-30", "95+"),
        ("2008-02-29", "2026-02-28", "under 18"),
        ("2008-02-29", "2026-03-01", "18-25"),
        ("2000-02-29", "2024-02-29", "18-25"),
        ("1999-02-28", "2024-02-28", "25-35"),
        ("2026-01-31", "2026-01-31", "under 18"),
        ("2026-02-01", "2026-01-31", "invalid age"),
        (None, "2026-01-31", "invalid age"),
    ],
)
def test_the_lower_bound_belongs_to_the_age_bin(spark: SparkSession, born: str | None, today: str, age: str) -> None:
    birth = f"DATE'{born}'" if born else "cast(NULL AS date)"
    assert evaluated(spark, age_bin(birth, datetime.fromisoformat(today).date())) == [age]
