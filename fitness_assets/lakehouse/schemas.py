"""The columns of a table in the types of Delta, how a changed contract changes them, and every table's properties."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from fitness_assets.contracts.model import Column, Table
from fitness_assets.errors import SchemaMismatchError
from fitness_assets.lakehouse.transaction_log import TransactionLog

log = logging.getLogger("fitness_assets")

TABLE_PROPERTIES = {
    "delta.enableChangeDataFeed": "true",
    "delta.enableDeletionVectors": "false",
    "delta.checkpointInterval": "20",
}
"""Deletion vectors stay off: with them some Delta readers refuse a table. A checkpoint costs as much as a
small commit, and a hundred small commit files are read in milliseconds."""

_DELTA_TYPES = {"bigint": "long", "int": "integer"}
_WIDER = {("integer", "long"), ("integer", "double")}
"""From which type to which every value goes as it is."""


@dataclass(frozen=True)
class SchemaChange:
    """How the columns of a table become those of its contract.

    Attributes:
        names: of each contracted column that the table has, the name that it has there.
        added: columns that the table lacks.
        dropped: columns that the contract does not have.
        widened: columns of a wider type in the contract, with their type there.
        is_repartitioned: whether the table has other partitions than the contract.
    """

    names: Mapping[str, str]
    added: tuple[Column, ...]
    dropped: tuple[str, ...]
    widened: Mapping[str, str]
    is_repartitioned: bool

    @property
    def is_needed(self) -> bool:
        return bool(self.added or self.dropped or self.widened or self.renamed or self.is_repartitioned)

    @property
    def only_adds(self) -> bool:
        return not (self.dropped or self.widened or self.renamed or self.is_repartitioned)

    @property
    def renamed(self) -> dict[str, str]:
        """The columns of another name there, with that name."""
        return {name: before for name, before in self.names.items() if name != before}

    def __str__(self) -> str:
        told = [f"added {', '.join(column.name for column in self.added)}"] if self.added else []
        told += [f"renamed {before} to {name}" for name, before in self.renamed.items()]
        told += [f"widened {name}, which was {before}" for name, before in self.widened.items()]
        told += [f"dropped {', '.join(self.dropped)}"] if self.dropped else []
        told += ["partitions changed"] if self.is_repartitioned else []
        return "; ".join(told)


def delta_columns(table: Table) -> dict[str, str]:
    """The table's columns with their types as Delta's log spells them."""
    return {column.name: _delta_type(column) for column in table.all_columns}


def schema_change(table: Table, history: TransactionLog, address: str) -> SchemaChange:
    """Hold the columns of a table against its contract.

    Raises:
        SchemaMismatchError: they cannot become the same by themselves.
    """
    actual = history.columns()
    names = _names(table, actual)
    widened: dict[str, str] = {}
    refused: list[str] = []
    for column in table.all_columns:
        now, wanted = actual.get(names.get(column.name, "")), _delta_type(column)
        if now is None and not column.nullable:
            refused.append(f"{column.name} is new and required, and the rows that are there have no value for it")
        elif now is not None and (now, wanted) in _WIDER:
            widened[column.name] = now
        elif now not in (None, wanted):
            refused.append(f"{names[column.name]} is {now} there and {wanted} in the contract, which is not wider")
    dropped = tuple(name for name in actual if name not in names.values())
    if len(dropped) > len(names):
        refused = [f"it has the columns {', '.join(actual)}, which are those of another table"]
    if refused:
        raise SchemaMismatchError(
            f"{table.full_name} in {address} cannot become what its contract says: {'; '.join(refused)}. Change the "
            f"contract, or build the table anew: take a backup (fitness-assets backup), then fitness-assets clean "
            f"--table {table.full_name}, which says what exists nowhere else, and fitness-assets run."
        )
    return SchemaChange(
        names=names,
        added=tuple(column for column in table.all_columns if column.name not in names),
        dropped=dropped,
        widened=widened,
        is_repartitioned=history.partition_columns() != table.partition_by,
    )


def tell_change(table: Table, change: SchemaChange) -> None:
    """Say in the log what a contract changes in a table that is there."""
    log.warning("The contract of %s changed, and its table with it: %s.", table.full_name, change)


def _delta_type(column: Column) -> str:
    return _DELTA_TYPES.get(column.type, column.type)


def _names(table: Table, actual: Mapping[str, str]) -> dict[str, str]:
    """Of each contracted column that the table has, the name that it has there."""
    names: dict[str, str] = {}
    for column in table.all_columns:
        found = next((name for name in (column.name, *column.former_names) if name in actual), None)
        if found is not None:
            names[column.name] = found
    return names
