"""What each role may do, and which classes of personal data it sees.

Two rings keep a person's data. All tables are closed: nobody but the pipeline and the engineers has a privilege on
them. People read views in a schema of their own, granted one by one, that put a mask on each personal column that
one of their readers may not see and a filter on rows.
"""

from collections.abc import Iterable

from fitness_assets.contracts.model import Column, Layer, Pii, Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.databricks.governance.access.anonymized_views import ANONYMIZED_VIEWS
from fitness_assets.databricks.governance.access.dashboard_views import DASHBOARD_VIEWS
from fitness_assets.databricks.governance.securables.privileges import Grant, Securable, SecurableType, validate_grants
from fitness_assets.databricks.workspace import (
    CHECKPOINT_VOLUME,
    LANDING_VOLUME,
    MESSAGES_VOLUME,
    SHARED_SCHEMA,
    Role,
    Workspace,
)

VISIBLE_PII: dict[Role, frozenset[Pii]] = {
    Role.SERVICE: frozenset(Pii),
    Role.ENGINEER: frozenset(Pii),
    Role.DATA_SCIENTIST: frozenset({Pii.HEALTH}),
    Role.ANALYST: frozenset(),
}
"""The classes of personal data that a role sees as they are."""

READABLE_TABLES = {
    Role.ANALYST: ("gold_db.gym_summary", "gold_db.workout_bpm_summary"),
    Role.DATA_SCIENTIST: ("gold_db.gym_summary", "gold_db.workout_bpm_summary"),
}
"""The tables that people read, each as a view that gets its masks and its row filter by itself."""

UNFILTERED_ROLES = (Role.SERVICE, Role.ENGINEER, Role.DATA_SCIENTIST)
"""The roles that a row filter does not narrow; analysts see the gyms of their `FITNESS_GYM_GROUPS`."""

_PIPELINE = ("USE_SCHEMA", "SELECT", "MODIFY", "CREATE_TABLE")
_READ_ONLY = ("USE_SCHEMA", "SELECT")
_READ_FILES = ("READ_VOLUME",)
_READ_AND_WRITE_FILES = ("READ_VOLUME", "WRITE_VOLUME")


def shared_view_name(table: Table) -> str:
    """The view of a table that people read."""
    return f"{SHARED_SCHEMA}.{table.name}"


def masked_columns(table: Table) -> list[Column]:
    """The columns of a table that one of its readers may not see."""
    readers = [role for role, table_names in READABLE_TABLES.items() if table.full_name in table_names]
    return [
        column
        for column in table.all_columns
        if column.pii and any(column.pii not in VISIBLE_PII[reader] for reader in readers)
    ]


def gym_column(table: Table) -> Column | None:
    """The column that a row filter works on, where somebody may see one gym alone."""
    is_filtered = any(
        role not in UNFILTERED_ROLES and table.full_name in table_names for role, table_names in READABLE_TABLES.items()
    )
    return next((column for column in table.columns if is_filtered and column.name == "gym"), None)


def desired_grants(workspace: Workspace) -> list[Grant]:
    """Every grant there should be in the catalog, and no other.

    Raises:
        GovernanceError: one of them is not a privilege that Unity Catalog knows.
    """
    grants: list[Grant] = []

    def grant(role: Role, securable_type: SecurableType, name: str, privileges: Iterable[str]) -> None:
        securable = Securable(securable_type, f"{workspace.catalog}.{name}" if name else workspace.catalog)
        grants.extend(Grant(securable, workspace.roles[role], privilege) for privilege in privileges)

    for role in Role:
        grant(role, SecurableType.CATALOG, "", ["USE_CATALOG"])
    is_dev = workspace.environment == "dev"
    for layer in Layer:
        # Tables are made by the pipeline itself, so its privileges stand on the schema.
        grant(Role.SERVICE, SecurableType.SCHEMA, layer.value, _PIPELINE)
        # Outside dev an engineer looks into what went wrong; only the pipeline writes.
        grant(Role.ENGINEER, SecurableType.SCHEMA, layer.value, _PIPELINE if is_dev else _READ_ONLY)
    engineer_files = _READ_AND_WRITE_FILES if is_dev else _READ_FILES
    grant(Role.SERVICE, SecurableType.VOLUME, LANDING_VOLUME, _READ_AND_WRITE_FILES)
    grant(Role.SERVICE, SecurableType.VOLUME, CHECKPOINT_VOLUME, _READ_AND_WRITE_FILES)
    grant(Role.ENGINEER, SecurableType.VOLUME, LANDING_VOLUME, engineer_files)
    grant(Role.SERVICE, SecurableType.VOLUME, MESSAGES_VOLUME, _READ_AND_WRITE_FILES)
    # Whoever writes here decides what code the service runs.
    grant(Role.ENGINEER, SecurableType.VOLUME, MESSAGES_VOLUME, engineer_files)
    if is_dev:
        grant(Role.ENGINEER, SecurableType.VOLUME, CHECKPOINT_VOLUME, _READ_FILES)
    for role in Role:
        view_names = [shared_view_name(get_table(name)) for name in READABLE_TABLES.get(role, ())]
        view_names += [view.name for view in (*ANONYMIZED_VIEWS, *DASHBOARD_VIEWS) if role in view.readers]
        if view_names:
            grant(role, SecurableType.SCHEMA, SHARED_SCHEMA, ["USE_SCHEMA"])
        for view_name in view_names:
            grant(role, SecurableType.TABLE, view_name, ["SELECT"])
    return validate_grants(grants)
