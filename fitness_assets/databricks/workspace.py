"""Which catalog, warehouse and groups, from the environment alone, read when they are needed."""

import os
import re
from dataclasses import dataclass, field
from enum import Enum

from fitness_assets.errors import SettingError
from fitness_assets.settings import ENVIRONMENTS

GOVERNANCE_SCHEMA = "governance"
"""The schema of the functions that masks and row filters call."""
SHARED_SCHEMA = "shared_db"
"""The schema of the views that people read."""
LANDING_VOLUME = "bronz_db.landing_zone"
CHECKPOINT_VOLUME = "bronz_db.checkpoint_zone"
MESSAGES_VOLUME = "bronz_db.pipes_messages"
EVERYBODY = frozenset({"account users", "all account users", "users", "all users", "all workspace users"})
"""Principals that stand for everybody; nothing is ever granted to one of them."""
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_APPLICATION_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Role(Enum):
    """Who works with the platform; the value is the end of the setting that names the principal."""

    ENGINEER = "ENGINEERS"
    ANALYST = "ANALYSTS"
    DATA_SCIENTIST = "DATA_SCIENTISTS"
    SERVICE = "SERVICE"

    @property
    def setting(self) -> str:
        return f"FITNESS_GROUP_{self.value}"

    @property
    def words(self) -> str:
        return self.name.lower().replace("_", " ")


OWNERS_SETTING = "FITNESS_GROUP_OWNERS"


@dataclass(frozen=True)
class Workspace:
    """What governance and policies need to know of one environment.

    Attributes:
        environment: `dev`, `qa` or `prod`.
        catalog: the Unity Catalog catalog that is all ours.
        warehouse: id of the SQL warehouse that statements run on.
        roles: the account group of each role, or the application id of a service principal.
        owners: the group that owns everything; who applies governance must be a member.
        gyms: which gyms the members of a group may see; None means all of them.
        storage: where a new catalog keeps managed tables, if not in the metastore's own place.
        cost_center: the tag that compute is billed to.
    """

    environment: str
    catalog: str
    warehouse: str = ""
    roles: dict[Role, str] = field(default_factory=lambda: {role: f"fitness_{role.value.lower()}" for role in Role})
    owners: str = "fitness_owners"
    gyms: dict[str, frozenset[int] | None] = field(default_factory=dict)
    storage: str | None = None
    cost_center: str = "fitness"

    @classmethod
    def from_env(cls, environment: str | None = None, needs_warehouse: bool = True) -> "Workspace":
        """Read `FITNESS_ENV` (unless given), `FITNESS_CATALOG`, `FITNESS_SQL_WAREHOUSE`, `FITNESS_GROUP_...`,
        `FITNESS_GYM_GROUPS`, `FITNESS_CATALOG_STORAGE` and `FITNESS_COST_CENTER`.

        Raises:
            SettingError: one of them is missing or cannot be understood.
        """
        environment = environment or os.environ.get("FITNESS_ENV") or "dev"
        if environment not in ENVIRONMENTS:
            raise SettingError(f"FITNESS_ENV is {environment!r}; it must be one of {', '.join(ENVIRONMENTS)}.")
        # Unity Catalog keeps names in small letters.
        catalog = (os.environ.get("FITNESS_CATALOG") or environment).lower()
        if not _NAME.fullmatch(catalog):
            raise SettingError(f"FITNESS_CATALOG is {catalog!r}; it must be letters, digits, - and _ alone.")
        warehouse = os.environ.get("FITNESS_SQL_WAREHOUSE") or ""
        if needs_warehouse and not warehouse:
            raise SettingError("FITNESS_SQL_WAREHOUSE is not set: it is the id of the SQL warehouse to work through.")
        roles = {role: _principal(role.setting, f"fitness_{role.value.lower()}") for role in Role}
        owners = _principal(OWNERS_SETTING, "fitness_owners")
        if len({owners, *roles.values()}) <= len(roles):
            raise SettingError(f"Two of FITNESS_GROUP_... name one principal: {owners}, {', '.join(roles.values())}.")
        gyms = _gyms(os.environ.get("FITNESS_GYM_GROUPS") or "")
        storage = os.environ.get("FITNESS_CATALOG_STORAGE") or None
        cost_center = os.environ.get("FITNESS_COST_CENTER") or "fitness"
        return cls(environment, catalog, warehouse, roles, owners, gyms, storage, cost_center)


def is_application_id(principal: str) -> bool:
    """Whether a principal is a service principal itself rather than a group."""
    return bool(_APPLICATION_ID.fullmatch(principal))


def _principal(setting: str, default: str) -> str:
    name = (os.environ.get(setting) or default).strip()
    if name.lower() in EVERYBODY:
        raise SettingError(f"{setting} is {name!r}, which is everybody; name a group of those who need it.")
    return name


def _gyms(text: str) -> dict[str, frozenset[int] | None]:
    """`fitness_gym_5=5,fitness_north=1|2,fitness_all_gyms=*`."""
    found: dict[str, frozenset[int] | None] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        group, _, gyms = part.partition("=")
        group, gyms = group.strip(), gyms.strip()
        numbers = gyms.split("|")
        if not group or group in found or not (gyms == "*" or all(n.strip().isdecimal() for n in numbers)):
            raise SettingError(
                f"FITNESS_GYM_GROUPS has {part!r}; each group stands once, such as group=5, group=1|2 or group=*."
            )
        if group.lower() in EVERYBODY:
            raise SettingError(f"FITNESS_GYM_GROUPS names {group!r}, which is everybody.")
        found[group] = None if gyms == "*" else frozenset(int(n) for n in numbers)
    return found
