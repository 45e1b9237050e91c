"""What the fake workspace answers to calls about users, groups, entitlements, and who may use the SQL warehouse."""

import re
from typing import Any

from fitness_assets_tests.databricks.governance.fake_catalog.catalog import denied, invalid, not_found
from fitness_assets_tests.databricks.governance.fake_catalog.principals import DEPLOYER, FakePrincipals
from fitness_assets_tests.databricks.governance.fake_catalog.state import FakeState

Json = dict[str, Any]
WAREHOUSE = "warehouse-1"


def _wanted(query: Json, attribute: str) -> str:
    """The name that a filter asks for."""
    match = re.fullmatch(rf'{attribute} eq "(.+)"', query.get("filter", ""))
    if not match:
        raise invalid(f"Given filter operator is not supported: {query.get('filter')}")
    return match[1]


def _answer(entries: list[Json]) -> Json:
    # Without a hit SCIM leaves the list away.
    return {"totalResults": len(entries)} | ({"Resources": entries} if entries else {})


def find_account_group(state: FakeState, query: Json, body: Json) -> Json:
    principals, name = state.catalog.principals, _wanted(query, "displayName")
    return _answer([_account_group(principals, group) for group in principals.groups if group.lower() == name.lower()])


def get_account_group(state: FakeState, query: Json, body: Json, number: str) -> Json:
    principals = state.catalog.principals
    return _account_group(principals, principals.name_of(number))


def _account_group(principals: FakePrincipals, group: str) -> Json:
    members = [{"value": principals.id_of(member), "display": member} for member in sorted(principals.groups[group])]
    return {"id": principals.id_of(group), "displayName": group, "members": members, **_parents(principals, group)}


def _parents(principals: FakePrincipals, name: str, is_workspace: bool = False) -> Json:
    """The groups that somebody is in directly; a workspace knows those that are assigned to it."""
    groups = principals.groups_of(name) & (principals.assigned if is_workspace else set(principals.groups))
    listed = [{"display": group, "value": principals.id_of(group), "type": "direct"} for group in sorted(groups)]
    return {"groups": listed} if listed else {}


def find_account_user(state: FakeState, query: Json, body: Json) -> Json:
    principals, name = state.catalog.principals, _wanted(query, "userName")
    user = {"id": principals.id_of(name), "userName": name, **_parents(principals, name)}
    return _answer([user] if name in principals.users else [])


def find_workspace_user(state: FakeState, query: Json, body: Json) -> Json:
    principals, name = state.catalog.principals, _wanted(query, "userName")
    user = {"id": principals.id_of(name), "userName": name, **_parents(principals, name, is_workspace=True)}
    return _answer([user] if name in principals.users else [])


def find_account_service_principal(state: FakeState, query: Json, body: Json) -> Json:
    principals, name = state.catalog.principals, _wanted(query, "applicationId")
    return _answer([{"id": principals.id_of(name)}] if name in principals.service_principals else [])


def _workspace_entry(principals: FakePrincipals, name: str, kind: str) -> Json:
    entitlements = [{"value": value} for value in sorted(principals.entitlements.get(name, ()))]
    entry: Json = {"id": principals.id_of(name), "displayName": name, "meta": {"resourceType": kind}}
    entry |= _parents(principals, name, is_workspace=True)
    return entry | ({"entitlements": entitlements} if entitlements else {})


def find_workspace_group(state: FakeState, query: Json, body: Json) -> Json:
    principals, name = state.catalog.principals, _wanted(query, "displayName")
    if name in principals.workspace_groups or name in ("users", "admins"):
        return _answer([_workspace_entry(principals, name, "WorkspaceGroup")])
    is_assigned = name in principals.assigned and name in principals.groups
    return _answer([_workspace_entry(principals, name, "Group")] if is_assigned else [])


def get_workspace_group(state: FakeState, query: Json, body: Json, number: str) -> Json:
    principals = state.catalog.principals
    name = principals.name_of(number)
    if name not in principals.assigned:
        raise not_found(f"Group with id {number}")
    return _workspace_entry(principals, name, "Group")


def find_workspace_service_principal(state: FakeState, query: Json, body: Json) -> Json:
    principals, name = state.catalog.principals, _wanted(query, "applicationId")
    return _answer([_workspace_entry(principals, name, "")] if name in principals.assigned else [])


def create_account_group(state: FakeState, query: Json, body: Json) -> Json:
    principals, name = state.catalog.principals, body["displayName"]
    if not principals.is_account_admin:
        raise denied("Only account admins can create groups.")
    principals.groups.setdefault(name, set())
    return {"id": principals.id_of(name), "displayName": name}


def _added(body: Json, field: str) -> list[str]:
    [operation] = body["Operations"]
    if operation["op"] != "add" or operation["path"] != field:
        raise invalid(f"{operation} is no addition to {field}.")
    return [entry["value"] for entry in operation["value"]]


def patch_account_group(state: FakeState, query: Json, body: Json, number: str) -> Json:
    principals = state.catalog.principals
    group = principals.name_of(number)
    if group in principals.managed_elsewhere:
        raise denied(f"Group {group} is managed by the identity provider.")
    principals.groups[group] |= {principals.name_of(member) for member in _added(body, "members")}
    return {}


def patch_workspace_principal(state: FakeState, query: Json, body: Json, number: str) -> Json:
    principals = state.catalog.principals
    name = principals.name_of(number)
    if name not in principals.assigned:
        raise not_found(f"Group with id {number}")
    principals.entitlements.setdefault(name, set()).update(_added(body, "entitlements"))
    return {}


def assign_principal(state: FakeState, query: Json, body: Json, number: str) -> Json:
    if body != {"permissions": ["USER"]}:
        raise invalid(str(body))
    if not state.catalog.principals.is_workspace_admin:
        raise denied("Only admins can assign principals.")
    state.catalog.principals.assigned.add(state.catalog.principals.name_of(number))
    return {}


def get_current_user(state: FakeState, query: Json, body: Json) -> Json:
    principals = state.catalog.principals
    # Of the account's groups the workspace tells those that are assigned to it.
    groups = (principals.deployer_identities - {DEPLOYER}) & principals.assigned
    groups |= {"users", *(("admins",) if principals.is_workspace_admin else ())}
    listed = [{"display": name, "value": principals.id_of(name), "type": "direct"} for name in sorted(groups)]
    return {"userName": DEPLOYER, "id": principals.id_of(DEPLOYER), "groups": listed}


def get_warehouse(state: FakeState, query: Json, body: Json, warehouse: str) -> Json:
    if warehouse != WAREHOUSE:
        raise not_found(f"SQL warehouse {warehouse}")
    return {"id": warehouse, "name": "fitness"}


def get_warehouse_permissions(state: FakeState, query: Json, body: Json, warehouse: str) -> Json:
    if not state.shows_warehouse_permissions:
        raise denied("User does not have permission to view the permissions of the warehouse.")
    entries = [
        {"group_name": name, "all_permissions": [{"permission_level": level, "inherited": False}]}
        for name, level in state.warehouse_permissions.items()
    ]
    inherited = {"permission_level": "CAN_MANAGE", "inherited": True, "inherited_from_object": ["/sql/warehouses/"]}
    entries.append({"group_name": "admins", "all_permissions": [inherited]})
    return {"object_id": f"/sql/warehouses/{warehouse}", "access_control_list": entries}


def get_metastore(state: FakeState, query: Json, body: Json) -> Json:
    if not state.has_metastore:
        raise not_found("No metastore assigned for the current workspace")
    summary = {"metastore_id": "main-metastore", "name": "main-metastore", "owner": "metastore_admins"}
    return summary | ({"storage_root": "abfss://root"} if state.has_metastore_storage else {})
