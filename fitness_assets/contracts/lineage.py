"""What tables are made from, and what is made from them."""

from collections.abc import Iterable

from fitness_assets.contracts.registry import all_tables


def upstream(table_name: str) -> set[str]:
    """All tables that a table is made from, directly or not."""
    direct = {source.table for source in all_tables()[table_name].sources}
    return direct.union(*(upstream(source) for source in direct))


def downstream(table_names: Iterable[str]) -> set[str]:
    """These tables and all that are made from them, directly or not."""
    names = set(table_names)
    for table in all_tables().values():
        if any(source.table in names for source in table.sources):
            names.add(table.full_name)
    return names
