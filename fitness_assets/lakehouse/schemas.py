"""The columns of a table as Arrow has them."""

import pyarrow as pa

from fitness_assets.contracts.model import Column, Table

_ARROW = {
    "bigint": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
}


def arrow_schema(table: Table) -> pa.Schema:
    """The table's columns in Arrow, with descriptions as comments."""
    return pa.schema([_arrow_field(column) for column in table.all_columns])


def _arrow_field(column: Column) -> pa.Field:
    metadata = {"comment": column.description} | ({"pii": column.pii.value} if column.pii else {})
    return pa.field(column.name, _ARROW[column.type], column.nullable, metadata=metadata)
