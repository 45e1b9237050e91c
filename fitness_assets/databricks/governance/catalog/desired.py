"""The catalog as it should be, from the contracts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fitness_assets.contracts.model import Layer, Pii, Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.databricks.changes import PRESENT, Aspect, Fact
from fitness_assets.databricks.governance.access.anonymized_views import SharedView
from fitness_assets.databricks.governance.access.masks import SqlFunction, gym_filter, mask_function
from fitness_assets.databricks.governance.access.roles import desired_grants, masked_columns
from fitness_assets.databricks.governance.access.shared_views import shared_views, view_query
from fitness_assets.databricks.governance.securables.keys import key_facts
from fitness_assets.databricks.governance.securables.privileges import Grant, Securable, SecurableType
from fitness_assets.databricks.governance.securables.sql_text import on_one_line
from fitness_assets.databricks.workspace import (
    CHECKPOINT_VOLUME,
    GOVERNANCE_SCHEMA,
    LANDING_VOLUME,
    MESSAGES_VOLUME,
    SHARED_SCHEMA,
    Workspace,
)

LAYER_COMMENTS = {
    Layer.BRONZE: "Bronze: every record that landed, exactly once, nothing dropped. Closed: it holds personal data.",
    Layer.SILVER: "Silver: keyed tables, functions of the set of bronze records. Closed: it holds personal data.",
    Layer.GOLD: "Gold: what people read.",
}
VOLUME_COMMENTS = {
    LANDING_VOLUME: "The landing zone: files as they arrive. They hold personal data.",
    CHECKPOINT_VOLUME: "Stream checkpoints and progress; the pipeline's own.",
    MESSAGES_VOLUME: "What runs report to Dagster while they go on, and the wheels that they run.",
}
TAGS = ("pii", "layer", "team")
"""The tags that are ours; others are left alone."""


@dataclass(frozen=True)
class DesiredCatalog:
    """What should be there.

    Attributes:
        schemas, volumes, tables, views, functions: what is ours, by the securable.
    """

    workspace: Workspace
    schemas: tuple[Securable, ...]
    volumes: tuple[Securable, ...]
    tables: Mapping[Securable, Table]
    views: Mapping[Securable, SharedView]
    functions: Mapping[Securable, SqlFunction]
    facts: Mapping[Fact, str]
    grants: tuple[Grant, ...]

    @property
    def catalog(self) -> Securable:
        return Securable(SecurableType.CATALOG, self.workspace.catalog)


def build_desired_catalog(workspace: Workspace, left_out: Collection[Aspect] = ()) -> DesiredCatalog:
    """Everything that governance says of one environment's catalog.

    Args:
        left_out: what the workspace does not take.

    Raises:
        GovernanceError: a declared privilege is none, or would go to everybody.
    """

    def securable(securable_type: SecurableType, name: str) -> Securable:
        return Securable(securable_type, f"{workspace.catalog}.{name}")

    schemas = {securable(SecurableType.SCHEMA, layer.value): comment for layer, comment in LAYER_COMMENTS.items()}
    schemas[securable(SecurableType.SCHEMA, GOVERNANCE_SCHEMA)] = (
        "The functions that column masks and row filters call."
    )
    schemas[securable(SecurableType.SCHEMA, SHARED_SCHEMA)] = "What people read of gold, behind masks and row filters."
    volumes = {securable(SecurableType.VOLUME, name): comment for name, comment in VOLUME_COMMENTS.items()}
    contracts = {securable(SecurableType.TABLE, table.full_name): table for table in all_tables().values()}
    views = {securable(SecurableType.TABLE, view.name): view for view in shared_views(workspace)}
    functions = {function.securable: function for function in _functions(workspace, list(contracts.values()))}
    catalog = Securable(SecurableType.CATALOG, workspace.catalog)
    comments = {catalog: f"The fitness platform, {workspace.environment}: wearables, gyms and workouts."}
    facts: dict[Fact, str] = {}
    for container, comment in {**comments, **schemas, **volumes}.items():
        facts[Fact(Aspect.EXISTS, str(container))] = PRESENT
        facts[Fact(Aspect.COMMENT, str(container))] = comment
    for function in functions.values():
        facts[Fact(Aspect.FUNCTION, str(function.securable))] = on_one_line(function.body)
    for table_securable, table in contracts.items():
        facts.update(_table_facts(table_securable, table))
        facts.update(key_facts(workspace.catalog, table))
    for view_securable, view in views.items():
        query = view_query(workspace, view)
        facts[Fact(Aspect.VIEW, str(view_securable))] = on_one_line(query)
        facts[Fact(Aspect.COMMENT, str(view_securable))] = view.description
        facts[Fact(Aspect.TAG, str(view_securable), ("layer",))] = SHARED_SCHEMA
    if workspace.predictive_optimization:
        facts[Fact(Aspect.PREDICTIVE_OPTIMIZATION, str(catalog))] = workspace.predictive_optimization.upper()
    grants = desired_grants(workspace)
    for grant in grants:
        facts[grant_fact(grant)] = PRESENT
    for owned in (*contracts, *views, *functions, *volumes, *schemas, catalog):
        facts[Fact(Aspect.OWNER, str(owned))] = workspace.owners
    return DesiredCatalog(
        workspace=workspace,
        schemas=tuple(schemas),
        volumes=tuple(volumes),
        tables=contracts,
        views=views,
        functions=functions,
        facts={fact: value for fact, value in facts.items() if fact.aspect not in left_out},
        grants=tuple(grants),
    )


def grant_fact(grant: Grant) -> Fact:
    return Fact(Aspect.GRANT, str(grant.securable), (grant.principal, grant.privilege))


def _table_facts(securable: Securable, table: Table) -> dict[Fact, str]:
    subject = str(securable)
    facts = {
        Fact(Aspect.COMMENT, subject): f"{table.description} One row is {table.grain}.",
        Fact(Aspect.TAG, subject, ("layer",)): table.layer.value,
        Fact(Aspect.TAG, subject, ("team",)): table.owner.removeprefix("team:"),
    }
    if table.cluster_by and not table.partition_by:
        # Delta has either; a table with partitions keeps them.
        facts[Fact(Aspect.CLUSTERING, subject)] = ", ".join(table.cluster_by)
    for column in table.all_columns:
        facts[Fact(Aspect.COMMENT, subject, (column.name,))] = column.description
        if column.pii:
            facts[Fact(Aspect.TAG, subject, (column.name, "pii"))] = column.pii.value
    return facts


def _functions(workspace: Workspace, contracts: list[Table]) -> list[SqlFunction]:
    """The filter, and one mask for each class and type that a masked column has."""
    needed: set[tuple[Pii, str]] = {
        (column.pii, column.type) for table in contracts for column in masked_columns(table) if column.pii
    }
    ordered = sorted(needed, key=lambda pii_and_type: (pii_and_type[0].value, pii_and_type[1]))
    return [*(mask_function(workspace, pii, column_type) for pii, column_type in ordered), gym_filter(workspace)]
