"""What a catalog holds, as far as governance touches it. It refuses what Databricks refuses."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fitness_assets.contracts.model import Layer
from fitness_assets.contracts.registry import all_tables
from fitness_assets_tests.databricks.governance.fake_catalog.principals import DEPLOYER, FakePrincipals

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
PERSONAL_COLUMNS = {
    table.full_name: {column.name for column in table.all_columns if column.pii} for table in all_tables().values()
}


class ApiError(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def invalid(message: str) -> ApiError:
    return ApiError(400, "INVALID_PARAMETER_VALUE", message)


def not_found(name: str) -> ApiError:
    return ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"{name} does not exist.")


def denied(message: str) -> ApiError:
    return ApiError(403, "PERMISSION_DENIED", message)


@dataclass
class FakeKey:
    """A primary key, or with a parent a foreign key."""

    columns: list[str]
    parent: str | None = None
    parent_columns: list[str] = field(default_factory=list)
    rely: bool = False


@dataclass
class FakeSecurable:
    """A catalog, schema, volume, function or table."""

    type: str
    owner: str = DEPLOYER
    comment: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, FakeKey] = field(default_factory=dict)
    clustering: list[str] = field(default_factory=list)
    predictive_optimization: str = "INHERIT"
    row_filter: tuple[str, list[str]] | None = None
    view: str | None = None
    function: dict[str, str] = field(default_factory=dict)
    grants: dict[str, set[str]] = field(default_factory=dict)


class FakeCatalog:
    """One metastore.

    Attributes:
        principals: who there is, and who makes the calls.
        leaks: each personal column that people could read without a mask at some instant.
        rewrites: how the text of a view is kept otherwise than it was sent, beyond its writing.
        governed_tags: the values that each governed tag of the account may have; none is any.
        shows_governed_tags: whether the deployer may see them.
        keeps_comments: whether a comment that is set on a catalog, schema, table or volume stays.
    """

    def __init__(self) -> None:
        self.securables: dict[str, FakeSecurable] = {}
        self.metastore_grants: dict[str, set[str]] = {}
        self.leaks: list[str] = []
        self.principals = FakePrincipals()
        self.governed_tags: dict[str, list[str]] = {}
        self.shows_governed_tags = True
        self.keeps_comments = True
        self.rewrites: Callable[[str], str] = lambda text: text

    def create_pipeline_tables(self, catalog: str, *names: str) -> None:
        """The tables of the contracts as the pipeline makes them: without comments, owned by the service."""
        for layer in Layer:
            assert f"{catalog}.{layer.value}" in self.securables
        for table in all_tables().values():
            if not names or table.full_name in names:
                columns = {
                    column.name: {"type": column.type, "nullable": column.nullable} for column in table.all_columns
                }
                self.securables[f"{catalog}.{table.full_name}"] = FakeSecurable(
                    "table", "fitness_service", columns=columns
                )

    def get(self, securable_type: str, name: str) -> FakeSecurable:
        securable = self.securables.get(name)
        if securable is None or securable.type != securable_type:
            raise not_found(f"{securable_type} {name}")
        return securable

    def create(self, securable_type: str, name: str, **fields: Any) -> FakeSecurable:
        """Something new, owned by the deployer, who needs the right to make it there."""
        parent = name.rpartition(".")[0]
        if parent and parent not in self.securables:
            raise not_found(f"what holds {name}")
        if name in self.securables:
            code = f"{securable_type.upper()}_ALREADY_EXISTS"
            raise ApiError(409, code, f"{securable_type} {name} already exists.")
        privilege = f"CREATE_{securable_type.upper()}"
        if parent and not self.may_do(privilege, parent):
            raise denied(f"User does not have {privilege} on {self.securables[parent].type} '{parent}'.")
        if not parent and privilege not in self._metastore_privileges():
            raise denied(f"User does not have {privilege.replace('_', ' ')} on Metastore 'main-metastore'.")
        self.securables[name] = FakeSecurable(securable_type, **fields)
        return self.securables[name]

    def _metastore_privileges(self) -> set[str]:
        """What the deployer may do on the metastore, itself or by a group."""
        held = [self.metastore_grants.get(identity, set()) for identity in self.principals.deployer_identities]
        return self.principals.metastore_privileges.union(*held)

    def get_owned(self, securable_type: str, name: str) -> FakeSecurable:
        """A securable that is to be altered, which its owner alone may do."""
        securable = self.get(securable_type, name)
        if securable.owner not in self.principals.deployer_identities:
            raise denied(f"User is not an owner of {securable_type.capitalize()} '{name}'.")
        return securable

    def may_do(self, privilege: str, name: str) -> bool:
        """Whether the deployer owns a securable, or has the privilege on it or above it."""
        identities = self.principals.deployer_identities
        holders = {holder for holder, held in self.effective_privileges(name) if held in (privilege, "ALL_PRIVILEGES")}
        return self.securables[name].owner in identities or bool(holders & identities)

    def may_manage(self, name: str) -> bool:
        """Whether the deployer may grant and give away: as the owner of it or of what holds it, or by MANAGE."""
        parts = name.split(".")
        owners = {self.securables[".".join(parts[:count])].owner for count in range(1, len(parts) + 1)}
        managers = {holder for holder, held in self.effective_privileges(name) if held == "MANAGE"}
        identities = self.principals.deployer_identities
        return bool((owners | managers) & identities) or self.principals.is_metastore_admin

    def set_owner(self, securable_type: str, name: str, owner: str) -> None:
        securable = self.get(securable_type, name)
        if not self.may_manage(name):
            raise denied(f"User is not an owner of {securable_type.capitalize()} '{name}'.")
        self.require_principal(owner)
        if not self.principals.may_become_owner(owner):
            raise denied(f"User must be a member of group '{owner}', or a metastore admin, to make it the owner.")
        securable.owner = owner

    def require_principal(self, principal: str) -> None:
        if not self.principals.exists(principal):
            raise ApiError(404, "PRINCIPAL_DOES_NOT_EXIST", f"Could not find principal with name {principal}.")

    def change_grants(self, securable_type: str, name: str, changes: list[dict[str, Any]]) -> None:
        securable = self.get(securable_type, name)
        if not self.may_manage(name):
            raise denied(f"User does not have MANAGE on {securable_type.capitalize()} '{name}'.")
        for change in changes:
            for privilege in [*change.get("add", []), *change.get("remove", [])]:
                if privilege not in PRIVILEGES[securable_type]:
                    entity = f"{name}:{securable_type.upper()}"
                    raise invalid(f"Privilege {privilege} is not applicable to this entity [{entity}].")
            principal = change.get("principal") or f"#{change['principal_id']}"
            if "principal" in change:
                self.require_principal(principal)
            privileges = securable.grants.setdefault(principal, set())
            privileges |= set(change.get("add", []))
            privileges -= set(change.get("remove", []))
            if not privileges:
                del securable.grants[principal]

    def effective_privileges(self, name: str) -> dict[tuple[str, str], tuple[str, str]]:
        """Principal and privilege of all that holds on a securable, and what it is inherited from."""
        parts = name.split(".")
        effective: dict[tuple[str, str], tuple[str, str]] = {}
        for count in range(len(parts), 0, -1):
            source_name = ".".join(parts[:count])
            source = self.securables[source_name]
            for principal, privileges in source.grants.items():
                for privilege in privileges:
                    inherited = ("", "") if source_name == name else (source.type.upper(), source_name)
                    effective.setdefault((principal, privilege), inherited)
        for principal, privileges in self.metastore_grants.items():
            for privilege in privileges:
                effective.setdefault((principal, privilege), ("METASTORE", "main-metastore"))
        return effective

    def record_leaks(self) -> None:
        """Record each personal column that people can read without a mask at this instant."""
        for name, securable in self.securables.items():
            table_name = name.partition(".")[2].replace("shared_db.", "gold_db.")
            personal = PERSONAL_COLUMNS.get(table_name, set()) if securable.type == "table" else set()
            effective = self.effective_privileges(name) if personal else {}
            for group in PEOPLE:
                privileges = {privilege for principal, privilege in effective if principal == group}
                if "ALL_PRIVILEGES" in privileges or {"USE_CATALOG", "USE_SCHEMA", "SELECT"} <= privileges:
                    health = {"heartrate", "min_bpm", "avg_bpm", "max_bpm", "minutes_exercising"}
                    allowed = health if group == "fitness_data_scientists" else set()
                    masked = re.findall(r"mask_\w+`?\(`?(\w+)`?\)", securable.view or "")
                    leaked = personal - allowed - set(masked)
                    self.leaks += [f"{group} reads {name}.{column}" for column in sorted(leaked)]
