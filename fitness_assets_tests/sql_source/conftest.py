import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fitness_assets_tests.sql_source.database import Database, PostgresDatabase, SqliteDatabase
from fitness_assets_tests.sql_source.postgres import PostgresServer, server_programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real server; without one the test is skipped, or fails where `FITNESS_REQUIRE_SERVERS=1` says so."""
    programs = server_programs()
    if programs is None:
        reason = "No PostgreSQL server is installed: initdb and postgres are not on PATH."
        if os.environ.get("FITNESS_REQUIRE_SERVERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    server = PostgresServer(programs)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    return SqliteDatabase(tmp_path, monkeypatch)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Each of the databases in turn, with the two tables, empty."""
    if request.param == "sqlite":
        return SqliteDatabase(tmp_path, monkeypatch)
    return PostgresDatabase(request.getfixturevalue("postgres"), tmp_path, monkeypatch)
