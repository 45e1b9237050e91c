"""What a contract says of a dataset, whatever fills it: columns, comments, clustering, expectations."""

from typing import Any

from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from fitness_assets.contracts.model import Column, Layer, Table
from fitness_assets.databricks.lakeflow.api import Pipelines, Query

_TYPES: dict[str, DataType] = {
    "bigint": LongType(),
    "int": IntegerType(),
    "double": DoubleType(),
    "string": StringType(),
    "boolean": BooleanType(),
    "date": DateType(),
    "timestamp": TimestampType(),
}


def column_types(table: Table) -> StructType:
    """The columns of a table in Spark's types, each of which may be null."""
    return StructType([StructField(column.name, _TYPES[column.type]) for column in table.all_columns])


def dataset(table: Table) -> dict[str, Any]:
    """How the dataset of a table is declared."""
    return {
        "name": table.full_name,
        "comment": table.description,
        "schema": ", ".join(map(_declaration, table.all_columns)),
        "table_properties": {"quality": table.layer.name.lower()},
        "cluster_by": list(table.partition_by or table.cluster_by) or None,
    }


def expectations(table: Table) -> dict[str, str]:
    """The rules that the event log counts the violations of; they drop no row and end no update."""
    if table.layer is Layer.BRONZE:
        return {"accepted": "reason IS NULL"}
    rules = {}
    for column in table.all_columns:
        if not column.nullable:
            rules[f"{column.name}_is_there"] = f"`{column.name}` IS NOT NULL"
        if column.accepted_values:
            values = ", ".join(f"'{value}'" for value in column.accepted_values)
            rules[f"{column.name}_is_accepted"] = f"`{column.name}` IS NULL OR `{column.name}` IN ({values})"
    return rules


def define_view(pipelines: Pipelines, table: Table, query: Query) -> None:
    """Define a table as a materialized view of a query."""
    rules = expectations(table)
    pipelines.materialized_view(**dataset(table))(pipelines.expect_all(rules)(query) if rules else query)


def _declaration(column: Column) -> str:
    comment = column.description.replace("\\", "\\\\").replace("'", "\\'")
    # Without NOT NULL, which a query must then promise: that a value is there is an expectation.
    return f"`{column.name}` {column.type} COMMENT '{comment}'"
