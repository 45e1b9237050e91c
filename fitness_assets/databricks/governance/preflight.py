"""What has to be there before governance can be applied: who, which rights, and what they are about.

It only looks. Everything that is missing is told at once, so that nobody applies ten times to learn of ten groups.
"""

from collections.abc import Iterator

from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.service.catalog import GetMetastoreSummaryResponse
from databricks.sdk.service.iam import User

from fitness_assets.databricks.client import Client, get_or_none
from fitness_assets.databricks.governance.catalog.governed_tags import GovernedTags
from fitness_assets.databricks.governance.principals.directory import (
    NEEDED_ENTITLEMENTS,
    Directory,
    Entitlement,
    warehouse_users,
)
from fitness_assets.databricks.governance.securables.grants import effective_privileges_at
from fitness_assets.databricks.workspace import OWNERS_SETTING, Role, Workspace, is_application_id
from fitness_assets.errors import PreflightError

_READERS = (Role.ANALYST, Role.DATA_SCIENTIST)
"""The roles that ask the SQL warehouse."""


def require_prerequisites(client: Client, workspace: Workspace, changes_policies: bool) -> None:
    """Look whether governance can be applied.

    Args:
        changes_policies: whether it would change a compute policy.

    Raises:
        PreflightError: something is missing; the message has all of it and what to do, a line each.
    """
    missing = list(find_missing(client, workspace, changes_policies))
    if missing:
        raise PreflightError(
            f"Governance of catalog {workspace.catalog} of {client.host} cannot be applied, and nothing was changed. "
            "This is missing:\n" + "\n".join(f"  - {line}" for line in missing)
        )


def find_missing(client: Client, workspace: Workspace, changes_policies: bool) -> Iterator[str]:
    """A line for each thing that is missing, with what to do about it."""
    me = client.current_user.me()
    directory = Directory(client)
    yield from _missing_principals(directory, workspace)
    identities = _identities(directory, workspace, me)
    if workspace.owners not in identities and directory.find(workspace.owners):
        yield (
            f"{me.user_name} is not in {workspace.owners} ({OWNERS_SETTING}), and ownership goes to groups of which "
            f"one is a member: `fitness-assets governance groups --create --member {workspace.owners}={me.user_name}`."
        )
    yield from _missing_entitlements(directory, workspace, str(me.user_name), identities)
    yield from _missing_warehouse(client, directory, workspace, str(me.user_name), identities)
    yield from GovernedTags(client, workspace).missing()
    yield from _missing_catalog_rights(client, workspace, str(me.user_name), identities)
    if changes_policies and "admins" not in identities:
        yield (
            f"{me.user_name} is no admin of the workspace, and only admins make compute policies: an admin applies, or "
            "adds whoever applies to the group admins."
        )


def _missing_principals(directory: Directory, workspace: Workspace) -> Iterator[str]:
    settings = {workspace.roles[role]: role.setting for role in Role} | {workspace.owners: OWNERS_SETTING}
    settings |= dict.fromkeys(workspace.gyms, "FITNESS_GYM_GROUPS")
    for name, setting in settings.items():
        if directory.find(name) is None:
            why = "is a group of this workspace alone" if directory.is_workspace_group(name) else "is not there"
            yield (
                f"{name} ({setting}) {why}; Unity Catalog knows principals of the account: "
                "`fitness-assets governance groups --create` makes the groups, or name another."
            )


def _missing_entitlements(directory: Directory, workspace: Workspace, user: str, identities: set[str]) -> Iterator[str]:
    if "admins" not in identities and Entitlement.SQL.value not in (directory.entitlements(user) or ()):
        yield (
            f"{user} lacks the entitlement {Entitlement.SQL.value}, without which no SQL warehouse answers: an admin "
            "of the workspace gives it, on the page of the user or of one of its groups."
        )
    for role, needed in NEEDED_ENTITLEMENTS.items():
        name = workspace.roles[role]
        if directory.find(name) is None:
            continue
        held = directory.entitlements(name)
        if held is None:
            yield f"{name} is not assigned to the workspace: `fitness-assets governance groups --create` assigns it."
            continue
        for entitlement in needed:
            if entitlement.value not in held:
                yield (
                    f"{name} lacks the entitlement {entitlement.value}: `fitness-assets governance groups --create` "
                    "gives it."
                )


def _missing_warehouse(
    client: Client, directory: Directory, workspace: Workspace, user: str, identities: set[str]
) -> Iterator[str]:
    path = f"/api/2.0/sql/warehouses/{workspace.warehouse}"
    if get_or_none(lambda: client.api_client.do("GET", path)) is None:
        yield (
            f"The SQL warehouse {workspace.warehouse} (FITNESS_SQL_WAREHOUSE) is not there: "
            "`databricks warehouses list` shows the ids."
        )
        return
    users = warehouse_users(client, workspace.warehouse)
    if users is None or "users" in users:
        return
    askers = {name: directory.groups_above(name) for name in (workspace.roles[role] for role in _READERS)}
    for name, groups in {**askers, user: identities}.items():
        if not {name.lower(), *(group.lower() for group in groups)} & users:
            kind = "service_principal" if is_application_id(name) else "user" if "@" in name else "group"
            yield (
                f"{name} may not use the SQL warehouse {workspace.warehouse}: `databricks permissions "
                f'update warehouses {workspace.warehouse} --json \'{{"access_control_list": [{{"{kind}_name": '
                f'"{name}", "permission_level": "CAN_USE"}}]}}\'`.'
            )


def _missing_catalog_rights(client: Client, workspace: Workspace, user: str, identities: set[str]) -> Iterator[str]:
    try:
        metastore = client.metastores.summary()
    except NotFound:
        yield "The workspace has no metastore: step 3 of docs/databricks.md."
        return
    if metastore.owner in identities:
        return
    hand_over = f"its owner runs `databricks catalogs update {workspace.catalog} --owner {workspace.owners}`"
    try:
        catalog = get_or_none(lambda: client.catalogs.get(workspace.catalog))
    except PermissionDenied:
        yield f"{user} may not see the catalog {workspace.catalog}, let alone change it: {hand_over}."
        return
    if catalog is None:
        yield from _missing_for_new_catalog(client, workspace, user, identities, metastore)
    elif catalog.owner not in identities and not _holds(client, identities, "MANAGE", "catalog", workspace.catalog):
        yield (f"{user} does not own the catalog {workspace.catalog}, which belongs to {catalog.owner}: {hand_over}.")


def _missing_for_new_catalog(
    client: Client, workspace: Workspace, user: str, identities: set[str], metastore: GetMetastoreSummaryResponse
) -> Iterator[str]:
    if not _holds(client, {*identities, "account users"}, "CREATE_CATALOG", "metastore", str(metastore.metastore_id)):
        yield (
            f"The catalog {workspace.catalog} is not there, and {user} may not make one (CREATE CATALOG on the "
            "metastore): an admin makes it, as in step 5 of docs/databricks.md."
        )
    if not workspace.storage and not metastore.storage_root:
        yield (
            f"The catalog {workspace.catalog} is not there, and the metastore has no storage of its own: set "
            "FITNESS_CATALOG_STORAGE to where its tables shall lie."
        )


def _holds(client: Client, identities: set[str], privilege: str, type_name: str, name: str) -> bool:
    """Whether one of the identities has a privilege; also where we may not know, as then the attempt tells."""
    try:
        held = {(principal, granted) for principal, granted, _ in effective_privileges_at(client, type_name, name)}
    except PermissionDenied:
        return True
    return any((identity, privilege) in held for identity in identities)


def _identities(directory: Directory, workspace: Workspace, me: User) -> set[str]:
    """Whoever applies, by each name that has rights: its own, and those of its groups."""
    identities = {str(me.user_name), *(group.display for group in me.groups or [] if group.display)}
    # The workspace tells of groups that are assigned to it, the account of the others.
    identities |= directory.groups_above(str(me.user_name))
    owners = directory.find(workspace.owners)
    return identities | ({workspace.owners} if owners and me.id in owners.members else set())
