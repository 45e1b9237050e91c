"""Whether the workspace itself looks after a table's files."""

from pyspark.sql import SparkSession

from fitness_assets.settings import Settings

_FIELD = "Predictive Optimization"


def is_optimized(spark: SparkSession, settings: Settings, sql_name: str) -> bool:
    """Whether predictive optimization is on for a table, set on it or inherited from what holds it.

    It looks after managed tables alone, whatever an external one inherits.
    """
    if settings.tables_location:
        return False
    return is_enabled(
        [(row["col_name"], row["data_type"]) for row in spark.sql(f"DESCRIBE TABLE EXTENDED {sql_name}").collect()]
    )


def is_enabled(description: list[tuple[str, str]]) -> bool:
    """Whether a description says so, as in `ENABLE (inherited from METASTORE main)`; open-source Spark says nothing."""
    return any(name == _FIELD and value.upper().startswith("ENABLE") for name, value in description)
