"""What goes wrong with the source is one line that says where and what to do, and never has the password."""

import pytest
import sqlalchemy
from sqlalchemy.exc import NoSuchModuleError

from fitness_assets.errors import FitnessError, SettingError, SqlSourceError
from fitness_assets.sql_source.settings import SqlSource
from fitness_assets_tests.sql_source.database import Database
from fitness_assets_tests.sql_source.postgres import PASSWORD, PostgresServer


def error_line(database: Database) -> str:
    """The one line with which an extraction fails."""
    with pytest.raises(SqlSourceError) as raised:
        database.extract()
    line = str(raised.value)
    assert "\n" not in line
    assert raised.value.__cause__ is None, "a driver's own error may have the password"
    return line


def test_a_missing_table_and_a_missing_column_are_named(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    database.sql("DROP TABLE gym_logins")
    line = error_line(database)
    assert line.startswith("There is no table gym_logins in ")
    assert "Name the right one in FITNESS_SQL_GYM_LOGINS" in line
    database.sql("CREATE TABLE gym_logins (mac_address TEXT, gym INT, log_in INT)")
    assert "The table gym_logins in " in error_line(database)
    assert "has no column login, logout. Name a table or view with mac_address,gym,login,logout" in error_line(database)
    monkeypatch.setenv("FITNESS_SQL_GYM_LOGINS", "nowhere.gym_logins")
    if database.environment["FITNESS_SQL_URL"].startswith("postgresql"):
        assert error_line(database).startswith("There is no table nowhere.gym_logins in postgresql 127.0.0.1:")


def test_a_wrong_password_is_not_shown(
    sqlite: Database, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wrong in ("hunter2", f"{PASSWORD}!"):
        monkeypatch.setenv("FITNESS_SQL_URL", postgres.url(wrong))
        line = error_line(sqlite)
        assert line.startswith(f"No connection to postgresql 127.0.0.1:{postgres.port}/postgres: ")
        assert "password authentication failed" in line
        assert "Look at FITNESS_SQL_URL" in line
        assert wrong not in line


def test_a_password_that_the_driver_repeats_is_blotted_out(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*arguments: object) -> None:
        raise RuntimeError("login failed:\n PWD=a@b c; or a%40b+c or a%40b%20c")

    monkeypatch.setenv("FITNESS_SQL_URL", "postgresql+psycopg://me:a%40b%20c@127.0.0.1:9/db")
    monkeypatch.setattr("sqlalchemy.engine.base.Engine.connect", connect)
    assert "login failed: PWD=***; or *** or ***." in error_line(sqlite)


def test_no_server_there(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITNESS_SQL_URL", "postgresql+psycopg://me:hunter2@127.0.0.1:1/db")
    assert error_line(sqlite).startswith("No connection to postgresql 127.0.0.1:1/db: ")


def test_a_row_that_the_server_cannot_give_is_one_line(sqlite: Database) -> None:
    sqlite.sql("DROP TABLE gym_logins")
    sqlite.sql("CREATE VIEW gym_logins AS SELECT 'aa' AS mac_address, 5 AS gym, abs(a) AS login, 1 AS logout FROM x")
    sqlite.sql("CREATE TABLE x (a)")
    sqlite.sql("INSERT INTO x VALUES (?)", (1,), (-(2**63),))
    assert (
        error_line(sqlite) == f"Reading sqlite /{sqlite.environment['FITNESS_SQL_URL'][10:]} failed: integer overflow."
    )
    assert sqlite.files() == []


def test_a_driver_that_is_not_known_or_not_installed(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITNESS_SQL_URL", "oracle+oracledb://me:hunter2@server/db")
    assert error_line(sqlite).startswith(
        "The driver of oracle+oracledb:// cannot be loaded (No module named 'oracledb')"
    )
    monkeypatch.setenv("FITNESS_SQL_URL", "mssql+nothing://me:hunter2@server/db")
    assert error_line(sqlite).endswith(f"mssql+nothing://, which SQLAlchemy {sqlalchemy.__version__} does not know.")


def test_sqlalchemy_2_0_does_not_know_the_driver_of_azure_sql(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create_engine(*arguments: object, **options: object) -> None:
        raise NoSuchModuleError("Can't load plugin: sqlalchemy.dialects:mssql.mssqlpython")

    monkeypatch.setenv("FITNESS_SQL_URL", "mssql+mssqlpython://me:hunter2@server/db")
    monkeypatch.setattr("fitness_assets.sql_source.connection.create_engine", create_engine)
    assert error_line(sqlite).endswith("does not know. 2.1 does, on Python 3.11 and newer.")


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("FITNESS_SQL_URL", "server.example;PWD=hunter2", "FITNESS_SQL_URL is not a database URL"),
        ("FITNESS_SQL_URL", "mssql://me:hun/ter2@server:x/db", "FITNESS_SQL_URL is not a database URL"),
        ("FITNESS_SQL_AUTH", "kerberos", "FITNESS_SQL_AUTH is 'kerberos'; it must be one of password, entra"),
        ("FITNESS_SQL_AUTH", "entra", r"FITNESS_SQL_AUTH=entra needs a URL mssql\+mssqlpython://..., not sqlite"),
        ("FITNESS_SQL_GYM_LOGINS", "a.b.c", "FITNESS_SQL_GYM_LOGINS is 'a.b.c'; it must be a table or schema.table"),
    ],
)
def test_a_setting_that_cannot_be_understood_is_named(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingError, match=message) as raised:
        SqlSource.from_env()
    assert "ter2" not in str(raised.value)
    assert isinstance(raised.value, FitnessError)
