"""What each role may do, and which classes of personal data it sees.

Two rings keep a person's data. All tables are closed: nobody but the pipeline and the engineers has a privilege on
them. People read views in a schema of their own, granted one by one, that put a mask on each personal column that
one of their readers may not see and a filter on rows.
"""

from collections.abc import Iterable

from fitness_assets.contracts.model import Column, Layer, Pii, Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.databricks.governance.privileges import Grant, Kind, Securable, checked
from fitness_assets.databricks.governance.views import VIEWS
from fitness_assets.databricks.workspace import (
    CHECKPOINT_VOLUME,
    LANDING_VOLUME,
    MESSAGES_VOLUME,
    SHARED_SCHEMA,
    Role,
    Workspace,
)

SEES: dict[Role, frozenset[Pii]] = {
    Role.SERVICE: frozenset(Pii),
    Role.ENGINEER: frozenset(Pii),
    Role.DATA_SCIENTIST: frozenset({Pii.HEALTH}),
    Role.ANALYST: frozenset(),
}
"""The classes of personal data that a role sees as they are."""

READS = {
    Role.ANALYST: ("gold_db.gym_summary", "gold_db.workout_bpm_summary"),
    Role.DATA_SCIENTIST: ("gold_db.gym_summary", "gold_db.workout_bpm_summary"),
}
"""The tables that people read, each as a view that gets its masks and its row filter by itself."""

EVERY_GYM = (Role.SERVICE, Role.ENGINEER, Role.DATA_SCIENTIST)
"""The roles that a row filter does not narrow; analysts see the gyms of their `FITNESS_GYM_GROUPS`."""

_PIPELINE = ("USE_SCHEMA", "SELECT", "MODIFY", "CREATE_TABLE")


def shared_name(one: Table) -> str:
    """The view of a table that people read."""
    return f"{SHARED_SCHEMA}.{one.name}"


def masked_columns(one: Table) -> list[Column]:
    """The columns of a table that one of its readers may not see."""
    classes = [SEES[role] for role, names in READS.items() if one.full_name in names]
    return [column for column in one.all_columns if column.pii and any(column.pii not in sees for sees in classes)]


def gym_column(one: Table) -> Column | None:
    """The column that a row filter works on, where somebody may see one gym alone."""
    narrowed = any(role not in EVERY_GYM and one.full_name in names for role, names in READS.items())
    return next((column for column in one.columns if narrowed and column.name == "gym"), None)


def grants(workspace: Workspace) -> list[Grant]:
    """Every grant there should be in the catalog, and no other.

    Raises:
        GovernanceError: one of them is not a privilege that Unity Catalog knows.
    """
    found: list[Grant] = []

    def give(role: Role, kind: Kind, name: str, privileges: Iterable[str]) -> None:
        on = Securable(kind, f"{workspace.catalog}.{name}" if name else workspace.catalog)
        found.extend(Grant(on, workspace.roles[role], privilege) for privilege in privileges)

    for role in Role:
        give(role, Kind.CATALOG, "", ["USE_CATALOG"])
    in_dev = workspace.environment == "dev"
    for layer in Layer:
        # Tables are made by the pipeline itself, so its privileges stand on the schema.
        give(Role.SERVICE, Kind.SCHEMA, layer.value, _PIPELINE)
        # Outside dev an engineer looks into what went wrong; only the pipeline writes.
        give(Role.ENGINEER, Kind.SCHEMA, layer.value, _PIPELINE if in_dev else ("USE_SCHEMA", "SELECT"))
    give(Role.SERVICE, Kind.VOLUME, LANDING_VOLUME, ["READ_VOLUME", "WRITE_VOLUME"])
    give(Role.SERVICE, Kind.VOLUME, CHECKPOINT_VOLUME, ["READ_VOLUME", "WRITE_VOLUME"])
    give(Role.ENGINEER, Kind.VOLUME, LANDING_VOLUME, ["READ_VOLUME", "WRITE_VOLUME"] if in_dev else ["READ_VOLUME"])
    give(Role.SERVICE, Kind.VOLUME, MESSAGES_VOLUME, ["READ_VOLUME", "WRITE_VOLUME"])
    # Whoever writes here decides what code the service runs.
    give(Role.ENGINEER, Kind.VOLUME, MESSAGES_VOLUME, ["READ_VOLUME", "WRITE_VOLUME"] if in_dev else ["READ_VOLUME"])
    if in_dev:
        give(Role.ENGINEER, Kind.VOLUME, CHECKPOINT_VOLUME, ["READ_VOLUME"])
    for role, names in READS.items():
        read = [shared_name(get_table(name)) for name in names]
        read += [view.name for view in VIEWS if role in view.readers]
        give(role, Kind.SCHEMA, SHARED_SCHEMA, ["USE_SCHEMA"])
        for name in read:
            give(role, Kind.TABLE, name, ["SELECT"])
    return checked(found)
