"""Who is registered."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from fitness_assets.transforms.registry import accepts, combines
from fitness_assets.transforms.rules import registrations
from fitness_assets.transforms.times import timestamp


@accepts("silver_db.users")
def users(registered_users_bz: DataFrame) -> DataFrame:
    return registrations(registered_users_bz).selectExpr(
        "event.user_id",
        "event.device_id",
        "event.mac_address",
        f"{timestamp('event.registration_timestamp')} AS registration_timestamp",
    )


@combines("silver_db.users")
def earliest_registration() -> Column:
    return F.expr("min(struct(registration_timestamp, device_id, mac_address))")
