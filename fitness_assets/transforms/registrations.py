"""Who is registered."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from fitness_assets.transforms.registry import merge_rule, parses
from fitness_assets.transforms.times import timestamp
from fitness_assets.transforms.validation import registrations


@parses("silver_db.users")
def users(registered_users_bz: DataFrame) -> DataFrame:
    return registrations(registered_users_bz).selectExpr(
        "event.user_id",
        "event.device_id",
        "event.mac_address",
        f"{timestamp('event.registration_timestamp')} AS registration_timestamp",
    )


@merge_rule("silver_db.users")
def earliest_registration() -> Column:
    return F.expr("min(struct(registration_timestamp, device_id, mac_address))")
