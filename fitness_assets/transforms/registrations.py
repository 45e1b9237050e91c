"""Who is registered."""

from pyspark.sql import DataFrame

from fitness_assets.transforms.accepted import accepted
from fitness_assets.transforms.mac_addresses import normalized_mac
from fitness_assets.transforms.registry import merge_rule, parses
from fitness_assets.transforms.times import timestamp
from fitness_assets.transforms.winner import Winner, least


@parses("silver_db.users")
def users(registered_users_bz: DataFrame) -> DataFrame:
    return accepted(registered_users_bz).selectExpr(
        "user_id",
        "device_id",
        f"{normalized_mac('mac_address')} AS mac_address",
        f"{timestamp('registration_timestamp')} AS registration_timestamp",
    )


@merge_rule("silver_db.users")
def earliest_registration() -> Winner:
    return least("registration_timestamp", "device_id", "mac_address")
