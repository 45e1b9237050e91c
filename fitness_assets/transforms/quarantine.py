"""What a rule refuses."""

from pyspark.sql import DataFrame

from fitness_assets.contracts.registry import get_table
from fitness_assets.transforms.validation import validated


def rejected_records(bronze: DataFrame, source: str) -> DataFrame:
    """The records of one bronze table that a rule refuses, whole, as rows of `silver_db.quarantine`."""
    fields = [column.name for column in get_table(source).columns if column.name not in ("load_time", "source_file")]
    row = ", ".join(f"`{name}`" for name in fields)
    return (
        validated(bronze, source)
        .where("reason IS NOT NULL")
        .selectExpr(
            f"coalesce(raw, to_json(struct({row}))) AS record",
            "reason",
            f"'{source}' AS source_table",
            "source_file",
            "load_time",
        )
    )
