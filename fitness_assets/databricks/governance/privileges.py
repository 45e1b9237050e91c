"""Unity Catalog's securables and the privileges that can be granted on each, as Databricks publishes them
(https://docs.databricks.com/data-governance/unity-catalog/access-control/privileges-reference)."""

from dataclasses import dataclass
from enum import Enum

from fitness_assets.databricks.workspace import EVERYBODY
from fitness_assets.errors import GovernanceError


class Kind(Enum):
    """What privileges are granted on; the value is its name in REST paths."""

    CATALOG = "catalog"
    SCHEMA = "schema"
    TABLE = "table"
    """Views too."""
    VOLUME = "volume"
    FUNCTION = "function"


_TABLE = {"SELECT", "MODIFY", "APPLY_TAG"}
_VOLUME = {"READ_VOLUME", "WRITE_VOLUME", "APPLY_TAG"}
_FUNCTION = {"EXECUTE", "APPLY_TAG"}
_SCHEMA = {
    *("USE_SCHEMA", "EXTERNAL_USE_SCHEMA", "REFRESH"),
    *("CREATE_TABLE", "CREATE_VIEW", "CREATE_FUNCTION", "CREATE_VOLUME", "CREATE_MATERIALIZED_VIEW"),
    *("CREATE_MODEL", "CREATE_MODEL_VERSION"),
}
_ANY = {"ALL_PRIVILEGES", "MANAGE"}

PRIVILEGES: dict[Kind, frozenset[str]] = {
    Kind.CATALOG: frozenset({"USE_CATALOG", "CREATE_SCHEMA", "BROWSE"} | _SCHEMA | _TABLE | _VOLUME | _FUNCTION | _ANY),
    Kind.SCHEMA: frozenset(_SCHEMA | _TABLE | _VOLUME | _FUNCTION | _ANY),
    Kind.TABLE: frozenset(_TABLE | _ANY),
    Kind.VOLUME: frozenset(_VOLUME | _ANY),
    Kind.FUNCTION: frozenset(_FUNCTION | _ANY),
}
"""A privilege on a catalog or schema is inherited by everything in it."""


@dataclass(frozen=True)
class Securable:
    """Something in the catalog, by its kind and full name."""

    kind: Kind
    name: str

    @property
    def sql(self) -> str:
        """The name in SQL, each part quoted."""
        return ".".join(identifier(part) for part in self.name.split("."))

    @property
    def above(self) -> "list[Securable]":
        """What it inherits privileges from, nearest first."""
        parts = self.name.split(".")
        kinds = [Kind.CATALOG, Kind.SCHEMA]
        return [Securable(kinds[n - 1], ".".join(parts[:n])) for n in range(len(parts) - 1, 0, -1)]

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name}"


@dataclass(frozen=True)
class Grant:
    """One privilege of one principal on one securable."""

    on: Securable
    principal: str
    privilege: str


def checked(grants: list[Grant]) -> list[Grant]:
    """The grants, if Unity Catalog knows each privilege and nobody is everybody.

    Raises:
        GovernanceError: one is not a privilege of its kind of securable, or goes to everybody.
    """
    for grant in grants:
        if grant.privilege not in PRIVILEGES[grant.on.kind]:
            raise GovernanceError(f"{grant.privilege} cannot be granted on a {grant.on.kind.value} ({grant.on.name}).")
        if grant.principal.lower() in EVERYBODY:
            raise GovernanceError(f"{grant.privilege} on {grant.on} would go to everybody ({grant.principal}).")
    return grants


def identifier(name: str) -> str:
    """A name quoted for SQL."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """A string for SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
