"""What a workspace holds, as far as governance touches it. It refuses what Databricks refuses."""

import re
from dataclasses import dataclass, field
from typing import Any

from fitness_assets.contracts.model import Layer
from fitness_assets.contracts.registry import all_tables

DEPLOYER = "deployer@example.com"
OWNERS = "fitness_owners"
PEOPLE = ("fitness_analysts", "fitness_data_scientists")
"""Groups that must never reach a personal column without its mask."""

TABLE = {"SELECT", "MODIFY", "APPLY_TAG", "MANAGE", "ALL_PRIVILEGES"}
VOLUME = {"READ_VOLUME", "WRITE_VOLUME", "APPLY_TAG", "MANAGE", "ALL_PRIVILEGES"}
FUNCTION = {"EXECUTE", "APPLY_TAG", "MANAGE", "ALL_PRIVILEGES"}
SCHEMA = TABLE | VOLUME | FUNCTION
SCHEMA |= {"USE_SCHEMA", "CREATE_TABLE", "CREATE_FUNCTION", "CREATE_VOLUME", "CREATE_MODEL", "EXTERNAL_USE_SCHEMA"}
SCHEMA |= {"CREATE_MATERIALIZED_VIEW", "REFRESH"}
PRIVILEGES = {
    "catalog": SCHEMA | {"USE_CATALOG", "CREATE_SCHEMA", "BROWSE"},
    "schema": SCHEMA,
    "table": TABLE,
    "volume": VOLUME,
    "function": FUNCTION,
}
PERSONAL = {
    table.full_name: {column.name for column in table.all_columns if column.pii} for table in all_tables().values()
}


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def bad(message: str) -> Refused:
    return Refused(400, "INVALID_PARAMETER_VALUE", message)


def missing(what: str) -> Refused:
    return Refused(404, "RESOURCE_DOES_NOT_EXIST", f"{what} does not exist.")


@dataclass
class Thing:
    """A catalog, schema, volume, function or table."""

    kind: str
    owner: str = DEPLOYER
    comment: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    row_filter: tuple[str, list[str]] | None = None
    view: str | None = None
    function: dict[str, str] = field(default_factory=dict)
    grants: dict[str, set[str]] = field(default_factory=dict)


class Unity:
    """One metastore and one workspace."""

    def __init__(self) -> None:
        self.things: dict[str, Thing] = {}
        self.metastore_grants: dict[str, set[str]] = {}
        self.policies: dict[str, dict[str, Any]] = {}
        self.scopes: dict[str, dict[str, dict[str, str]]] = {}
        self.leaks: list[str] = []
        self.owners = OWNERS
        self.forgets_comments = False

    def pipeline_makes_tables(self, catalog: str, *names: str) -> None:
        """The tables of the contracts as the pipeline makes them: without comments, owned by the service."""
        for layer in Layer:
            assert f"{catalog}.{layer.value}" in self.things
        for table in all_tables().values():
            if not names or table.full_name in names:
                columns = {column.name: {"type": column.type} for column in table.all_columns}
                self.things[f"{catalog}.{table.full_name}"] = Thing("table", "fitness_service", columns=columns)

    def get(self, kind: str, name: str) -> Thing:
        thing = self.things.get(name)
        if thing is None or thing.kind != kind:
            raise missing(f"{kind} {name}")
        return thing

    def create(self, kind: str, name: str, **fields: Any) -> Thing:
        above = name.rpartition(".")[0]
        if above and above not in self.things:
            raise missing(f"what holds {name}")
        if name in self.things:
            code = "CATALOG_ALREADY_EXISTS" if kind == "catalog" else "SCHEMA_ALREADY_EXISTS"
            raise Refused(409, code, f"{kind} {name} already exists.")
        self.things[name] = Thing(kind, **fields)
        return self.things[name]

    def mine(self, kind: str, name: str) -> Thing:
        """A thing that its owner alone may alter."""
        thing = self.get(kind, name)
        if thing.owner not in (DEPLOYER, self.owners):
            raise Refused(403, "PERMISSION_DENIED", f"PERMISSION_DENIED: User is not an owner of {name}")
        return thing

    def change_grants(self, kind: str, name: str, changes: list[dict[str, Any]]) -> None:
        thing = self.get(kind, name)
        for change in changes:
            for privilege in [*change.get("add", []), *change.get("remove", [])]:
                if privilege not in PRIVILEGES[kind]:
                    raise bad(f"Privilege {privilege} is not applicable to this entity [{name}:{kind.upper()}].")
            principal = change.get("principal") or f"#{change['principal_id']}"
            held = thing.grants.setdefault(principal, set())
            held |= set(change.get("add", []))
            held -= set(change.get("remove", []))
            if not held:
                del thing.grants[principal]

    def effective(self, name: str) -> dict[tuple[str, str], tuple[str, str]]:
        """Principal and privilege of all that holds on a thing, and what it is inherited from."""
        parts = name.split(".")
        found: dict[tuple[str, str], tuple[str, str]] = {}
        for count in range(len(parts), 0, -1):
            above = ".".join(parts[:count])
            for principal, privileges in self.things[above].grants.items():
                for privilege in privileges:
                    source = ("", "") if above == name else (self.things[above].kind.upper(), above)
                    found.setdefault((principal, privilege), source)
        for principal, privileges in self.metastore_grants.items():
            for privilege in privileges:
                found.setdefault((principal, privilege), ("METASTORE", "main-metastore"))
        return found

    def watch(self) -> None:
        """Note each personal column that people can read without a mask at this instant."""
        for name, thing in self.things.items():
            table = name.partition(".")[2].replace("shared_db.", "gold_db.")
            personal = PERSONAL.get(table, set()) if thing.kind == "table" else set()
            held = self.effective(name) if personal else {}
            for group in PEOPLE:
                may = {privilege for principal, privilege in held if principal == group}
                if "ALL_PRIVILEGES" in may or {"USE_CATALOG", "USE_SCHEMA", "SELECT"} <= may:
                    seen_as_they_are = {"heartrate", "min_bpm", "avg_bpm", "max_bpm", "minutes_exercising"}
                    allowed = seen_as_they_are if group == "fitness_data_scientists" else set()
                    masked = re.findall(r"`mask_\w+`\(`(\w+)`\)", thing.view or "")
                    open_columns = personal - allowed - set(masked)
                    self.leaks += [f"{group} reads {name}.{column}" for column in sorted(open_columns)]


def unquoted(name: str) -> str:
    """`a`.`b` as a.b."""
    parts = re.findall(r"`((?:[^`]|``)+)`", name)
    if ".".join(f"`{part}`" for part in parts) != name:
        raise bad(f"[PARSE_SYNTAX_ERROR] {name}")
    return ".".join(part.replace("``", "`") for part in parts)
