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
from fitness_assets.settings.sql_source import URL_VARIABLE
from fitness_assets.sql_source.settings import SqlSource

LOGIN_TIMEOUT_SECONDS = 15
STATEMENT_TIMEOUT_SECONDS = 900
_MAX_LINE_LENGTH = 400
_LOGIN_TIMEOUT_DRIVERS = {"mssqlpython", "pyodbc", "pysqlite"}
"""The drivers whose `timeout` is how long to wait for a login, or for SQLite's lock."""


@contextmanager
def open_connection(source: SqlSource) -> Iterator[Connection]:
    """A connection that is closed at the end, with bounded patience.

    Raises:
        SqlSourceError: it cannot be had, or a statement on it failed.
    """
    try:
        connection = create_source_engine(source).connect()
    except SqlSourceError:
        raise
    except Exception as error:  # drivers raise their own, the token's provider's, the operating system's; all are told
        raise SqlSourceError(
            f"No connection to {source.location}: {_error_line(source, error)} "
            f"Look at {URL_VARIABLE}, the network and the rights of the user."
        ) from None
    with connection:
        try:
            yield connection
        except SQLAlchemyError as error:
            raise SqlSourceError(f"Reading {source.location} failed: {_error_line(source, error)}") from None


def create_source_engine(source: SqlSource) -> Engine:
    """SQLAlchemy's engine; nothing is connected yet.

    Raises:
        SqlSourceError: SQLAlchemy or its driver for this URL is missing.
    """
    url = driver_url(source)
    driver = url.drivername
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=_timeout_arguments(url))
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
        event.listen(engine, "connect", _set_statement_timeout)
    return engine


def driver_url(source: SqlSource) -> URL:
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


def _timeout_arguments(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "postgresql":
        options = f"-c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s"
        return {"connect_timeout": LOGIN_TIMEOUT_SECONDS, "options": options}
    return {"timeout": LOGIN_TIMEOUT_SECONDS} if url.get_driver_name() in _LOGIN_TIMEOUT_DRIVERS else {}


def _set_statement_timeout(connection: Any, record: Any) -> None:
    connection.timeout = STATEMENT_TIMEOUT_SECONDS


def _error_line(source: SqlSource, error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error) or type(error).__name__
    password = source.url.password
    if password:
        for form in {str(password), quote(str(password)), quote_plus(str(password))}:
            text = text.replace(form, "***")
    line = " ".join(text.split())
    line = line if len(line) <= _MAX_LINE_LENGTH else f"{line[:_MAX_LINE_LENGTH]} ..."
    return line if line.endswith((".", "!")) else f"{line}."
