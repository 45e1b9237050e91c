"""What the fake workspace answers to calls of Unity Catalog and of a SQL warehouse."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fitness_assets_tests.databricks.governance.fake_catalog import sql
from fitness_assets_tests.databricks.governance.fake_catalog.catalog import (
    ApiError,
    FakeKey,
    FakeSecurable,
    denied,
    invalid,
    not_found,
)
from fitness_assets_tests.databricks.governance.fake_catalog.principals import DEPLOYER
from fitness_assets_tests.databricks.governance.fake_catalog.state import FakeState

Json = dict[str, Any]
PAGE_SIZE = 2
DETAIL_COLUMNS = ["format", "tableType", "clusteringColumns"]
"""Some of what DESCRIBE DETAIL tells; the order is not the documented one, so that nobody counts on it."""


def _info(name: str, securable: FakeSecurable) -> Json:
    """A securable as Unity Catalog describes it."""
    info: Json = {"name": name.rpartition(".")[2], "full_name": name, "owner": securable.owner}
    info |= {"comment": securable.comment} if securable.comment else {}
    if securable.type == "catalog":
        info["enable_predictive_optimization"] = securable.predictive_optimization
    if securable.type == "function":
        info |= {"routine_definition": securable.function["body"], "routine_body": "SQL"}
    if securable.type == "table":
        info["table_type"] = "VIEW" if securable.view is not None else "MANAGED"
        info["columns"] = [
            {"name": column_name, "type_text": column["type"], "comment": column.get("comment")}
            | ({"mask": {"function_name": column["mask"]}} if "mask" in column else {})
            for column_name, column in securable.columns.items()
        ]
        info |= {"table_constraints": [_constraint(key_name, key) for key_name, key in securable.keys.items()]}
        info |= {"view_definition": securable.view} if securable.view is not None else {}
        if securable.row_filter:
            function, columns = securable.row_filter
            info["row_filter"] = {"function_name": function, "input_column_names": columns}
    return info


def _constraint(name: str, key: FakeKey) -> Json:
    fields: Json = {"name": name, "child_columns": key.columns} | ({"rely": True} if key.rely else {})
    if key.parent is None:
        return {"primary_key_constraint": fields}
    return {"foreign_key_constraint": fields | {"parent_table": key.parent, "parent_columns": key.parent_columns}}


def get_securable(securable_type: str) -> Callable[[FakeState, Json, Json, str], Json]:
    return lambda state, query, body, name: _info(name, state.catalog.get(securable_type, name))


def update_securable(securable_type: str) -> Callable[[FakeState, Json, Json, str], Json]:
    def handler(state: FakeState, query: Json, body: Json, name: str) -> Json:
        if set(body) != {"owner"}:
            raise invalid(f"{sorted(body)} cannot be updated so.")
        state.catalog.set_owner(securable_type, name, body["owner"])
        return _info(name, state.catalog.get(securable_type, name))

    return handler


def create_catalog(state: FakeState, query: Json, body: Json) -> Json:
    catalog = state.catalog.create("catalog", body["name"])
    # What Catalog Explorer and some accounts do by default.
    catalog.grants["account users"] = {"BROWSE"}
    return _info(body["name"], catalog)


def create_schema(state: FakeState, query: Json, body: Json) -> Json:
    name = f"{body['catalog_name']}.{body['name']}"
    return _info(name, state.catalog.create("schema", name))


def create_volume(state: FakeState, query: Json, body: Json) -> Json:
    if body.get("volume_type") != "MANAGED":
        raise invalid("volume_type must be MANAGED or come with a storage_location.")
    name = f"{body['catalog_name']}.{body['schema_name']}.{body['name']}"
    return _info(name, state.catalog.create("volume", name))


def list_tables(state: FakeState, query: Json, body: Json) -> Json:
    prefix = f"{query['catalog_name']}.{query['schema_name']}."
    listed = [
        # Only a table that is asked for by its name comes with its constraints.
        {field: value for field, value in _info(name, securable).items() if field != "table_constraints"}
        for name, securable in state.catalog.securables.items()
        if securable.type == "table" and name.startswith(prefix)
    ]
    return _page("tables", listed, query)


def get_permissions(state: FakeState, query: Json, body: Json, securable_type: str, name: str) -> Json:
    grants = sorted(state.catalog.get(securable_type, name).grants.items())
    return _assignments_page({principal: sorted(privileges) for principal, privileges in grants}, query)


def get_effective_permissions(state: FakeState, query: Json, body: Json, securable_type: str, name: str) -> Json:
    if securable_type == "metastore":
        holders = {**state.catalog.metastore_grants, DEPLOYER: state.catalog.principals.metastore_privileges}
        return _assignments_page(
            {holder: [{"privilege": privilege} for privilege in sorted(held)] for holder, held in holders.items()},
            query,
        )
    state.catalog.get(securable_type, name)
    by_principal: dict[str, list[Json]] = {}
    effective = sorted(state.catalog.effective_privileges(name).items())
    for (principal, privilege), (source_type, source_name) in effective:
        inherited = {"inherited_from_type": source_type, "inherited_from_name": source_name} if source_name else {}
        by_principal.setdefault(principal, []).append({"privilege": privilege, **inherited})
    return _assignments_page(by_principal, query)


def _principal_fields(principal: str) -> Json:
    """A principal that was deleted is left with its number."""
    return {"principal_id": int(principal[1:])} if principal.startswith("#") else {"principal": principal}


def _assignments_page(privileges: Mapping[str, Sequence[Any]], query: Json) -> Json:
    if query.get("max_results") != "0":
        raise invalid("without max_results=0 there is no second page")
    assignments = [
        {**_principal_fields(principal), "privileges": held}
        for principal, held in privileges.items()
        if query.get("principal") in (None, principal)
    ]
    if "page_token" not in query:
        # A page may be empty though others follow.
        return {"next_page_token": "0"}
    return _page("privilege_assignments", assignments, query)


def _page(key: str, entries: list[Json], query: Json) -> Json:
    first = int(query.get("page_token", 0))
    page: Json = {key: entries[first : first + PAGE_SIZE]}
    return page | ({"next_page_token": str(first + PAGE_SIZE)} if first + PAGE_SIZE < len(entries) else {})


def change_permissions(state: FakeState, query: Json, body: Json, securable_type: str, name: str) -> Json:
    state.catalog.change_grants(securable_type, name, body["changes"])
    return {}


def execute_statement(state: FakeState, query: Json, body: Json) -> Json:
    if body["warehouse_id"] != "warehouse-1":
        raise not_found("the warehouse")
    if not state.catalog.principals.has_sql_access:
        raise denied("This user is not entitled to use Databricks SQL.")
    if not state.may_use_warehouse:
        raise denied("You do not have permission to use the SQL warehouse.")
    state.statements.append(body["statement"])
    try:
        rows = sql.run(state.catalog, body["statement"])
    except ApiError as error:
        message = f"PERMISSION_DENIED: {error}" if error.status == 403 else str(error)
        failure = {"error_code": error.code, "message": message}
        return {"statement_id": "s", "status": {"state": "FAILED", "error": failure}}
    # The second half of a result comes as a chunk of its own.
    half = len(rows) // 2
    statement_id = f"s{len(state.statements)}"
    state.results[statement_id] = rows[half:]
    names = DETAIL_COLUMNS if body["statement"].startswith("DESCRIBE DETAIL") else []
    manifest = {"schema": {"columns": [{"name": name} for name in names]}}
    first: Json = {"chunk_index": 0, "data_array": rows[:half]} | ({"next_chunk_index": 1} if rows else {})
    return {"statement_id": statement_id, "status": {"state": "SUCCEEDED"}, "manifest": manifest, "result": first}


def get_result_chunk(state: FakeState, query: Json, body: Json, statement_id: str, index: str) -> Json:
    return {"chunk_index": int(index), "data_array": state.results[statement_id]}
