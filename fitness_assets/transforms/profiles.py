"""Who a person is, and what analysts may know of it."""

from datetime import date

from pyspark.sql import DataFrame

from fitness_assets.transforms.accepted import events
from fitness_assets.transforms.registry import merge_rule, parses, transform
from fitness_assets.transforms.times import age_bin
from fitness_assets.transforms.winner import Winner, greatest

_AS_THEY_ARE = ("sex", "gender", "first_name", "last_name", "street_address", "city", "state")


@parses("silver_db.user_profile")
def user_profile(kafka_multiplex_bz: DataFrame) -> DataFrame:
    return events(kafka_multiplex_bz, "user_info").selectExpr(
        "event_user_id AS user_id",
        "event_dob AS dob",
        *[f"event_{name} AS {name}" for name in _AS_THEY_ARE],
        "event_zip AS zip",
        "event_timestamp AS updated",
        "event_update_type AS update_type",
        "value AS event",
    )


@merge_rule("silver_db.user_profile")
def latest_event() -> Winner:
    return greatest("updated", "event", "dob", *_AS_THEY_ARE, "zip", "update_type")


@transform("silver_db.user_bins")
def user_bins(users: DataFrame, user_profile: DataFrame, as_of: date) -> DataFrame:
    described = user_profile.selectExpr("user_id", f"{age_bin('dob', as_of)} AS age", "gender", "city", "state")
    return users.select("user_id").join(described, "user_id")
