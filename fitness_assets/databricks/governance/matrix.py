"""Which role sees what, as a table for people, from the declaration alone."""

from fitness_assets.contracts.model import Pii, Table
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.databricks.governance.privileges import Kind, Securable
from fitness_assets.databricks.governance.roles import EVERY_GYM, READS, SEES, grants, gym_column, shared_name
from fitness_assets.databricks.governance.views import VIEWS
from fitness_assets.databricks.workspace import CHECKPOINT_VOLUME, LANDING_VOLUME, MESSAGES_VOLUME, Role, Workspace


def matrix(workspace: Workspace) -> str:
    """A Markdown table: one line for each table, view and volume, one column for each role."""
    lines = [["", *(role.words for role in Role)], ["---"] * (len(Role) + 1)]
    for one in all_tables().values():
        lines.append([f"`{one.full_name}`", *(_table(workspace, role, one) for role in Role)])
    for read in dict.fromkeys(name for names in READS.values() for name in names):
        one = get_table(read)
        lines.append([f"`{shared_name(one)}`", *(_shared(workspace, role, one) for role in Role)])
    for view in VIEWS:
        reads = {role: "SELECT" in _held(workspace, role, Kind.TABLE, view.name) for role in Role}
        cells = [("groups or no person at all" if reads[role] else "–") for role in Role]
        lines.append([f"`{view.name}`", *cells])
    for volume in (LANDING_VOLUME, CHECKPOINT_VOLUME, MESSAGES_VOLUME):
        lines.append([f"volume `{volume}`", *(_volume(workspace, role, volume) for role in Role)])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _table(workspace: Workspace, role: Role, one: Table) -> str:
    held = _held(workspace, role, Kind.TABLE, one.full_name)
    return "–" if "SELECT" not in held else "reads and writes" if "MODIFY" in held else "reads"


def _shared(workspace: Workspace, role: Role, one: Table) -> str:
    if "SELECT" not in _held(workspace, role, Kind.TABLE, shared_name(one)):
        return "–"
    carried = {column.pii for column in one.all_columns if column.pii}
    hidden = [pii.value for pii in Pii if pii in carried - SEES[role]]
    said = f"reads; {', '.join(hidden)} null" if hidden else "reads"
    return said + ("; own gyms only" if gym_column(one) and role not in EVERY_GYM else "")


def _volume(workspace: Workspace, role: Role, name: str) -> str:
    held = _held(workspace, role, Kind.VOLUME, name)
    return "reads and writes" if "WRITE_VOLUME" in held else "reads" if "READ_VOLUME" in held else "–"


def _held(workspace: Workspace, role: Role, kind: Kind, name: str) -> set[str]:
    on = Securable(kind, f"{workspace.catalog}.{name}")
    reach = {on, *on.above}
    return {
        grant.privilege for grant in grants(workspace) if grant.on in reach and grant.principal == workspace.roles[role]
    }
