"""Who there is: the groups and service principals of the account, and what they may do in the workspace.

An account and a workspace each have groups. Unity Catalog knows those of the account alone; one that is to do anything
in the workspace is assigned to it beside. All calls go to the workspace, which passes those on that are about the
account.
"""

from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from databricks.sdk.errors import NotFound, PermissionDenied

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.workspace import Role, is_application_id

_ACCOUNT = "/api/2.0/account/scim/v2"
_WORKSPACE = "/api/2.0/preview/scim/v2"
_ASSIGNMENTS = "/api/2.0/preview/permissionassignments/principals"
_GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
_PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_EVERYBODY = "users"
"""The group of a workspace that all who are assigned to it are in."""


class Entitlement(Enum):
    """What somebody may use of a workspace; the value is its name in the API."""

    WORKSPACE = "workspace-access"
    SQL = "databricks-sql-access"


NEEDED_ENTITLEMENTS: dict[Role, tuple[Entitlement, ...]] = {
    Role.ENGINEER: (Entitlement.WORKSPACE, Entitlement.SQL),
    Role.DATA_SCIENTIST: (Entitlement.WORKSPACE, Entitlement.SQL),
    Role.ANALYST: (Entitlement.SQL,),
    Role.SERVICE: (Entitlement.WORKSPACE,),
}
"""What the people and the service of a role use of the workspace."""


@dataclass(frozen=True)
class Principal:
    """A group or a service principal of the account.

    Attributes:
        id: its number, the same in the account and in the workspace.
        members: the numbers of a group's direct members.
    """

    name: str
    id: str
    members: frozenset[str] = frozenset()


class Directory:
    """The identities that a workspace can see."""

    def __init__(self, client: Client) -> None:
        self._api = client.api_client
        self._everybody: frozenset[str] | None = None

    def find(self, name: str) -> Principal | None:
        """A group of the account by its name, a service principal by its application id, a person by the address."""
        entry = self._entry(_ACCOUNT, name)
        if entry is None:
            return None
        members = frozenset(str(member["value"]) for member in entry.get("members", []))
        return Principal(name, str(entry["id"]), members)

    def groups_above(self, name: str) -> frozenset[str]:
        """The groups that a principal is in, in the account and in the workspace, also by a group that is in another:
        what they have and may do, the principal has and may do too."""
        return frozenset(
            above for scim in (_ACCOUNT, _WORKSPACE) for above in self._walk_up(scim, self._entry(scim, name))
        )

    def is_workspace_group(self, name: str) -> bool:
        """Whether the workspace has a group of its own by that name, which Unity Catalog does not know."""
        entry = self._entry(_WORKSPACE, name)
        return entry is not None and entry.get("meta", {}).get("resourceType") == "WorkspaceGroup"

    def entitlements(self, name: str) -> frozenset[str] | None:
        """What a principal may use, what its groups and everybody may included; None where neither it nor one of its
        groups is assigned to the workspace."""
        entries = [self._entry(_WORKSPACE, assigned) for assigned in (name, *sorted(self.groups_above(name)))]
        if not any(entries):
            return None
        if self._everybody is None:
            self._everybody = _entitlements(self._entry(_WORKSPACE, _EVERYBODY) or {})
        return self._everybody.union(*(_entitlements(entry) for entry in entries if entry))

    def create_group(self, name: str) -> Principal:
        """Make a group of the account."""
        entry = self._api.do("POST", f"{_ACCOUNT}/Groups", body={"schemas": [_GROUP_SCHEMA], "displayName": name})
        return Principal(name, str(entry["id"]))

    def assign(self, principal: Principal) -> None:
        """Let a principal into the workspace."""
        self._api.do("PUT", f"{_ASSIGNMENTS}/{principal.id}", body={"permissions": ["USER"]})

    def entitle(self, principal: Principal, entitlement: Entitlement) -> None:
        kind = "ServicePrincipals" if is_application_id(principal.name) else "Groups"
        self._add(f"{_WORKSPACE}/{kind}/{principal.id}", "entitlements", entitlement.value)

    def add_member(self, group: Principal, member: Principal) -> None:
        self._add(f"{_ACCOUNT}/Groups/{group.id}", "members", member.id)

    def _add(self, path: str, field: str, value: str) -> None:
        operation = {"op": "add", "path": field, "value": [{"value": value}]}
        self._api.do("PATCH", path, body={"schemas": [_PATCH_SCHEMA], "Operations": [operation]})

    def _walk_up(self, scim: str, entry: dict[str, Any] | None) -> set[str]:
        """The names of the groups above an entry; what we may not look at is left out."""
        names: set[str] = set()
        pending, seen = [entry or {}], set[str]()
        while pending:
            for parent in pending.pop().get("groups", []):
                number = str(parent["value"])
                if number not in seen:
                    seen.add(number)
                    with suppress(NotFound, PermissionDenied):
                        group = cast(dict[str, Any], self._api.do("GET", f"{scim}/Groups/{number}"))
                        names.add(str(group["displayName"]))
                        pending.append(group)
        return names

    def _entry(self, scim: str, name: str) -> dict[str, Any] | None:
        """What the account or the workspace says of a principal."""
        if is_application_id(name):
            return self._find(f"{scim}/ServicePrincipals", f"applicationId eq {_quoted(name)}")
        if "@" in name:
            return self._find(f"{scim}/Users", f"userName eq {_quoted(name)}")
        return self._find(f"{scim}/Groups", f"displayName eq {_quoted(name)}")

    def _find(self, path: str, condition: str) -> dict[str, Any] | None:
        answer = self._api.do("GET", path, query={"filter": condition})
        entries: list[dict[str, Any]] = answer.get("Resources") or []
        return entries[0] if entries else None


def warehouse_users(client: Client, warehouse_id: str) -> frozenset[str] | None:
    """Who may use a SQL warehouse, in small letters; None where we may not know."""
    try:
        answer = client.api_client.do("GET", f"/api/2.0/permissions/warehouses/{warehouse_id}")
    except PermissionDenied:
        return None
    names = ("group_name", "user_name", "service_principal_name")
    entries: list[dict[str, Any]] = answer.get("access_control_list") or []
    return frozenset(
        str(entry[name]).lower()
        for entry in entries
        for name in names
        # Whoever may only look at a warehouse cannot ask it anything.
        if name in entry and any(held["permission_level"] != "CAN_VIEW" for held in entry.get("all_permissions", []))
    )


def _entitlements(entry: dict[str, Any]) -> frozenset[str]:
    return frozenset(str(entitlement["value"]) for entitlement in entry.get("entitlements", []))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
