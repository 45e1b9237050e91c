"""The catalog as it is, as far as it is ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from databricks.sdk.service.catalog import TableInfo

from fitness_assets.databricks.calls import Sql, or_none
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.governance.declared import TAGS, Declared, grant_fact, normal
from fitness_assets.databricks.governance.privileges import Grant, Kind, Securable, literal
from fitness_assets.databricks.state import Aspect, Fact

DELETED = "deleted principal "


@dataclass(frozen=True)
class Found:
    """What is there.

    Attributes:
        missing: declared tables that the pipeline has not made yet.
        strangers: tables in our schemas that nobody declared.
    """

    facts: dict[Fact, str]
    there: list[Securable]
    missing: list[Securable]
    strangers: list[str]


def look(client: Client, sql: Sql, declared: Declared) -> Found:
    """Read all that is ours; it changes nothing."""
    found = Found({}, [], [], [])
    catalog = or_none(lambda: client.catalogs.get(declared.catalog.name))
    if catalog is None:
        found.missing.extend(declared.tables)
        return found
    _note(found, declared.catalog, catalog.comment, catalog.owner)
    for schema in declared.schemas:
        there = or_none(lambda: client.schemas.get(schema.name))  # noqa: B023  called at once
        if there is not None:
            _note(found, schema, there.comment, there.owner)
    for volume in declared.volumes:
        one = or_none(lambda: client.volumes.read(volume.name))  # noqa: B023  called at once
        if one is not None:
            _note(found, volume, one.comment, one.owner)
    for on in declared.functions:
        function = or_none(lambda: client.functions.get(on.name))  # noqa: B023  called at once
        if function is not None:
            found.there.append(on)
            found.facts[Fact(Aspect.FUNCTION, str(on))] = normal(function.routine_definition or "")
            found.facts[Fact(Aspect.OWNER, str(on))] = function.owner or ""
    _tables(client, declared, found)
    _tags(sql, declared, found)
    for on in found.there:
        for principal, privilege in direct(client, on):
            found.facts[grant_fact(Grant(on, principal, privilege))] = "yes"
    return found


def _note(found: Found, on: Securable, comment: str | None, owner: str | None) -> None:
    found.there.append(on)
    found.facts[Fact(Aspect.EXISTS, str(on))] = "yes"
    if comment:
        found.facts[Fact(Aspect.COMMENT, str(on))] = comment
    found.facts[Fact(Aspect.OWNER, str(on))] = owner or ""


def _tables(client: Client, declared: Declared, found: Found) -> None:
    there: set[str] = set()
    for schema in declared.schemas:
        if schema in found.there:
            catalog, name = schema.name.split(".")
            listed = client.tables.list(catalog, name, max_results=0, omit_columns=True)
            there |= {one.full_name for one in listed if one.full_name}
    for on in declared.tables:
        if on.name in there:
            info = client.tables.get(on.name)
            found.there.append(on)
            found.facts.update(_of_table(on, info))
        else:
            found.missing.append(on)
    for on in declared.views:
        if on.name in there:
            info = client.tables.get(on.name)
            found.there.append(on)
            found.facts[Fact(Aspect.VIEW, str(on))] = normal(info.view_definition or "")
            found.facts[Fact(Aspect.OWNER, str(on))] = info.owner or ""
    found.strangers.extend(sorted(there - {on.name for on in (*declared.tables, *declared.views)}))


def _of_table(on: Securable, info: TableInfo) -> dict[Fact, str]:
    facts = {Fact(Aspect.OWNER, str(on)): info.owner or ""}
    if info.comment:
        facts[Fact(Aspect.COMMENT, str(on))] = info.comment
    if info.row_filter:
        facts[Fact(Aspect.FILTER, str(on))] = info.row_filter.function_name
    for column in info.columns or []:
        name = column.name or ""
        if column.comment:
            facts[Fact(Aspect.COMMENT, str(on), (name,))] = column.comment
        if column.mask:
            facts[Fact(Aspect.MASK, str(on), (name,))] = column.mask.function_name or ""
    return facts


def _tags(sql: Sql, declared: Declared, found: Found) -> None:
    """Tags are in no REST answer of this SDK, only in the information schema."""
    schema = f"{declared.catalog.sql}.information_schema"
    ours = {on.name: on for on in (*declared.tables, *declared.views)}
    names = ", ".join(literal(tag) for tag in TAGS)
    for source, column in (("table_tags", "''"), ("column_tags", "column_name")):
        query = (
            f"SELECT schema_name, table_name, {column}, tag_name, tag_value FROM {schema}.{source} "
            f"WHERE tag_name IN ({names})"
        )
        for schema_name, table, of_column, tag, value in sql.rows(query):
            on = ours.get(f"{declared.catalog.name}.{schema_name}.{table}")
            if on in found.there:
                detail = tuple(part for part in (of_column, tag) if part)
                found.facts[Fact(Aspect.TAG, str(on), detail)] = value or ""


def direct(client: Client, on: Securable) -> Iterator[tuple[str, str]]:
    """Principal and privilege of each grant on a securable itself."""
    for assignment in _assignments(client, "permissions", on):
        for privilege in assignment.get("privileges", []):
            yield _principal(assignment), str(privilege)


def effective(client: Client, on: Securable) -> Iterator[tuple[str, str, str]]:
    """Principal and privilege of each grant that holds on a securable, and where it is inherited from, if it is."""
    for assignment in _assignments(client, "effective-permissions", on):
        for privilege in assignment.get("privileges", []):
            kind, name = privilege.get("inherited_from_type"), privilege.get("inherited_from_name")
            source = f"{str(kind).lower()} {name}" if name else ""
            yield _principal(assignment), str(privilege["privilege"]), source


def _principal(assignment: dict[str, Any]) -> str:
    """The principal's name; one that was deleted has its number alone."""
    return str(assignment.get("principal") or f"{DELETED}{assignment.get('principal_id')}")


def _assignments(client: Client, what: str, on: Securable) -> Iterator[dict[str, Any]]:
    """All pages, as they come: the SDK's own types drop privileges that are newer than the SDK."""
    path = f"/api/2.1/unity-catalog/{what}/{on.kind.value}/{quote(on.name)}"
    query: dict[str, Any] = {"max_results": 0}
    while True:
        page = client.api_client.do("GET", path, query=dict(query))
        assert isinstance(page, dict)
        yield from page.get("privilege_assignments", [])
        if not page.get("next_page_token"):
            return
        query["page_token"] = page["next_page_token"]


def kind_of(words: str) -> Securable:
    """The securable that a fact is about."""
    kind, name = words.split(" ", 1)
    return Securable(Kind(kind), name)
