"""A stream of a table, appended as it is, and by AUTO CDC."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

session = spark  # type: ignore[name-defined]  # noqa: F821  # given by whoever loads it


@dp.table(name="silver_db.limits_copied")
def copied() -> DataFrame:
    return session.readStream.table("bronz_db.limits")


@dp.temporary_view(name="limits_records")
def records() -> DataFrame:
    return session.readStream.table("bronz_db.limits")


dp.create_streaming_table("silver_db.limits_latest")
dp.create_auto_cdc_flow(target="silver_db.limits_latest", source="limits_records", keys=["id"], sequence_by="at")
