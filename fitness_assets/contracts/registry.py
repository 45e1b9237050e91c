"""The contracts of all tables, found by themselves in the folders `bronze`, `silver` and `gold`, sources first."""

from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from fitness_assets.contracts import bronze, gold, silver
from fitness_assets.contracts.model import Layer, Table, UpdateStrategy
from fitness_assets.errors import ContractError

_TIMES = ("timestamp", "double", "bigint")
"""The types of columns that may say how old a record is."""


@cache
def all_tables() -> dict[str, Table]:
    """Every table by its full name (`silver_db.users`), each after all its sources.

    Raises:
        ContractError: a source that no contract names, or sources that go in a circle.
    """
    contracts = {
        table.full_name: table
        for package in (bronze, silver, gold)
        for module in iter_modules(package.__path__)
        for table in [import_module(f"{package.__name__}.{module.name}").TABLE]
    }
    graph = {name: [source.table for source in table.sources] for name, table in contracts.items()}
    for name, sources in graph.items():
        for source in sources:
            if source not in contracts:
                raise ContractError(f"The contract of {name} names the source {source}, which has no contract.")
    for table in contracts.values():
        _check_retention(table)
    try:
        return {name: contracts[name] for name in TopologicalSorter(graph).static_order()}
    except CycleError as error:
        raise ContractError(f"These contracts are each other's sources: {error.args[1]}.") from error


def _check_retention(table: Table) -> None:
    """
    Raises:
        ContractError: a table cannot have the retention that its contract says.
    """
    if table.retention and table.strategy is not UpdateStrategy.APPEND:
        raise ContractError(
            f"The contract of {table.full_name} has a retention, but its rows follow from its sources. Give it to the "
            f"bronze table that they come from."
        )
    types = {column.name: column.type for column in table.all_columns}
    for retention in table.retention:
        if types.get(retention.column) not in _TIMES or retention.days <= 0:
            raise ContractError(
                f"The contract of {table.full_name} keeps its records for {retention.days} days by "
                f"{retention.column}. It must be more than 0 days, by a column that is a timestamp or epoch seconds."
            )
        if retention.topic is not None and "topic" not in types:
            raise ContractError(f"The retention of {table.full_name} is of a topic, and the table has none.")


def get_table(full_name: str) -> Table:
    """The contract of one table.

    Raises:
        ContractError: there is none of that name.
    """
    try:
        return all_tables()[full_name]
    except KeyError:
        raise ContractError(f"There is no table {full_name}; there are {', '.join(all_tables())}.") from None


def contract_file(table: Table) -> Path:
    """The file in which a contract is written."""
    package = {Layer.BRONZE: bronze, Layer.SILVER: silver, Layer.GOLD: gold}[table.layer]
    modules = (import_module(f"{package.__name__}.{module.name}") for module in iter_modules(package.__path__))
    return next(Path(module.__file__ or "") for module in modules if module.TABLE is table)


def tables_updated_by(*strategies: UpdateStrategy) -> list[Table]:
    return [table for table in all_tables().values() if table.strategy in strategies]


def quarantine_table() -> Table:
    """The table of the records that a rule refuses."""
    return tables_updated_by(UpdateStrategy.QUARANTINE)[0]


def tables_upserted_from(source: str) -> list[Table]:
    """The tables that the records of one bronze table are merged into."""
    return [table for table in tables_updated_by(UpdateStrategy.UPSERT) if table.sources[0].table == source]
