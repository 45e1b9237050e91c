"""The views that people read: each table of `READS` behind its masks and its row filter, and the views of groups.

Masks and filters stand in views rather than on the tables themselves: Databricks offers no history, no time travel
and no access by path on a table with a mask or a row filter, and the pipeline needs them for every table it makes.
"""

from fitness_assets.contracts.model import Column, Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.databricks.governance.masks import gym_filter, mask
from fitness_assets.databricks.governance.privileges import identifier
from fitness_assets.databricks.governance.roles import READS, gym_column, masked_columns, shared_name
from fitness_assets.databricks.governance.views import VIEWS, View
from fitness_assets.databricks.workspace import Workspace


def shared_views(workspace: Workspace) -> list[View]:
    """Every view of the shared schema."""
    names = dict.fromkeys(name for names in READS.values() for name in names)
    return [*(_guarded(workspace, get_table(name)) for name in names), *VIEWS]


def _guarded(workspace: Workspace, one: Table) -> View:
    masked = masked_columns(one)

    def shown(column: Column) -> str:
        name = identifier(column.name)
        if column not in masked or column.pii is None:
            return name
        return f"{mask(workspace, column.pii, column.type).on.sql}({name}) AS {name}"

    gym = gym_column(one)
    source = ".".join(identifier(part) for part in (workspace.catalog, one.layer.value, one.name))
    query = f"SELECT {', '.join(shown(column) for column in one.columns)}\nFROM {source}"
    if gym:
        query += f"\nWHERE {gym_filter(workspace).on.sql}({identifier(gym.name)})"
    readers = tuple(role for role, names in READS.items() if one.full_name in names)
    return View(shared_name(one), f"{one.description} Masked for its readers.", readers, (one.full_name,), query)
