"""Where the SQL source is, and what its tables are called."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from fitness_assets.settings.environment import EnvironmentSettings, is_set
from fitness_assets.settings.fields import DefaultText, MustBe
from fitness_assets.settings.secrets import Secret

URL_VARIABLE, AUTH_VARIABLE = "FITNESS_SQL_URL", "FITNESS_SQL_AUTH"


class SqlSettings(EnvironmentSettings):
    """The database of registrations and gym logins, as it is written in the environment.

    Attributes:
        url: a URL of SQLAlchemy's, with user and password.
        auth: `password`, or `entra` for a token from Microsoft Entra ID.
        registered_users: `table` or `schema.table`, each part plain or in brackets.
        gym_logins: the same.
    """

    url: Annotated[SecretStr, DefaultText("they come as files alone")] = Field(
        validation_alias=URL_VARIABLE, description="the database of registrations and gym logins"
    )
    auth: Annotated[Literal["password", "entra"], MustBe("one of password, entra")] = Field(
        default="password",
        validation_alias=AUTH_VARIABLE,
        description="`password`, or `entra` for a Microsoft Entra token",
    )
    registered_users: str = Field(
        default="registered_users",
        validation_alias="FITNESS_SQL_REGISTERED_USERS",
        description="the table of registrations",
    )
    gym_logins: str = Field(
        default="gym_logins", validation_alias="FITNESS_SQL_GYM_LOGINS", description="the table of gym logins"
    )

    @property
    def secrets(self) -> frozenset[Secret]:
        """What a process needs that talks to the database."""
        return frozenset({Secret.SQL, Secret.AZURE} if self.auth == "entra" else {Secret.SQL})

    @classmethod
    def from_env(cls) -> "SqlSettings | None":
        """The settings of this process, or None where `FITNESS_SQL_URL` is not set and there is no source.

        Raises:
            SettingError: one of them cannot be understood.
        """
        return cls._read() if is_set(URL_VARIABLE) else None
