"""What the fake workspace answers to calls of cluster policies and of the secret scope."""

import json
import re
from typing import Any

from fitness_assets.databricks.policies.attributes import validate_definition
from fitness_assets.errors import GovernanceError
from fitness_assets_tests.databricks.governance.fake_catalog.catalog import ApiError, denied, invalid, not_found
from fitness_assets_tests.databricks.governance.fake_catalog.principals import DEPLOYER
from fitness_assets_tests.databricks.governance.fake_catalog.state import FakeState

Json = dict[str, Any]


def list_policies(state: FakeState, query: Json, body: Json) -> Json:
    policies = state.policies.items()
    return {"policies": [{"policy_id": policy_id, **entry["policy"]} for policy_id, entry in policies]}


def _validated_policy(body: Json) -> Json:
    try:
        validate_definition(body["name"], json.loads(body["definition"]))
    except GovernanceError as error:
        raise invalid(str(error)) from error
    return {key: body[key] for key in ("name", "definition", "description", "max_clusters_per_user") if key in body}


def _require_admin(state: FakeState) -> None:
    if not state.catalog.principals.is_workspace_admin:
        raise denied("Only admins can change cluster policies.")


def create_policy(state: FakeState, query: Json, body: Json) -> Json:
    _require_admin(state)
    if body["name"] in {entry["policy"]["name"] for entry in state.policies.values()}:
        raise invalid("Policy name must be unique.")
    policy_id = f"p{len(state.policies)}"
    state.policies[policy_id] = {"policy": _validated_policy(body), "acl": []}
    return {"policy_id": policy_id}


def edit_policy(state: FakeState, query: Json, body: Json) -> Json:
    _require_admin(state)
    state.policies[body["policy_id"]]["policy"] = _validated_policy(body)
    return {}


def get_policy_permissions(state: FakeState, query: Json, body: Json, policy_id: str) -> Json:
    direct = [
        {key: value for key, value in entry.items() if key != "permission_level"}
        | {"all_permissions": [{"permission_level": entry["permission_level"], "inherited": False}]}
        for entry in state.policies[policy_id]["acl"]
    ]
    admins = {"group_name": "admins", "all_permissions": [{"permission_level": "CAN_USE", "inherited": True}]}
    return {"object_type": "cluster-policy", "access_control_list": [*direct, admins]}


def set_policy_permissions(state: FakeState, query: Json, body: Json, policy_id: str) -> Json:
    for entry in body["access_control_list"]:
        if entry["permission_level"] != "CAN_USE":
            raise invalid("CAN_USE is the only permission of a cluster policy.")
        principal = entry.get("group_name") or entry.get("service_principal_name") or entry.get("user_name")
        if not state.catalog.principals.exists(principal):
            raise not_found(f"Principal: GroupName({principal})")
    state.policies[policy_id]["acl"] = body["access_control_list"]
    return {}


def create_scope(state: FakeState, query: Json, body: Json) -> Json:
    if not re.fullmatch(r"[\w.-]{1,128}", body["scope"]) or body.get("initial_manage_principal"):
        raise invalid("not a scope of ours")
    if body["scope"] in state.scopes:
        raise ApiError(400, "RESOURCE_ALREADY_EXISTS", f"Scope {body['scope']} already exists!")
    state.scopes[body["scope"]] = {"acls": {DEPLOYER: "MANAGE"}, "secrets": {}}
    return {}


def put_acl(state: FakeState, query: Json, body: Json) -> Json:
    if body["permission"] not in ("READ", "WRITE", "MANAGE"):
        raise invalid("no such permission")
    if not state.catalog.principals.exists(body["principal"]):
        raise invalid(f"Principal {body['principal']} is not valid.")
    state.scopes[body["scope"]]["acls"][body["principal"]] = body["permission"]
    return {}


def delete_acl(state: FakeState, query: Json, body: Json) -> Json:
    if state.scopes[body["scope"]]["acls"].pop(body["principal"], None) is None:
        raise not_found("the ACL")
    return {}


def put_secret(state: FakeState, query: Json, body: Json) -> Json:
    state.scopes[body["scope"]]["secrets"][body["key"]] = body["string_value"]
    return {}


def list_scopes(state: FakeState, query: Json, body: Json) -> Json:
    return {"scopes": [{"name": name, "backend_type": "DATABRICKS"} for name in state.scopes]}


def list_acls(state: FakeState, query: Json, body: Json) -> Json:
    acls = state.scopes[query["scope"]]["acls"].items()
    return {"items": [{"principal": principal, "permission": permission} for principal, permission in acls]}


def list_secrets(state: FakeState, query: Json, body: Json) -> Json:
    return {"secrets": [{"key": key} for key in state.scopes[query["scope"]]["secrets"]]}
