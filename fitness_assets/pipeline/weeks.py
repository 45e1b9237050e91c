"""The calendar's weeks, computed once for each version of it: every batch of bronze looks its days up in them."""

from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.catalog import table as contract
from fitness_assets.contracts.landing import DATE_LOOKUP
from fitness_assets.lakehouse.staging import local_rows
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.transforms.landed import weeks_of_days


def weeks(lake: Lakehouse, spark: SparkSession) -> DataFrame:
    """`date` and `week_part` of each day of the calendar as it is now."""
    calendar = contract(DATE_LOOKUP.table)
    version = lake.ensure(calendar).version()
    return local_rows(
        spark, lake.remembered(("weeks", version), lambda: weeks_of_days(lake.read(spark, calendar)).toArrow())
    )
