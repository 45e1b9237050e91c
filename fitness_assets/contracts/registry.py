"""The contracts of all tables, found by themselves in the folders `bronze`, `silver` and `gold`, sources first."""

from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from fitness_assets.contracts import bronze, gold, silver
from fitness_assets.contracts.model import Layer, Table, UpdateStrategy
from fitness_assets.errors import ContractError


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
    for name, table in contracts.items():
        if table.retention and table.strategy is not UpdateStrategy.APPEND:
            raise ContractError(
                f"The contract of {name} has a retention, but its rows follow from its sources. Give it to the bronze "
                f"table that they come from."
            )
    try:
        return {name: contracts[name] for name in TopologicalSorter(graph).static_order()}
    except CycleError as error:
        raise ContractError(f"These contracts are each other's sources: {error.args[1]}.") from error


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
