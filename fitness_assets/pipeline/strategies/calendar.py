"""The calendar's weeks, computed once for each version of it: every batch of bronze looks its days up in them."""

from pyspark.sql import DataFrame

from fitness_assets.contracts.feeds import DATE_LOOKUP
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import Lakehouse, RowSet
from fitness_assets.transforms.bronze import calendar_weeks


def calendar_weeks_of(lake: Lakehouse) -> DataFrame:
    """`date` and `week_part` of each day of the calendar as it is now."""
    calendar = get_table(DATE_LOOKUP.table)
    version = lake.ensure(calendar).version()
    weeks = lake.cached(("weeks", version), lambda: calendar_weeks(lake.read(calendar).df).toArrow())
    return RowSet.in_process(lake.spark, weeks).df
