"""The columns of a table in the types of Delta, and the properties that every table has."""

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

_DELTA_TYPES = {"bigint": "long", "int": "integer"}


def delta_columns(table: Table) -> dict[str, str]:
    """The table's columns with their types as Delta's log spells them."""
    return {column.name: _DELTA_TYPES.get(column.type, column.type) for column in table.all_columns}


def missing_columns(table: Table, log: TransactionLog) -> list[Column]:
    """The columns that the contract has gained since the table was made, which can be added as they are."""
    actual = log.columns()
    return [column for column in table.all_columns if column.name not in actual and column.nullable]


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
