"""The statements as SQL Server gets them, and the connection string as its driver gets it."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.dialects import mssql

from fitness_assets.contracts.feeds import GYM_LOGINS, REGISTERED_USERS
from fitness_assets.sql_source.connection import create_source_engine, driver_url
from fitness_assets.sql_source.ledger_state import RowversionBound
from fitness_assets.sql_source.settings import SqlSource
from fitness_assets.sql_source.tables import SourceTable, bound_statement, find_table, rows_statement

SQL_SERVER: Any = mssql
"""The dialect's types and itself, which have no annotations."""
DIALECT = SQL_SERVER.dialect()
COLUMNS = ("mac_address", "gym", "login", "logout")
AZURE = "mssql+mssqlpython://me:p%40ss@srv.database.windows.net:1433/fitness"


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> SqlSource:
    monkeypatch.setenv("FITNESS_SQL_URL", AZURE)
    monkeypatch.setenv("FITNESS_SQL_REGISTERED_USERS", "dbo.registered_users")
    monkeypatch.setenv("FITNESS_SQL_GYM_LOGINS", "[front desk].[gym.logins]")
    return configured()


def configured() -> SqlSource:
    source = SqlSource.from_env()
    assert source is not None
    return source


def tsql(statement: Any) -> str:
    return " ".join(str(statement.compile(dialect=DIALECT)).split())


def test_a_whole_table(source: SqlSource) -> None:
    users = SourceTable(source.table_name(REGISTERED_USERS), ("user_id", "mac_address"), frozenset({"user_id"}))
    assert tsql(rows_statement(users, "mssql", None, None)) == (
        "SELECT dbo.registered_users.user_id, dbo.registered_users.mac_address FROM dbo.registered_users"
    )


def test_names_are_quoted_where_they_have_to_be(source: SqlSource) -> None:
    logins = SourceTable(source.table_name(GYM_LOGINS), ("MAC Address", "order"))
    assert tsql(rows_statement(logins, "mssql", None, None)) == (
        "SELECT [front desk].[gym.logins].[MAC Address], [front desk].[gym.logins].[order] "
        "FROM [front desk].[gym.logins]"
    )


def test_what_changed_from_one_rowversion_to_the_next(source: SqlSource) -> None:
    users = SourceTable(source.table_name(REGISTERED_USERS), ("user_id",), rowversion="Row Version")
    until, since = RowversionBound(b"\0" * 7 + b"\x09", "a"), RowversionBound(b"\0" * 7 + b"\x05", "a")
    statement = rows_statement(users, "mssql", since, until)
    version = "dbo.registered_users.[Row Version]"
    assert tsql(statement) == (
        "SELECT dbo.registered_users.user_id FROM dbo.registered_users "
        f"WHERE {version} < :param_1 AND {version} >= :param_2"
    )
    assert list(statement.compile(dialect=DIALECT).params.values()) == [until.below, since.below]
    assert tsql(rows_statement(users, "mssql", None, until)).endswith(f"WHERE {version} < :param_1")


def test_the_bound_is_asked_for_in_a_statement_of_its_own(source: SqlSource) -> None:
    connection: Any = SimpleNamespace(dialect=DIALECT)
    logins = SourceTable(source.table_name(GYM_LOGINS), COLUMNS, rowversion="rv")
    statement = bound_statement(connection, logins)
    assert tsql(statement) == (
        "SELECT MIN_ACTIVE_ROWVERSION(), "
        "(SELECT CONVERT(varchar(33), create_date, 126) FROM sys.databases WHERE name = DB_NAME()), OBJECT_ID(:name)"
    )
    assert statement.compile().params == {"name": "[front desk].[gym.logins]"}


@pytest.mark.parametrize("kind", [SQL_SERVER.TIMESTAMP(), SQL_SERVER.ROWVERSION()])
def test_a_rowversion_column_is_found(source: SqlSource, monkeypatch: pytest.MonkeyPatch, kind: Any) -> None:
    columns = [{"name": name, "type": SQL_SERVER.DATETIME2()} for name in COLUMNS] + [{"name": "Changed", "type": kind}]
    looked_up: dict[str, object] = {}

    def get_columns(name: str, schema: str | None) -> list[dict[str, Any]]:
        looked_up[name] = schema
        return columns

    monkeypatch.setattr(
        "fitness_assets.sql_source.tables.inspect", lambda connection: SimpleNamespace(get_columns=get_columns)
    )
    no_connection: Any = None
    table = find_table(no_connection, source, GYM_LOGINS)
    assert (table.rowversion, table.columns, table.datetimes) == ("Changed", COLUMNS, frozenset(COLUMNS))
    assert looked_up == {"gym.logins": "front desk"}


def test_the_driver_gets_a_password_or_the_order_to_fetch_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sqlalchemy.dialects.mssql.mssqlpython", reason="SQLAlchemy 2.0 has no dialect for the driver")
    monkeypatch.setenv("FITNESS_SQL_URL", f"{AZURE}?Encrypt=strict")
    assert connection_string() == "Server=srv.database.windows.net,1433;Database=fitness;UID=me;PWD=p@ss;Encrypt=strict"
    monkeypatch.setenv("FITNESS_SQL_AUTH", "entra")
    assert connection_string() == (
        "Server=srv.database.windows.net,1433;Database=fitness;Authentication=ActiveDirectoryDefault;Encrypt=strict"
    )


def test_the_server_has_seconds_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    mssql_python = pytest.importorskip("mssql_python")
    pytest.importorskip("sqlalchemy.dialects.mssql.mssqlpython", reason="SQLAlchemy 2.0 has no dialect for the driver")
    connect_options: dict[str, Any] = {}

    def connect(text: str, **options: Any) -> None:
        connect_options.update(options)
        raise mssql_python.OperationalError("no server here", "no server here")

    monkeypatch.setenv("FITNESS_SQL_URL", AZURE)
    engine = create_source_engine(configured())
    monkeypatch.setattr(engine.dialect.loaded_dbapi, "connect", connect)
    with pytest.raises(Exception, match="no server here"):
        engine.connect()
    assert connect_options == {"timeout": 15}


def connection_string() -> str:
    source = configured()
    ((text,), _) = create_source_engine(source).dialect.create_connect_args(driver_url(source))
    return str(text)
