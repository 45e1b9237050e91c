"""What a rule refuses."""

from pyspark.sql import DataFrame

from fitness_assets.contracts.catalog import table
from fitness_assets.transforms.rules import checked


def refused(bronze: DataFrame, source: str) -> DataFrame:
    """The refused records of one bronze table, whole, as rows of `silver_db.quarantine`."""
    fields = [column.name for column in table(source).columns if column.name not in ("load_time", "source_file")]
    row = ", ".join(f"`{name}`" for name in fields)
    return (
        checked(bronze, source)
        .where("reason IS NOT NULL")
        .selectExpr(
            f"coalesce(raw, to_json(struct({row}))) AS record",
            "reason",
            f"'{source}' AS source_table",
            "source_file",
            "load_time",
        )
    )
