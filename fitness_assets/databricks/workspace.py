"""Which catalog, warehouse and groups governance is about."""

import re
from dataclasses import dataclass, field
from enum import Enum

from fitness_assets.errors import SettingError
from fitness_assets.settings.governance import GovernanceSettings, GymGroups

GOVERNANCE_SCHEMA = "governance"
"""The schema of the functions that masks and row filters call."""
SHARED_SCHEMA = "shared_db"
"""The schema of the views that people read."""
LANDING_VOLUME = "bronz_db.landing_zone"
CHECKPOINT_VOLUME = "bronz_db.checkpoint_zone"
MESSAGES_VOLUME = "bronz_db.pipes_messages"
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
    def label(self) -> str:
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
        predictive_optimization: `enable` or `disable`; empty leaves it as it is.
        governs_tags: whether the tag of personal data is to be governed in the account.
    """

    environment: str
    catalog: str
    warehouse: str = ""
    roles: dict[Role, str] = field(default_factory=lambda: {role: f"fitness_{role.value.lower()}" for role in Role})
    owners: str = "fitness_owners"
    gyms: GymGroups = field(default_factory=dict)
    storage: str | None = None
    cost_center: str = "fitness"
    predictive_optimization: str = ""
    governs_tags: bool = False

    @classmethod
    def from_env(cls, environment: str | None = None, needs_warehouse: bool = True) -> "Workspace":
        """The workspace that the settings describe.

        Args:
            environment: instead of that of `FITNESS_ENV`.

        Raises:
            SettingError: one of them is missing or cannot be understood.
        """
        settings = GovernanceSettings.from_env(environment)
        if needs_warehouse and not settings.warehouse:
            raise SettingError("FITNESS_SQL_WAREHOUSE is not set: it is the id of the SQL warehouse to work through.")
        return cls(
            environment=settings.environment,
            catalog=settings.catalog,
            warehouse=settings.warehouse,
            roles={role: getattr(settings, role.value.lower()) for role in Role},
            owners=settings.owners,
            gyms=settings.gym_groups,
            storage=settings.catalog_storage,
            cost_center=settings.cost_center,
            predictive_optimization=settings.predictive_optimization or "",
            governs_tags=settings.governs_tags,
        )


def is_application_id(principal: str) -> bool:
    """Whether a principal is a service principal itself rather than a group."""
    return bool(_APPLICATION_ID.fullmatch(principal))
