"""A connection to the source, and its errors as one line that never has the password."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, quote_plus

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from fitness_assets.errors import SqlSourceError
from fitness_assets.sql_source.settings import URL_VARIABLE, SqlSource

LOGIN_SECONDS = 15
STATEMENT_SECONDS = 900
_LONGEST_LINE = 400
_TIMEOUT_NAMES_LOGIN = {"mssqlpython", "pyodbc", "pysqlite"}
"""The drivers whose `timeout` is how long to wait for a login, or for SQLite's lock."""


@contextmanager
def connected(source: SqlSource) -> Iterator[Connection]:
    """A connection that is closed at the end, with bounded patience.

    Raises:
        SqlSourceError: it cannot be had, or a statement on it failed.
    """
    try:
        connection = engine(source).connect()
    except SqlSourceError:
        raise
    except Exception as error:  # drivers raise their own, the token's provider's, the operating system's; all are told
        raise SqlSourceError(
            f"No connection to {source.where}: {_in_one_line(source, error)} "
            f"Look at {URL_VARIABLE}, the network and the rights of the user."
        ) from None
    with connection:
        try:
            yield connection
        except SQLAlchemyError as error:
            raise SqlSourceError(f"Reading {source.where} failed: {_in_one_line(source, error)}") from None


def engine(source: SqlSource) -> Engine:
    """The engine; nothing is connected yet.

    Raises:
        SqlSourceError: SQLAlchemy or its driver for this URL is missing.
    """
    url = authenticated(source)
    driver = url.drivername
    try:
        made = create_engine(url, poolclass=NullPool, connect_args=_limits(url))
    except NoSuchModuleError:
        hint = " 2.1 does, on Python 3.11 and newer." if driver == "mssql+mssqlpython" else ""
        raise SqlSourceError(
            f"{URL_VARIABLE} begins with {driver}://, which SQLAlchemy {sqlalchemy.__version__} does not know.{hint}"
        ) from None
    except ImportError as error:
        raise SqlSourceError(
            f"The driver of {driver}:// cannot be loaded ({error}). Install it into this environment."
        ) from None
    if url.get_backend_name() == "mssql":
        event.listen(made, "connect", _limit_statements)
    return made


def authenticated(source: SqlSource) -> URL:
    """The URL as the driver gets it; for a token the driver asks azure-identity's DefaultAzureCredential itself."""
    if source.auth != "entra":
        return source.url
    url = URL.create(
        source.url.drivername,
        host=source.url.host,
        port=source.url.port,
        database=source.url.database,
        query=source.url.query,
    )
    return url.update_query_dict({"authentication": "ActiveDirectoryDefault"})


def _limits(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "postgresql":
        return {"connect_timeout": LOGIN_SECONDS, "options": f"-c statement_timeout={STATEMENT_SECONDS}s"}
    return {"timeout": LOGIN_SECONDS} if url.get_driver_name() in _TIMEOUT_NAMES_LOGIN else {}


def _limit_statements(connection: Any, record: Any) -> None:
    connection.timeout = STATEMENT_SECONDS


def _in_one_line(source: SqlSource, error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error) or type(error).__name__
    password = source.url.password
    if password:
        for form in {str(password), quote(str(password)), quote_plus(str(password))}:
            said = said.replace(form, "***")
    line = " ".join(said.split())
    line = line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]} ..."
    return line if line.endswith((".", "!")) else f"{line}."
