"""The columns of a table, in the types of Arrow and of Delta, and the properties that every table has."""

import pyarrow as pa

from fitness_assets.contracts.model import Column, Table
from fitness_assets.errors import SchemaMismatchError
from fitness_assets.lakehouse.transaction_log import TransactionLog

TABLE_PROPERTIES = {
    "delta.enableChangeDataFeed": "true",
    "delta.enableDeletionVectors": "false",
    "delta.checkpointInterval": "20",
}
"""Deletion vectors stay off: with them some Delta readers refuse a table. A checkpoint costs as much as a
small commit, and a hundred small commit files are read in milliseconds."""

_ARROW_TYPES = {
    "bigint": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
}
_DELTA_TYPES = {"bigint": "long", "int": "integer"}


def arrow_schema(table: Table) -> pa.Schema:
    """The table's columns in Arrow, with descriptions as comments."""
    return pa.schema([_arrow_field(column) for column in table.all_columns])


def delta_columns(table: Table) -> dict[str, str]:
    """The table's columns with their types as Delta's log spells them."""
    return {column.name: _DELTA_TYPES.get(column.type, column.type) for column in table.all_columns}


def check_columns(table: Table, log: TransactionLog, address: str) -> None:
    """Hold the columns of a table against its contract.

    Raises:
        SchemaMismatchError: they are others.
    """
    actual, contracted = log.columns(), delta_columns(table)
    if actual != contracted:
        raise SchemaMismatchError(
            f"{table.full_name} in {address} has the columns {actual}, its contract has {contracted}. "
            f"Remove it and its checkpoint (fitness-assets clean --table {table.full_name}) to build it anew."
        )


def _arrow_field(column: Column) -> pa.Field:
    metadata = {"comment": column.description} | ({"pii": column.pii.value} if column.pii else {})
    return pa.field(column.name, _ARROW_TYPES[column.type], column.nullable, metadata=metadata)
