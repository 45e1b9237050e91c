"""Unity Catalog's securables and the privileges that can be granted on each, as Databricks publishes them
(https://docs.databricks.com/data-governance/unity-catalog/access-control/privileges-reference)."""

from dataclasses import dataclass
from enum import Enum

from fitness_assets.databricks.governance.securables.quoting import quote_name
from fitness_assets.errors import GovernanceError
from fitness_assets.settings.governance import EVERYBODY


class SecurableType(Enum):
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
_CATALOG = {"USE_CATALOG", "CREATE_SCHEMA", "BROWSE"}
_ANY = {"ALL_PRIVILEGES", "MANAGE"}

PRIVILEGES: dict[SecurableType, frozenset[str]] = {
    SecurableType.CATALOG: frozenset(_CATALOG | _SCHEMA | _TABLE | _VOLUME | _FUNCTION | _ANY),
    SecurableType.SCHEMA: frozenset(_SCHEMA | _TABLE | _VOLUME | _FUNCTION | _ANY),
    SecurableType.TABLE: frozenset(_TABLE | _ANY),
    SecurableType.VOLUME: frozenset(_VOLUME | _ANY),
    SecurableType.FUNCTION: frozenset(_FUNCTION | _ANY),
}
"""A privilege on a catalog or schema is inherited by everything in it."""


@dataclass(frozen=True)
class Securable:
    """Something in the catalog, by its type and full name."""

    type: SecurableType
    name: str

    @classmethod
    def parse(cls, text: str) -> "Securable":
        """The securable that `str` made a text of."""
        type_name, name = text.split(" ", 1)
        return cls(SecurableType(type_name), name)

    @property
    def sql(self) -> str:
        """The name in SQL, each part quoted."""
        return ".".join(quote_name(part) for part in self.name.split("."))

    @property
    def ancestors(self) -> "list[Securable]":
        """What it inherits privileges from, nearest first."""
        parts = self.name.split(".")
        types = [SecurableType.CATALOG, SecurableType.SCHEMA]
        return [Securable(types[n - 1], ".".join(parts[:n])) for n in range(len(parts) - 1, 0, -1)]

    def __str__(self) -> str:
        return f"{self.type.value} {self.name}"


@dataclass(frozen=True)
class Grant:
    """One privilege of one principal on one securable."""

    securable: Securable
    principal: str
    privilege: str


def validate_grants(grants: list[Grant]) -> list[Grant]:
    """The grants, if Unity Catalog knows each privilege and nobody is everybody.

    Raises:
        GovernanceError: one is not a privilege of its type of securable, or goes to everybody.
    """
    for grant in grants:
        securable = grant.securable
        if grant.privilege not in PRIVILEGES[securable.type]:
            raise GovernanceError(
                f"{grant.privilege} cannot be granted on a {securable.type.value} ({securable.name})."
            )
        if grant.principal.lower() in EVERYBODY:
            raise GovernanceError(f"{grant.privilege} on {securable} would go to everybody ({grant.principal}).")
    return grants
