"""Visits, and the workouts that began during them."""

from datetime import date

from pyspark.sql import SparkSession

from fitness_assets.transforms.visits import gym_summary, latest_logout
from fitness_assets_tests.rows import at, found, frame

LOGS = "mac_address string, gym bigint, login timestamp, logout timestamp"
USERS = "user_id bigint, mac_address string"
COMPLETED = "user_id bigint, workout_id int, session_id int, start_time timestamp, end_time timestamp"


def test_the_latest_logout_closes_a_visit(spark: SparkSession) -> None:
    logins = frame(
        spark,
        "visit int, logout timestamp",
        (1, None),
        (1, at("2026-01-01 11:00:00")),
        (1, at("2026-01-01 11:30:00")),
        (1, at("2026-01-01 11:15:00")),
        (2, None),
    )
    visits = logins.groupBy("visit").agg(latest_logout().aggregate().alias("best")).select("visit", "best.logout")
    assert found(visits) == [(1, at("2026-01-01 11:30:00")), (2, None)]


def test_a_workout_belongs_to_the_visit_in_which_it_began_borders_included(spark: SparkSession) -> None:
    login, logout = at("2026-01-01 23:00:00"), at("2026-01-02 00:15:00.3")
    starts = {1: login, 2: logout, 3: at("2026-01-01 22:59:59.999999"), 4: at("2026-01-02 00:15:00.300001")}
    rows = gym_summary(
        frame(
            spark, LOGS, ("aa", 5, login, logout), ("aa", 5, at("2026-01-01 10:00:00"), None), ("zz", 5, login, logout)
        ),
        frame(spark, USERS, (1, "aa"), (2, "aa"), (3, "bb")),
        frame(
            spark, COMPLETED, *[(1, 1, session, start, at("2026-01-02 01:00:00")) for session, start in starts.items()]
        ),
    )
    assert found(rows, "date", "gym", "mac_address", "session_id", "minutes_in_gym", "user_id", "login") == [
        (date(2026, 1, 1), 5, "aa", 1, 75.01, 1, login),
        (date(2026, 1, 1), 5, "aa", 2, 75.01, 1, login),
    ]


def test_no_visits_no_summary(spark: SparkSession) -> None:
    assert found(gym_summary(frame(spark, LOGS), frame(spark, USERS), frame(spark, COMPLETED))) == []
