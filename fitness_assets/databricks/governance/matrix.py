"""Which role sees what, as a table for people, from the declaration alone."""

from fitness_assets.contracts.catalog import tables
from fitness_assets.contracts.model import Pii, Table
from fitness_assets.databricks.governance.privileges import Kind, Securable
from fitness_assets.databricks.governance.roles import EVERY_GYM, READS, SEES, grants, gym_column
from fitness_assets.databricks.governance.views import VIEWS
from fitness_assets.databricks.workspace import CHECKPOINT_VOLUME, LANDING_VOLUME, Role, Workspace


def matrix(workspace: Workspace) -> str:
    """A Markdown table: one line for each table, view and volume, one column for each role."""
    lines = [["", *(role.words for role in Role)], ["---"] * (len(Role) + 1)]
    for table in tables().values():
        lines.append([f"`{table.full_name}`", *(_table(workspace, role, table) for role in Role)])
    for view in VIEWS:
        reads = {role: "SELECT" in _held(workspace, role, Kind.TABLE, view.name) for role in Role}
        cells = [("groups or no person at all" if reads[role] else "–") for role in Role]
        lines.append([f"`{view.name}`", *cells])
    for volume in (LANDING_VOLUME, CHECKPOINT_VOLUME):
        lines.append([f"volume `{volume}`", *(_volume(workspace, role, volume) for role in Role)])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _table(workspace: Workspace, role: Role, table: Table) -> str:
    held = _held(workspace, role, Kind.TABLE, table.full_name)
    if "SELECT" not in held:
        return "–"
    said = "reads and writes" if "MODIFY" in held else "reads"
    carried = {column.pii for column in table.all_columns if column.pii}
    masked = table.full_name in READS.get(role, ())
    hidden = [pii.value for pii in Pii if masked and pii in carried - SEES[role]]
    said += f"; {', '.join(hidden)} null" if hidden else "; all of it" if carried else ""
    return said + ("; own gyms only" if gym_column(table) and role not in EVERY_GYM else "")


def _volume(workspace: Workspace, role: Role, name: str) -> str:
    held = _held(workspace, role, Kind.VOLUME, name)
    return "reads and writes" if "WRITE_VOLUME" in held else "reads" if "READ_VOLUME" in held else "–"


def _held(workspace: Workspace, role: Role, kind: Kind, name: str) -> set[str]:
    on = Securable(kind, f"{workspace.catalog}.{name}")
    reach = {on, *on.above}
    return {
        grant.privilege for grant in grants(workspace) if grant.on in reach and grant.principal == workspace.roles[role]
    }
