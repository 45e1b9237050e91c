"""Workouts and the heart rate during them."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from fitness_assets.transforms.accepted import events
from fitness_assets.transforms.aggregates import exact_mean
from fitness_assets.transforms.registry import merge_rule, parses, transform
from fitness_assets.transforms.winner import Winner, greatest

_SESSION = ("user_id", "workout_id", "session_id")


@parses("silver_db.workouts")
def workouts(kafka_multiplex_bz: DataFrame) -> DataFrame:
    return events(kafka_multiplex_bz, "workout").selectExpr(
        "event_user_id AS user_id",
        "event_workout_id AS workout_id",
        "event_timestamp AS time",
        "event_action AS action",
        "event_session_id AS session_id",
    )


@merge_rule("silver_db.workouts")
def distinct() -> Winner:
    return greatest()


@transform("silver_db.completed_workouts")
def completed_workouts(workouts: DataFrame) -> DataFrame:
    """The earliest start with a stop after it and less than 3 h later, with its earliest such stop."""
    starts = workouts.where("action = 'start'").selectExpr(*_SESSION, "time AS start_time")
    stops = workouts.where("action = 'stop'").selectExpr(*_SESSION, "time AS end_time")
    return (
        starts.join(stops, list(_SESSION))
        .where("end_time > start_time AND end_time < start_time + INTERVAL 3 HOURS")
        .groupBy(*_SESSION)
        .agg(F.expr("min(struct(start_time, end_time)) AS pair"))
        .select(*_SESSION, "pair.start_time", "pair.end_time")
    )


@parses("silver_db.heart_rate")
def heart_rate(kafka_multiplex_bz: DataFrame) -> DataFrame:
    return events(kafka_multiplex_bz, "bpm").selectExpr(
        "event_device_id AS device_id",
        "event_time AS time",
        "event_heartrate AS heartrate",
        "event_heartrate > 0 AS valid",
    )


@merge_rule("silver_db.heart_rate")
def greater_reading() -> Winner:
    return greatest("heartrate", "valid")


@transform("silver_db.workout_bpm")
def workout_bpm(completed_workouts: DataFrame, users: DataFrame, heart_rate: DataFrame) -> DataFrame:
    sessions = completed_workouts.join(users.select("user_id", "device_id"), "user_id")
    hours = f"explode(sequence({_hour('start_time')}, {_hour('end_time')})) AS hour"
    readings = heart_rate.where("valid").selectExpr("device_id", "time", "heartrate", f"{_hour('time')} AS hour")
    return (
        # By the hour, or each reading would meet every workout of the person.
        sessions.selectExpr("*", hours)
        .join(readings, ["device_id", "hour"])
        .where("time > start_time AND time <= end_time")
        .select(*_SESSION, "device_id", "start_time", "end_time", "time", "heartrate")
    )


def _hour(time: str) -> str:
    return f"unix_seconds({time}) div 3600"


@transform("gold_db.workout_bpm_summary")
def workout_bpm_summary(workout_bpm: DataFrame, user_bins: DataFrame) -> DataFrame:
    numbers = (
        "min(heartrate) AS min_bpm",
        f"{exact_mean('heartrate')} AS avg_bpm",
        "max(heartrate) AS max_bpm",
        "count(*) AS num_recordings",
    )
    sessions = workout_bpm.groupBy(*_SESSION).agg(*[F.expr(number) for number in numbers])
    return sessions.join(user_bins.select("user_id", "age", "gender", "city", "state"), "user_id", "left")
