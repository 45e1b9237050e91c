"""The columns of a table in the types of Arrow."""

import pyarrow as pa

from fitness_assets.contracts.model import Column, Table

_TYPES = {
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
    return pa.schema([arrow_field(column) for column in table.all_columns])


def arrow_field(column: Column) -> pa.Field:
    metadata = {"comment": column.description} | ({"pii": column.pii.value} if column.pii else {})
    return pa.field(column.name, _TYPES[column.type], column.nullable, metadata=metadata)


def with_all_columns(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of a schema in their order and types, without values where the rows do not have one."""
    columns = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
