"""Who holds which privilege, as the workspace tells it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.governance.securables.privileges import Securable

DELETED_PRINCIPAL = "deleted principal "


def direct_privileges(client: Client, securable: Securable) -> Iterator[tuple[str, str]]:
    """Principal and privilege of each grant on a securable itself."""
    for assignment in _assignments(client, "permissions", securable.type.value, securable.name):
        for privilege in assignment.get("privileges", []):
            yield _principal(assignment), str(privilege)


def effective_privileges(client: Client, securable: Securable) -> Iterator[tuple[str, str, str]]:
    """Principal and privilege of each grant that holds on a securable, and where it is inherited from, if it is."""
    return effective_privileges_at(client, securable.type.value, securable.name)


def effective_privileges_at(client: Client, type_name: str, name: str) -> Iterator[tuple[str, str, str]]:
    """The same of what is no securable of ours, such as the metastore."""
    for assignment in _assignments(client, "effective-permissions", type_name, name):
        for privilege in assignment.get("privileges", []):
            source_type, source_name = privilege.get("inherited_from_type"), privilege.get("inherited_from_name")
            source = f"{str(source_type).lower()} {source_name}" if source_name else ""
            yield _principal(assignment), str(privilege["privilege"]), source


def _principal(assignment: dict[str, Any]) -> str:
    """The principal's name; one that was deleted has its number alone."""
    return str(assignment.get("principal") or f"{DELETED_PRINCIPAL}{assignment.get('principal_id')}")


def _assignments(client: Client, endpoint: str, type_name: str, name: str) -> Iterator[dict[str, Any]]:
    """All pages, as they come: the SDK's own types drop privileges that are newer than the SDK."""
    path = f"/api/2.1/unity-catalog/{endpoint}/{type_name}/{quote(name)}"
    query: dict[str, Any] = {"max_results": 0}
    while True:
        page = client.api_client.do("GET", path, query=dict(query))
        assert isinstance(page, dict)
        yield from page.get("privilege_assignments", [])
        if not page.get("next_page_token"):
            return
        query["page_token"] = page["next_page_token"]
