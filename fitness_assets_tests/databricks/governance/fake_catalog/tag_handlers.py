"""What the fake workspace answers to calls of the account's governed tags."""

from typing import Any

from fitness_assets_tests.databricks.governance.fake_catalog.catalog import ApiError, denied, invalid, not_found
from fitness_assets_tests.databricks.governance.fake_catalog.state import FakeState

Json = dict[str, Any]


def get_tag_policy(state: FakeState, query: Json, body: Json, tag: str) -> Json:
    if not state.catalog.shows_governed_tags:
        raise denied("User may not see tag policies.")
    if tag not in state.catalog.governed_tags:
        raise not_found(f"tag policy {tag}")
    values = state.catalog.governed_tags[tag]
    return {"tag_key": tag, "values": [{"name": value} for value in values]}


def create_tag_policy(state: FakeState, query: Json, body: Json) -> Json:
    tag = body["tag_key"]
    _require_right(state)
    if tag in state.catalog.governed_tags:
        raise ApiError(409, "ALREADY_EXISTS", f"Tag policy {tag} already exists.")
    state.catalog.governed_tags[tag] = _values(body)
    return get_tag_policy(state, query, body, tag)


def update_tag_policy(state: FakeState, query: Json, body: Json, tag: str) -> Json:
    get_tag_policy(state, query, body, tag)
    _require_right(state)
    if query.get("update_mask") != "values":
        raise invalid(f"update_mask {query.get('update_mask')} would change more than the values.")
    state.catalog.governed_tags[tag] = _values(body)
    return get_tag_policy(state, query, body, tag)


def _values(body: Json) -> list[str]:
    values = [value["name"] for value in body["values"]]
    if len(set(values)) < len(values):
        raise invalid("Each value must be unique.")
    return values


def _require_right(state: FakeState) -> None:
    """Admins of the account and of the workspace may make governed tags."""
    if not (state.catalog.principals.is_account_admin or state.catalog.principals.is_workspace_admin):
        raise denied("User does not have CREATE on tag policies.")
