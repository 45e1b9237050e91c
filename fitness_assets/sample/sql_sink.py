"""Registrations and gym logins to a SQL database, as the application behind it would write them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Executable,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    exists,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from fitness_assets.contracts.feeds import GYM_LOGINS, REGISTERED_USERS
from fitness_assets.errors import SettingError, SinkError
from fitness_assets.sample.people import Event

METADATA = MetaData()
REGISTRATIONS = Table(
    "registered_users",
    METADATA,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("device_id", BigInteger, nullable=False),
    Column("mac_address", String(64), nullable=False),
    Column("registration_timestamp", Double, primary_key=True),
)
VISITS = Table(
    "gym_logins",
    METADATA,
    Column("mac_address", String(64), primary_key=True),
    Column("gym", BigInteger, primary_key=True, autoincrement=False),
    Column("login", Double, primary_key=True),
    Column("logout", Double),
)
_PYTHON_TYPES = {BigInteger: int, Double: float, String: str}


class SqlSink:
    """Two tables with the contract's columns. A visit is one row: inserted at the login, updated with the logout."""

    def __init__(self, url: str) -> None:
        """
        Args:
            url: of SQLAlchemy, such as `postgresql+psycopg://…` or `mssql+mssqlpython://…`.

        Raises:
            SettingError: the URL is empty or cannot be understood, or its driver is not installed.
            SinkError: the database does not answer or does not let us make the tables.
        """
        if not url:
            raise SettingError("No database is named: set FITNESS_SQL_URL, such as sqlite:///fitness.db.")
        try:
            self._url = make_url(url)
        except (ArgumentError, ValueError):
            # What could not be understood may hold the password, in the cause's text too.
            raise SettingError("FITNESS_SQL_URL cannot be used: it is not a URL of SQLAlchemy.") from None
        self.address = self._url.render_as_string(hide_password=True)
        try:
            self._engine = create_engine(self._url)
        except (NoSuchModuleError, ImportError) as error:
            raise SettingError(f"FITNESS_SQL_URL cannot be used: {str(error).splitlines()[0]}.") from error
        self._delivered = 0
        self._without_row = 0
        try:
            METADATA.create_all(self._engine)
        except SQLAlchemyError as error:
            raise self._sink_error(error) from error

    def send(self, events: Sequence[Event]) -> None:
        """Insert and update in one transaction. What no typed column can hold is left out and counted."""
        registrations = self._rows(
            REGISTRATIONS, [text for _, source, text in events if source == REGISTERED_USERS.name]
        )
        visits = self._rows(VISITS, [text for _, source, text in events if source == GYM_LOGINS.name])
        if not registrations and not visits:
            return
        try:
            with self._engine.begin() as connection:
                _execute(connection, _INSERT_REGISTRATION, registrations)
                _execute(connection, _INSERT_VISIT, visits)
                _execute(connection, _SET_LOGOUT, [row for row in visits if row["new_logout"] is not None])
        except SQLAlchemyError as error:
            raise self._sink_error(error) from error
        self._delivered += len(registrations) + len(visits)

    def close(self) -> None:
        self._engine.dispose()

    def delivered(self) -> dict[str, int]:
        return {"sql": self._delivered} | ({"without an SQL row": self._without_row} if self._without_row else {})

    def _rows(self, table: Table, lines: Sequence[str]) -> list[dict[str, Any]]:
        rows = []
        for line in lines:
            try:
                rows.append(
                    {
                        f"new_{column.name}": _PYTHON_TYPES[type(column.type)](text) if text else None
                        for column, text in zip(table.columns, line.split(","), strict=True)
                    }
                )
            except ValueError:
                self._without_row += 1
        return rows

    def _sink_error(self, error: SQLAlchemyError) -> SinkError:
        text = str(error.orig if isinstance(error, DBAPIError) else error).strip() or repr(error)
        text = text.replace(str(self._url.password), "***") if self._url.password else text
        return SinkError(f"The database at {self.address} does not take part: {text.splitlines()[0]}")


def _new_value(table: Table, column: str) -> Any:
    return bindparam(f"new_{column}", type_=table.columns[column].type)


def _insert_if_new(table: Table) -> Executable:
    """A repeated record is the row that is there already."""
    key = exists(literal_column("1")).where(*(column == _new_value(table, column.name) for column in table.primary_key))
    names = [column.name for column in table.columns if column.name != "logout"]
    return insert(table).from_select(names, select(*(_new_value(table, name) for name in names)).where(~key))


def _execute(connection: Connection, statement: Executable, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)


_INSERT_REGISTRATION = _insert_if_new(REGISTRATIONS)
_INSERT_VISIT = _insert_if_new(VISITS)
_SET_LOGOUT = (
    update(VISITS)
    .where(*(column == _new_value(VISITS, column.name) for column in VISITS.primary_key))
    .where(or_(VISITS.c.logout.is_(None), VISITS.c.logout < _new_value(VISITS, "logout")))
    .values(logout=_new_value(VISITS, "logout"))
)
