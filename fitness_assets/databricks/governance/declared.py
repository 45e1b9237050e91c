"""The catalog as it should be, from the contracts."""

from collections.abc import Mapping
from dataclasses import dataclass

from fitness_assets.contracts.model import Layer, Pii, Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.databricks.governance.masks import Function, gym_filter, mask
from fitness_assets.databricks.governance.privileges import Grant, Kind, Securable
from fitness_assets.databricks.governance.roles import grants, masked_columns
from fitness_assets.databricks.governance.shared import shared_views
from fitness_assets.databricks.governance.views import View
from fitness_assets.databricks.state import Aspect, Fact
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
TAGS = ("pii", "layer", "team")
"""The tags that are ours; others are left alone."""


@dataclass(frozen=True)
class Declared:
    """What should be there.

    Attributes:
        schemas, volumes, tables, views, functions: what is ours, by the securable.
    """

    workspace: Workspace
    schemas: tuple[Securable, ...]
    volumes: tuple[Securable, ...]
    tables: Mapping[Securable, Table]
    views: Mapping[Securable, View]
    functions: Mapping[Securable, Function]
    facts: Mapping[Fact, str]
    grants: tuple[Grant, ...]

    @property
    def catalog(self) -> Securable:
        return Securable(Kind.CATALOG, self.workspace.catalog)

    @property
    def securables(self) -> list[Securable]:
        """All that is ours, what holds others first."""
        return [self.catalog, *self.schemas, *self.volumes, *self.functions, *self.tables, *self.views]


def declare(workspace: Workspace) -> Declared:
    """Everything that governance says of one environment's catalog.

    Raises:
        GovernanceError: a declared privilege is none, or would go to everybody.
    """

    def named(kind: Kind, name: str) -> Securable:
        return Securable(kind, f"{workspace.catalog}.{name}")

    schemas = {named(Kind.SCHEMA, layer.value): comment for layer, comment in LAYER_COMMENTS.items()}
    schemas[named(Kind.SCHEMA, GOVERNANCE_SCHEMA)] = "The functions that column masks and row filters call."
    schemas[named(Kind.SCHEMA, SHARED_SCHEMA)] = "What people read of gold, behind masks and row filters."
    volumes = {
        named(Kind.VOLUME, LANDING_VOLUME): "The landing zone: files as they arrive. They hold personal data.",
        named(Kind.VOLUME, CHECKPOINT_VOLUME): "Stream checkpoints and progress; the pipeline's own.",
        named(Kind.VOLUME, MESSAGES_VOLUME): (
            "What runs report to Dagster while they go on, and the wheels that they run."
        ),
    }
    ours = {named(Kind.TABLE, table.full_name): table for table in all_tables().values()}
    views = {named(Kind.TABLE, view.name): view for view in shared_views(workspace)}
    functions = {function.on: function for function in _functions(workspace, list(ours.values()))}
    facts: dict[Fact, str] = {}
    catalog = Securable(Kind.CATALOG, workspace.catalog)
    facts[Fact(Aspect.EXISTS, str(catalog))] = "yes"
    words = f"The fitness platform, {workspace.environment}: wearables, gyms and workouts."
    facts[Fact(Aspect.COMMENT, str(catalog))] = words
    for on, comment in {**schemas, **volumes}.items():
        facts[Fact(Aspect.EXISTS, str(on))] = "yes"
        facts[Fact(Aspect.COMMENT, str(on))] = comment
    for function in functions.values():
        facts[Fact(Aspect.FUNCTION, str(function.on))] = normal(function.body)
    for on, table in ours.items():
        facts.update(_of_table(on, table))
    for on, view in views.items():
        facts[Fact(Aspect.VIEW, str(on))] = normal(view.sql(workspace, gym_filter(workspace).on.sql))
        facts[Fact(Aspect.TAG, str(on), ("layer",))] = SHARED_SCHEMA
    wanted = grants(workspace)
    for grant in wanted:
        facts[grant_fact(grant)] = "yes"
    for on in (*ours, *views, *functions, *volumes, *schemas, catalog):
        facts[Fact(Aspect.OWNER, str(on))] = workspace.owners
    return Declared(workspace, tuple(schemas), tuple(volumes), ours, views, functions, facts, tuple(wanted))


def grant_fact(grant: Grant) -> Fact:
    return Fact(Aspect.GRANT, str(grant.on), (grant.principal, grant.privilege))


def normal(sql: str) -> str:
    """A piece of SQL without the white space in which a workspace may give it back."""
    return " ".join(sql.split())


def _of_table(on: Securable, table: Table) -> dict[Fact, str]:
    facts = {
        Fact(Aspect.COMMENT, str(on)): f"{table.description} One row is {table.grain}.",
        Fact(Aspect.TAG, str(on), ("layer",)): table.layer.value,
        Fact(Aspect.TAG, str(on), ("team",)): table.owner.removeprefix("team:"),
    }
    for column in table.all_columns:
        facts[Fact(Aspect.COMMENT, str(on), (column.name,))] = column.description
        if column.pii:
            facts[Fact(Aspect.TAG, str(on), (column.name, "pii"))] = column.pii.value
    return facts


def _functions(workspace: Workspace, ours: list[Table]) -> list[Function]:
    """The filter, and one mask for each class and type that a masked column has."""
    needed: set[tuple[Pii, str]] = {
        (column.pii, column.type) for table in ours for column in masked_columns(table) if column.pii
    }
    ordered = sorted(needed, key=lambda one: (one[0].value, one[1]))
    return [*(mask(workspace, pii, column_type) for pii, column_type in ordered), gym_filter(workspace)]
