"""What the workspace answers to each call."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fitness_assets.databricks.policies.attributes import checked
from fitness_assets.errors import GovernanceError
from fitness_assets_tests.databricks.governance import statements
from fitness_assets_tests.databricks.governance.unity import DEPLOYER, Refused, Thing, bad, missing

if TYPE_CHECKING:
    from fitness_assets_tests.databricks.governance.server import FakeWorkspace

Json = dict[str, Any]
PAGE = 2


def _info(name: str, thing: Thing) -> Json:
    """A securable as Unity Catalog describes it."""
    described: Json = {"name": name.rpartition(".")[2], "full_name": name, "owner": thing.owner}
    described |= {"comment": thing.comment} if thing.comment else {}
    if thing.kind == "function":
        described |= {"routine_definition": thing.function["body"], "routine_body": "SQL"}
    if thing.kind == "table":
        described["table_type"] = "VIEW" if thing.view is not None else "MANAGED"
        described["columns"] = [
            {"name": column, "type_text": there["type"], "comment": there.get("comment")}
            | ({"mask": {"function_name": there["mask"]}} if "mask" in there else {})
            for column, there in thing.columns.items()
        ]
        described |= {"view_definition": thing.view} if thing.view is not None else {}
        if thing.row_filter:
            function, columns = thing.row_filter
            described["row_filter"] = {"function_name": function, "input_column_names": columns}
    return described


def get(kind: str) -> "Callable[[FakeWorkspace, Json, Json, str], Json]":
    return lambda ws, query, body, name: _info(name, ws.unity.get(kind, name))


def update(kind: str) -> "Callable[[FakeWorkspace, Json, Json, str], Json]":
    def give(ws: "FakeWorkspace", query: Json, body: Json, name: str) -> Json:
        if set(body) != {"owner"}:
            raise bad(f"{sorted(body)} cannot be updated so.")
        # Whoever owns the catalog may give away what is in it.
        ws.unity.get(kind, name).owner = body["owner"]
        return _info(name, ws.unity.get(kind, name))

    return give


def create_catalog(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    thing = ws.unity.create("catalog", body["name"])
    # What Catalog Explorer and some accounts do by default.
    thing.grants["account users"] = {"BROWSE"}
    return _info(body["name"], thing)


def create_schema(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    name = f"{body['catalog_name']}.{body['name']}"
    return _info(name, ws.unity.create("schema", name))


def create_volume(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    if body.get("volume_type") != "MANAGED":
        raise bad("volume_type must be MANAGED or come with a storage_location.")
    name = f"{body['catalog_name']}.{body['schema_name']}.{body['name']}"
    return _info(name, ws.unity.create("volume", name))


def list_tables(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    prefix = f"{query['catalog_name']}.{query['schema_name']}."
    found = [name for name, one in ws.unity.things.items() if one.kind == "table" and name.startswith(prefix)]
    first = int(query.get("page_token", 0))
    page: Json = {"tables": [_info(name, ws.unity.things[name]) for name in found[first : first + PAGE]]}
    return page | ({"next_page_token": str(first + PAGE)} if first + PAGE < len(found) else {})


def permissions(ws: "FakeWorkspace", query: Json, body: Json, kind: str, name: str) -> Json:
    held = sorted(ws.unity.get(kind, name).grants.items())
    assignments = [{**_named(principal), "privileges": sorted(held_by)} for principal, held_by in held]
    return _page(assignments, query)


def effective(ws: "FakeWorkspace", query: Json, body: Json, kind: str, name: str) -> Json:
    ws.unity.get(kind, name)
    by_principal: dict[str, list[Json]] = {}
    for (principal, privilege), (source, of) in sorted(ws.unity.effective(name).items()):
        inherited = {"inherited_from_type": source, "inherited_from_name": of} if of else {}
        by_principal.setdefault(principal, []).append({"privilege": privilege, **inherited})
    return _page([{**_named(principal), "privileges": held} for principal, held in by_principal.items()], query)


def _named(principal: str) -> Json:
    """A principal that was deleted is left with its number."""
    return {"principal_id": int(principal[1:])} if principal.startswith("#") else {"principal": principal}


def _page(assignments: list[Json], query: Json) -> Json:
    if query.get("max_results") != "0":
        raise bad("without max_results=0 there is no second page")
    first = int(query.get("page_token", 0))
    page: Json = {"privilege_assignments": assignments[first : first + PAGE]}
    return page | ({"next_page_token": str(first + PAGE)} if first + PAGE < len(assignments) else {})


def change_permissions(ws: "FakeWorkspace", query: Json, body: Json, kind: str, name: str) -> Json:
    ws.unity.change_grants(kind, name, body["changes"])
    return {}


def execute(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    if body["warehouse_id"] != "warehouse-1":
        raise missing("the warehouse")
    ws.statements.append(body["statement"])
    try:
        rows = statements.run(ws.unity, body["statement"])
    except Refused as error:
        failed = {"error_code": error.code, "message": str(error)}
        return {"statement_id": "s", "status": {"state": "FAILED", "error": failed}}
    # The second half of a result comes as a chunk of its own.
    half = len(rows) // 2
    name = f"s{len(ws.statements)}"
    ws.results[name] = rows[half:]
    first: Json = {"chunk_index": 0, "data_array": rows[:half]} | ({"next_chunk_index": 1} if rows else {})
    return {"statement_id": name, "status": {"state": "SUCCEEDED"}, "result": first}


def chunk(ws: "FakeWorkspace", query: Json, body: Json, statement: str, index: str) -> Json:
    return {"chunk_index": int(index), "data_array": ws.results[statement]}


def list_policies(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    return {"policies": [{"policy_id": name, **one["policy"]} for name, one in ws.unity.policies.items()]}


def _policy(body: Json) -> Json:
    try:
        checked(body["name"], json.loads(body["definition"]))
    except GovernanceError as error:
        raise bad(str(error)) from error
    return {key: body[key] for key in ("name", "definition", "description", "max_clusters_per_user") if key in body}


def create_policy(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    if body["name"] in {one["policy"]["name"] for one in ws.unity.policies.values()}:
        raise bad("Policy name must be unique.")
    name = f"p{len(ws.unity.policies)}"
    ws.unity.policies[name] = {"policy": _policy(body), "acl": []}
    return {"policy_id": name}


def edit_policy(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    ws.unity.policies[body["policy_id"]]["policy"] = _policy(body)
    return {}


def policy_permissions(ws: "FakeWorkspace", query: Json, body: Json, name: str) -> Json:
    direct = [
        {key: value for key, value in entry.items() if key != "permission_level"}
        | {"all_permissions": [{"permission_level": entry["permission_level"], "inherited": False}]}
        for entry in ws.unity.policies[name]["acl"]
    ]
    admins = {"group_name": "admins", "all_permissions": [{"permission_level": "CAN_USE", "inherited": True}]}
    return {"object_type": "cluster-policy", "access_control_list": [*direct, admins]}


def set_policy_permissions(ws: "FakeWorkspace", query: Json, body: Json, name: str) -> Json:
    for entry in body["access_control_list"]:
        if entry["permission_level"] != "CAN_USE":
            raise bad("CAN_USE is the only permission of a cluster policy.")
    ws.unity.policies[name]["acl"] = body["access_control_list"]
    return {}


def create_scope(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    if not re.fullmatch(r"[\w.-]{1,128}", body["scope"]) or body.get("initial_manage_principal"):
        raise bad("not a scope of ours")
    if body["scope"] in ws.unity.scopes:
        raise Refused(400, "RESOURCE_ALREADY_EXISTS", f"Scope {body['scope']} already exists!")
    ws.unity.scopes[body["scope"]] = {"acls": {DEPLOYER: "MANAGE"}, "secrets": {}}
    return {}


def put_acl(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    if body["permission"] not in ("READ", "WRITE", "MANAGE"):
        raise bad("no such permission")
    ws.unity.scopes[body["scope"]]["acls"][body["principal"]] = body["permission"]
    return {}


def delete_acl(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    if ws.unity.scopes[body["scope"]]["acls"].pop(body["principal"], None) is None:
        raise missing("the ACL")
    return {}


def put_secret(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    ws.unity.scopes[body["scope"]]["secrets"][body["key"]] = body["string_value"]
    return {}


def list_scopes(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    return {"scopes": [{"name": name, "backend_type": "DATABRICKS"} for name in ws.unity.scopes]}


def list_acls(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    acls = ws.unity.scopes[query["scope"]]["acls"].items()
    return {"items": [{"principal": principal, "permission": permission} for principal, permission in acls]}


def list_secrets(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    return {"secrets": [{"key": key} for key in ws.unity.scopes[query["scope"]]["secrets"]]}


def me(ws: "FakeWorkspace", query: Json, body: Json) -> Json:
    return {"userName": DEPLOYER}


UC, SECRETS, POLICIES = "/api/2.1/unity-catalog", "/api/2.0/secrets", "/api/2.0/policies/clusters"
ONE = "/([^/]+)"
ROUTES: list[tuple[str, str, Callable[..., Json]]] = [
    *(("GET", f"{UC}/{kind}s{ONE}", get(kind)) for kind in ("catalog", "schema", "volume", "function", "table")),
    *(("PATCH", f"{UC}/{kind}s{ONE}", update(kind)) for kind in ("catalog", "schema", "volume", "function", "table")),
    ("POST", f"{UC}/catalogs", create_catalog),
    ("POST", f"{UC}/schemas", create_schema),
    ("POST", f"{UC}/volumes", create_volume),
    ("GET", f"{UC}/tables", list_tables),
    ("GET", f"{UC}/permissions{ONE}{ONE}", permissions),
    ("PATCH", f"{UC}/permissions{ONE}{ONE}", change_permissions),
    ("GET", f"{UC}/effective-permissions{ONE}{ONE}", effective),
    ("POST", "/api/2.0/sql/statements/?", execute),
    ("GET", f"/api/2.0/sql/statements{ONE}/result/chunks{ONE}", chunk),
    ("GET", f"{POLICIES}/list", list_policies),
    ("POST", f"{POLICIES}/create", create_policy),
    ("POST", f"{POLICIES}/edit", edit_policy),
    ("GET", f"/api/2.0/permissions/cluster-policies{ONE}", policy_permissions),
    ("PUT", f"/api/2.0/permissions/cluster-policies{ONE}", set_policy_permissions),
    ("GET", f"{SECRETS}/scopes/list", list_scopes),
    ("POST", f"{SECRETS}/scopes/create", create_scope),
    ("GET", f"{SECRETS}/acls/list", list_acls),
    ("POST", f"{SECRETS}/acls/put", put_acl),
    ("POST", f"{SECRETS}/acls/delete", delete_acl),
    ("GET", f"{SECRETS}/list", list_secrets),
    ("POST", f"{SECRETS}/put", put_secret),
    ("GET", "/api/2.0/preview/scim/v2/Me", me),
]
