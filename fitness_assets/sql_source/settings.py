"""Where the SQL source is, from the environment alone, read when it is needed."""

import os
import re
from dataclasses import dataclass

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.sql import quoted_name

from fitness_assets.contracts.feeds import GYM_LOGINS, REGISTERED_USERS, FileFeed
from fitness_assets.errors import SettingError

URL_VARIABLE = "FITNESS_SQL_URL"
AUTH_VARIABLE = "FITNESS_SQL_AUTH"
TABLE_VARIABLES = {
    REGISTERED_USERS.name: ("FITNESS_SQL_REGISTERED_USERS", "registered_users"),
    GYM_LOGINS.name: ("FITNESS_SQL_GYM_LOGINS", "gym_logins"),
}
"""For each landing folder the variable that names its table, and the name where it is not set."""
AUTHS = ("password", "entra")

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
        text = os.environ.get(URL_VARIABLE)
        if not text:
            return None
        auth = os.environ.get(AUTH_VARIABLE) or "password"
        if auth not in AUTHS:
            raise SettingError(f"{AUTH_VARIABLE} is {auth!r}; it must be one of {', '.join(AUTHS)}.")
        url = _url(text)
        if auth == "entra" and url.drivername != "mssql+mssqlpython":
            raise SettingError(f"{AUTH_VARIABLE}=entra needs a URL mssql+mssqlpython://..., not {url.drivername}://.")
        return cls(url, auth, {folder: _table_name(*names) for folder, names in TABLE_VARIABLES.items()})

    def table_name(self, folder: FileFeed) -> TableName:
        return self.names[folder.name]

    @property
    def where(self) -> str:
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


def _table_name(variable: str, default: str) -> TableName:
    text = os.environ.get(variable) or default
    found = _NAME.fullmatch(text.strip())
    if not found:
        raise SettingError(f"{variable} is {text!r}; it must be a table or schema.table, each part plain or in [ ].")
    schema = _part(*found.groups()[:3])
    return TableName(schema, _part(*found.groups()[3:]) or default, variable)


def _part(bracketed: str | None, quoted: str | None, plain: str | None) -> str | None:
    exact = bracketed or quoted
    return quoted_name(exact, True) if exact else plain
