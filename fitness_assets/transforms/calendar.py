"""The week of a day."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from fitness_assets.transforms.accepted import accepted

WEEK_OF_DAY = "max(week_part)"
"""The week among the records of one day, in SQL: where the calendar has a day twice, the greater week counts."""


def with_week_part(records: DataFrame, date_lookup: DataFrame) -> DataFrame:
    """Records with a `date`, and the week of it; null where the calendar does not have the day."""
    weeks = accepted(date_lookup).groupBy("date").agg(F.expr(WEEK_OF_DAY).alias("week_part"))
    return records.drop("week_part").join(weeks, "date", "left")
