"""Visits to the gyms."""

from pyspark.sql import DataFrame

from fitness_assets.transforms.accepted import accepted
from fitness_assets.transforms.mac_addresses import normalized_mac
from fitness_assets.transforms.registry import merge_rule, parses, transform
from fitness_assets.transforms.times import minutes_between, timestamp
from fitness_assets.transforms.winner import Winner, greatest


@parses("silver_db.gym_logs")
def gym_logs(gym_logins_bz: DataFrame) -> DataFrame:
    return accepted(gym_logins_bz).selectExpr(
        f"{normalized_mac('mac_address')} AS mac_address",
        "gym",
        f"{timestamp('login')} AS login",
        f"{timestamp('logout')} AS logout",
    )


@merge_rule("silver_db.gym_logs")
def latest_logout() -> Winner:
    return greatest("logout")


@transform("gold_db.gym_summary")
def gym_summary(gym_logs: DataFrame, users: DataFrame, completed_workouts: DataFrame) -> DataFrame:
    return (
        gym_logs.where("logout IS NOT NULL")
        .join(users.select("user_id", "mac_address"), "mac_address")
        .join(completed_workouts, "user_id")
        .where("start_time BETWEEN login AND logout")
        .selectExpr(
            "cast(login AS date) AS date",
            "gym",
            "mac_address",
            "workout_id",
            "session_id",
            f"{minutes_between('login', 'logout')} AS minutes_in_gym",
            f"{minutes_between('start_time', 'end_time')} AS minutes_exercising",
            "user_id",
            "login",
        )
    )
