"""The views that people read: each of `READABLE_TABLES` behind its masks and its row filter, the anonymized ones, and
those of the AI/BI dashboard.

Masks and filters stand in views rather than on the tables themselves: Databricks offers no history, no time travel
and no access by path on a table with a mask or a row filter, and the pipeline needs them for every table it makes.
"""

from fitness_assets.contracts.model import Column, Pii, Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.databricks.governance.access.anonymized_views import ANONYMIZED_VIEWS, SharedView
from fitness_assets.databricks.governance.access.dashboard_views import DASHBOARD_VIEWS
from fitness_assets.databricks.governance.access.masks import gym_filter, mask_function
from fitness_assets.databricks.governance.access.roles import (
    READABLE_TABLES,
    gym_column,
    masked_columns,
    shared_view_name,
)
from fitness_assets.databricks.governance.securables.quoting import quote_name
from fitness_assets.databricks.workspace import Workspace


def shared_views(workspace: Workspace) -> list[SharedView]:
    """Every view of the shared schema."""
    table_names = dict.fromkeys(name for names in READABLE_TABLES.values() for name in names)
    masked_views = (_masked_view(workspace, get_table(name)) for name in table_names)
    return [*masked_views, *ANONYMIZED_VIEWS, *DASHBOARD_VIEWS]


def view_query(workspace: Workspace, view: SharedView) -> str:
    """The SQL of a view, with the functions that it calls."""
    mask = mask_function(workspace, Pii.HEALTH, "double")
    return view.sql(workspace, gym_filter(workspace).securable.sql, mask.securable.sql)


def _masked_view(workspace: Workspace, table: Table) -> SharedView:
    masked = masked_columns(table)

    def expression(column: Column) -> str:
        name = quote_name(column.name)
        if column not in masked or column.pii is None:
            return name
        return f"{mask_function(workspace, column.pii, column.type).securable.sql}({name}) AS {name}"

    gym = gym_column(table)
    source = ".".join(quote_name(part) for part in (workspace.catalog, table.layer.value, table.name))
    query = f"SELECT {', '.join(expression(column) for column in table.columns)}\nFROM {source}"
    if gym:
        query += f"\nWHERE {gym_filter(workspace).securable.sql}({quote_name(gym.name)})"
    return SharedView(
        name=shared_view_name(table),
        description=f"{table.description} Masked for its readers.",
        readers=tuple(role for role, table_names in READABLE_TABLES.items() if table.full_name in table_names),
        sources=(table.full_name,),
        query=query,
    )
