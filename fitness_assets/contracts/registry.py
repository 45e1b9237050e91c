"""The contracts of all tables, found by themselves in the folders `bronze`, `silver` and `gold`, sources first."""

from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from fitness_assets.contracts import bronze, gold, silver
from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.contracts.model import Layer, Table, UpdateStrategy
from fitness_assets.errors import ContractError

_TIMES = ("timestamp", "double", "bigint")
"""The types of columns that may say how old a record is."""
_ARCHIVE_TYPES = ("timestamp", "date")
"""The types of columns that may say which rows of a computed table stay."""
PERSON_COLUMNS = frozenset({"user_id", "device_id", "mac_address"})
"""The columns of which each says whose a row is."""


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
        _check_archive(table)
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
        fields = {f"event_{field.name}" for field in TOPICS.get(retention.topic or "", ())}
        if retention.topic is not None and retention.column not in fields:
            raise ContractError(
                f"The contract of {table.full_name} keeps the records of the topic {retention.topic} by "
                f"{retention.column}, which none of them has. Name a time of theirs: event_ and the field's name."
            )


def _check_archive(table: Table) -> None:
    """
    Raises:
        ContractError: no rows of the table can stay as its contract says.
    """
    if table.archive_by is None:
        return
    if table.strategy is not UpdateStrategy.INCREMENTAL:
        raise ContractError(
            f"The contract of {table.full_name} says which of its rows stay (archive_by), and its strategy is "
            f"{table.strategy.value}. Rows of incremental tables stay alone: say it in a table that is made from this "
            f"one, or give the bronze table no retention."
        )
    types = {column.name: column.type for column in table.all_columns}
    if types.get(table.archive_by) not in _ARCHIVE_TYPES:
        raise ContractError(
            f"The contract of {table.full_name} says by {table.archive_by} which of its rows stay (archive_by). It "
            f"must be one of its columns, and a timestamp or a date."
        )
    if any(column.pii for column in table.all_columns) and not PERSON_COLUMNS & types.keys():
        raise ContractError(
            f"The contract of {table.full_name} lets rows stay (archive_by) that hold personal data, and none of its "
            f"columns {', '.join(sorted(PERSON_COLUMNS))} says whose: nobody could be forgotten there. Add one."
        )


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
