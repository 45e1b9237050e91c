"""The SQL source that the settings name: its database and its tables."""

import re
from dataclasses import dataclass

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.sql import quoted_name

from fitness_assets.contracts.feeds import GYM_LOGINS, REGISTERED_USERS, FileFeed
from fitness_assets.errors import SettingError
from fitness_assets.settings.sql_source import AUTH_VARIABLE, URL_VARIABLE, SqlSettings

TABLE_SETTINGS = {REGISTERED_USERS.name: "registered_users", GYM_LOGINS.name: "gym_logins"}
"""For each landing folder the setting that names its table."""

_PART = r'(?:\[([^\[\]]+)\]|"([^"]+)"|([^.\[\]"]+))'
_NAME = re.compile(rf"(?:{_PART}\.)?{_PART}")


@dataclass(frozen=True)
class TableName:
    """The name of a source table; a part that was written in quotes is quoted in every statement."""

    schema: str | None
    name: str
    variable: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True)
class SqlSource:
    """One database.

    Attributes:
        auth: `password`, or `entra` for a token from Microsoft Entra ID.
        names: the source table of each landing folder.
    """

    url: URL
    auth: str
    names: dict[str, TableName]

    @classmethod
    def from_env(cls) -> "SqlSource | None":
        """Read the `FITNESS_SQL_…` variables; None where no source is configured.

        Raises:
            SettingError: one of them cannot be understood.
        """
        settings = SqlSettings.from_env()
        if settings is None:
            return None
        url = _url(settings.url.get_secret_value())
        if settings.auth == "entra" and url.drivername != "mssql+mssqlpython":
            raise SettingError(f"{AUTH_VARIABLE}=entra needs a URL mssql+mssqlpython://..., not {url.drivername}://.")
        names = {folder: _table_name(settings, field) for folder, field in TABLE_SETTINGS.items()}
        return cls(url, settings.auth, names)

    def table_name(self, feed: FileFeed) -> TableName:
        return self.names[feed.name]

    @property
    def location(self) -> str:
        """The database in words, without user and password."""
        host = f"{self.url.host}:{self.url.port}" if self.url.host and self.url.port else self.url.host or ""
        return f"{self.url.get_backend_name()} {host}/{self.url.database or ''}"


def _url(text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        # What could not be understood may hold the password, in the cause's text too.
        raise SettingError(
            f"{URL_VARIABLE} is not a database URL such as mssql+mssqlpython://user:password@server/database, "
            f"with special characters of the password written as %40 and so on."
        ) from None


def _table_name(settings: SqlSettings, field: str) -> TableName:
    text, variable = getattr(settings, field), settings.variable(field)
    match = _NAME.fullmatch(text)
    if not match:
        raise SettingError(f"{variable} is {text!r}; it must be a table or schema.table, each part plain or in [ ].")
    schema = _part(*match.groups()[:3])
    return TableName(schema, _part(*match.groups()[3:]) or field, variable)


def _part(bracketed: str | None, quoted: str | None, plain: str | None) -> str | None:
    exact = bracketed or quoted
    return quoted_name(exact, True) if exact else plain
