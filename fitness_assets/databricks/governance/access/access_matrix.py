"""Which role sees what, as a table for people, from the declaration alone."""

from fitness_assets.contracts.model import Pii, Table
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.databricks.governance.access.anonymized_views import ANONYMIZED_VIEWS, SharedView
from fitness_assets.databricks.governance.access.dashboard_views import DASHBOARD_VIEWS
from fitness_assets.databricks.governance.access.roles import (
    READABLE_TABLES,
    UNFILTERED_ROLES,
    VISIBLE_PII,
    desired_grants,
    gym_column,
    shared_view_name,
)
from fitness_assets.databricks.governance.securables.privileges import Securable, SecurableType
from fitness_assets.databricks.workspace import CHECKPOINT_VOLUME, LANDING_VOLUME, MESSAGES_VOLUME, Role, Workspace


def access_matrix(workspace: Workspace) -> str:
    """A Markdown table: one line for each table, view and volume, one column for each role."""
    lines = [["", *(role.label for role in Role)], ["---"] * (len(Role) + 1)]
    for name, contract in all_tables().items():
        lines.append([f"`{name}`", *(_table_access(workspace, role, contract) for role in Role)])
    for name in dict.fromkeys(name for names in READABLE_TABLES.values() for name in names):
        source = get_table(name)
        cells = [_masked_view_access(workspace, role, source) for role in Role]
        lines.append([f"`{shared_view_name(source)}`", *cells])
    for view in (*ANONYMIZED_VIEWS, *DASHBOARD_VIEWS):
        lines.append([f"`{view.name}`", *(_anonymized_view_access(workspace, role, view) for role in Role)])
    for volume in (LANDING_VOLUME, CHECKPOINT_VOLUME, MESSAGES_VOLUME):
        lines.append([f"volume `{volume}`", *(_volume_access(workspace, role, volume) for role in Role)])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _table_access(workspace: Workspace, role: Role, table: Table) -> str:
    privileges = _privileges(workspace, role, SecurableType.TABLE, table.full_name)
    return "–" if "SELECT" not in privileges else "reads and writes" if "MODIFY" in privileges else "reads"


def _masked_view_access(workspace: Workspace, role: Role, table: Table) -> str:
    if "SELECT" not in _privileges(workspace, role, SecurableType.TABLE, shared_view_name(table)):
        return "–"
    present = {column.pii for column in table.all_columns if column.pii}
    masked = [pii.value for pii in Pii if pii in present - VISIBLE_PII[role]]
    access = f"reads; {', '.join(masked)} null" if masked else "reads"
    return access + ("; own gyms only" if gym_column(table) and role not in UNFILTERED_ROLES else "")


def _anonymized_view_access(workspace: Workspace, role: Role, view: SharedView) -> str:
    may_read = "SELECT" in _privileges(workspace, role, SecurableType.TABLE, view.name)
    if not may_read:
        return "–"
    masked = "; health null" if "{mask_health}" in view.query and Pii.HEALTH not in VISIBLE_PII[role] else ""
    filtered = "; own gyms only" if "{gym_filter}" in view.query and role not in UNFILTERED_ROLES else ""
    return f"groups or no person at all{masked}{filtered}"


def _volume_access(workspace: Workspace, role: Role, name: str) -> str:
    privileges = _privileges(workspace, role, SecurableType.VOLUME, name)
    return "reads and writes" if "WRITE_VOLUME" in privileges else "reads" if "READ_VOLUME" in privileges else "–"


def _privileges(workspace: Workspace, role: Role, securable_type: SecurableType, name: str) -> set[str]:
    securable = Securable(securable_type, f"{workspace.catalog}.{name}")
    sources = {securable, *securable.ancestors}
    return {
        grant.privilege
        for grant in desired_grants(workspace)
        if grant.securable in sources and grant.principal == workspace.roles[role]
    }
