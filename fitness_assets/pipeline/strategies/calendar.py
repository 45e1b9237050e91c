"""The calendar's weeks, computed once for each version of it: every batch of bronze looks its days up in them."""

from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.feeds import DATE_LOOKUP
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse.staging import local_rows
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.transforms.bronze import calendar_weeks


def weeks(lake: Lakehouse, spark: SparkSession) -> DataFrame:
    """`date` and `week_part` of each day of the calendar as it is now."""
    calendar = get_table(DATE_LOOKUP.table)
    version = lake.ensure(calendar).version()
    return local_rows(
        spark, lake.remembered(("weeks", version), lambda: calendar_weeks(lake.read(spark, calendar)).toArrow())
    )
