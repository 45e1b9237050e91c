"""Who may see what on the workspace: catalog, warehouse and groups."""

import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_settings import NoDecode

from fitness_assets.errors import SettingError
from fitness_assets.settings.environment import EnvironmentSettings
from fitness_assets.settings.fields import DefaultText, EnvironmentName, Flag, MustBe

EVERYBODY = frozenset({"account users", "all account users", "users", "all users", "all workspace users"})
"""Principals that stand for everybody; nothing is ever granted to one of them."""
_GYMS = re.compile(r"\*|\d+(\s*\|\s*\d+)*")

GymGroups: TypeAlias = dict[str, frozenset[int] | None]
"""Which gyms the members of a group may see; None means all of them."""


def _not_everybody(name: str) -> str:
    if name.lower() in EVERYBODY:
        raise ValueError(f"is {name!r}, which is everybody; name a group of those who need it")
    return name


def _gym_groups(text: object) -> object:
    """`fitness_gym_5=5,fitness_north=1|2,fitness_all_gyms=*`."""
    if not isinstance(text, str):
        return text
    groups: GymGroups = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        group, _, gyms = (word.strip() for word in part.partition("="))
        if not group or group in groups or not _GYMS.fullmatch(gyms):
            raise ValueError(f"has {part!r}; each group stands once, such as group=5, group=1|2 or group=*")
        if group.lower() in EVERYBODY:
            raise ValueError(f"names {group!r}, which is everybody")
        groups[group] = None if gyms == "*" else frozenset(int(number) for number in gyms.split("|"))
    return groups


def _environment_name(validated: dict[str, Any]) -> str:
    return str(validated["environment"])


Principal: TypeAlias = Annotated[str, AfterValidator(_not_everybody)]


class GovernanceSettings(EnvironmentSettings):
    """What governance is told of one environment."""

    environment: EnvironmentName = Field(
        default="dev", validation_alias="FITNESS_ENV", description="`dev`, `qa` or `prod`"
    )
    warehouse: str = Field(
        default="",
        validation_alias="FITNESS_SQL_WAREHOUSE",
        description="id of the SQL warehouse that statements run on",
    )
    # Unity Catalog keeps names in small letters.
    catalog: Annotated[
        str,
        StringConstraints(to_lower=True, pattern=r"^[A-Za-z0-9_-]+$"),
        MustBe("letters, digits, - and _ alone"),
        DefaultText("the environment's name"),
    ] = Field(
        default_factory=_environment_name,
        validation_alias="FITNESS_CATALOG",
        description="the catalog, all of it ours",
    )
    catalog_storage: Annotated[str | None, DefaultText("the metastore's place")] = Field(
        default=None,
        validation_alias="FITNESS_CATALOG_STORAGE",
        description="where a new catalog keeps managed tables (`abfss://…`)",
    )
    engineers: Principal = Field(
        default="fitness_engineers",
        validation_alias="FITNESS_GROUP_ENGINEERS",
        description="account group of the engineers",
    )
    analysts: Principal = Field(
        default="fitness_analysts",
        validation_alias="FITNESS_GROUP_ANALYSTS",
        description="account group of the analysts",
    )
    data_scientists: Principal = Field(
        default="fitness_data_scientists",
        validation_alias="FITNESS_GROUP_DATA_SCIENTISTS",
        description="account group of the data scientists",
    )
    service: Principal = Field(
        default="fitness_service",
        validation_alias="FITNESS_GROUP_SERVICE",
        description="the group of the pipeline's service principal, or its application id",
    )
    owners: Principal = Field(
        default="fitness_owners",
        validation_alias="FITNESS_GROUP_OWNERS",
        description="owns everything; who applies must be a member",
    )
    gym_groups: Annotated[GymGroups, NoDecode, BeforeValidator(_gym_groups), DefaultText("no gym")] = Field(
        default_factory=dict,
        validation_alias="FITNESS_GYM_GROUPS",
        description="which gyms an analyst sees: `fitness_gym_5=5,fitness_north=1|2,fitness_all_gyms=*`",
    )
    cost_center: str = Field(
        default="fitness", validation_alias="FITNESS_COST_CENTER", description="tag on every cluster"
    )
    predictive_optimization: Annotated[
        Literal["enable", "disable"] | None, MustBe("enable or disable"), DefaultText("as it is")
    ] = Field(
        default=None,
        validation_alias="FITNESS_PREDICTIVE_OPTIMIZATION",
        description="`enable` or `disable`: whether Databricks compacts and vacuums the catalog's tables by itself",
    )
    governs_tags: Flag = Field(
        default=False,
        validation_alias="FITNESS_GOVERNED_TAGS",
        description="1: the tag `pii` is a governed tag of the account",
    )

    @classmethod
    def from_env(cls, environment: str | None = None) -> "GovernanceSettings":
        """The settings of this process.

        Args:
            environment: instead of that of `FITNESS_ENV`.

        Raises:
            SettingError: one of them cannot be understood, or two groups are one.
        """
        return cls._read(environment=environment)

    @model_validator(mode="after")
    def _has_a_principal_for_each_role(self) -> "GovernanceSettings":
        roles = (self.engineers, self.analysts, self.data_scientists, self.service)
        if len({self.owners, *roles}) <= len(roles):
            raise SettingError(f"Two of FITNESS_GROUP_... name one principal: {self.owners}, {', '.join(roles)}.")
        return self
