"""Tables of a catalog as they are made."""

from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

from fitness_assets.contracts.model import Column, Table
from fitness_assets.errors import EngineError
from fitness_assets.lakehouse.schemas import TABLE_PROPERTIES
from fitness_assets.lakehouse.sql.dialect import SPARK
from fitness_assets.settings import Settings


def create_table(spark: SparkSession, settings: Settings, table: Table, sql_name: str) -> None:
    """Make a table without rows, and its schema, unless they are there.

    Raises:
        EngineError: they may not be made.
    """
    schema, catalog = table.layer.value, SPARK.name(str(settings.catalog))
    columns = ", ".join(column_definition(column) for column in table.all_columns)
    partitions = f" PARTITIONED BY ({', '.join(table.partition_by)})" if table.partition_by else ""
    root = settings.tables_location
    location = f" LOCATION {SPARK.literal(f'{root}/{schema}/{table.name}')}" if root else ""
    properties = ", ".join(
        f"{SPARK.literal(name)} = {SPARK.literal(value)}" for name, value in TABLE_PROPERTIES.items()
    )
    try:
        # Whoever updates may make tables, and need not be allowed to make a schema that is there.
        if spark.sql(f"SHOW SCHEMAS IN {catalog} LIKE {SPARK.literal(schema)}").isEmpty():
            spark.sql(f"CREATE SCHEMA IF NOT EXISTS {catalog}.{SPARK.name(schema)}").collect()
        spark.sql(
            f"CREATE TABLE IF NOT EXISTS {sql_name} ({columns}) USING DELTA{partitions}{location} "
            f"COMMENT {SPARK.literal(table.description)} TBLPROPERTIES ({properties})"
        ).collect()
    except AnalysisException as error:
        raise EngineError(
            f"{settings.catalog}.{table.full_name} could not be made: {str(error).splitlines()[0]} Make the "
            f"catalog and its schemas first (the bundle does, or fitness-assets governance apply), and let the service "
            f"principal make tables there."
        ) from error


def column_definition(column: Column) -> str:
    """A column as it stands in `CREATE TABLE`."""
    required = "" if column.nullable else " NOT NULL"
    return f"{SPARK.name(column.name)} {column.type}{required} COMMENT {SPARK.literal(column.description)}"
