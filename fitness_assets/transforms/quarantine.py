"""What a rule refuses."""

from pyspark.sql import DataFrame

from fitness_assets.contracts.feeds import KAFKA_RECORDS

_BROKER_RECORD = ("key", "value", "topic", "partition", "offset", "timestamp", "key_base64", "value_base64")


def rejected_records(bronze: DataFrame, source: str) -> DataFrame:
    """The records of one bronze table that a rule refuses, whole, as rows of `silver_db.quarantine`."""
    record = "raw"
    if source == KAFKA_RECORDS.table:
        fields = ", ".join(f"`{name}`" for name in _BROKER_RECORD)
        record = f"CASE WHEN file_load IS NULL THEN to_json(struct({fields})) ELSE raw END"
    return bronze.where("reason IS NOT NULL").selectExpr(
        f"{record} AS record",
        "reason",
        f"'{source}' AS source_table",
        "source_file",
        "load_time",
        "file_load",
        "line_number",
        "raw_encoding",
    )
