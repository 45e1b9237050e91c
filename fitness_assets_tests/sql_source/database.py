"""A source database and a landing zone: run SQL, extract, read what landed."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from fitness_assets.contracts.feeds import GYM_LOGINS, FileFeed
from fitness_assets.settings import Settings
from fitness_assets.sql_source.extract import ExtractionResult, extract
from fitness_assets.sql_source.feeds import state_prefix
from fitness_assets.sql_source.settings import SqlSource
from fitness_assets.sql_source.zones import Zones, zones_of
from fitness_assets_tests.sql_source.postgres import PostgresServer

TABLES = (
    "DROP TABLE IF EXISTS registered_users",
    "DROP TABLE IF EXISTS gym_logins",
    "CREATE TABLE registered_users"
    " (user_id BIGINT, device_id BIGINT, mac_address TEXT, registration_timestamp DOUBLE PRECISION)",
    "CREATE TABLE gym_logins (mac_address TEXT, gym BIGINT, login DOUBLE PRECISION, logout DOUBLE PRECISION)",
)


class Database:
    """The two tables, empty, and a `<base>` to extract them into."""

    def __init__(self, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings = Settings(base_dir=folder / "base")
        self.environment = {"FITNESS_SQL_URL": url, "FITNESS_BASE_DIR": str(folder / "base")}
        for name in ("FITNESS_SQL_AUTH", "FITNESS_SQL_REGISTERED_USERS", "FITNESS_SQL_GYM_LOGINS"):
            monkeypatch.delenv(name, raising=False)
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        for statement in TABLES:
            self.sql(statement)

    def sql(self, statement: str, *rows: tuple[Any, ...]) -> None:
        """Run a statement, with `?` for values once for each row, in one transaction."""
        raise NotImplementedError

    def users(self, *rows: tuple[Any, ...]) -> None:
        self.sql("INSERT INTO registered_users VALUES (?, ?, ?, ?)", *rows)

    def logins(self, *rows: tuple[Any, ...]) -> None:
        self.sql("INSERT INTO gym_logins VALUES (?, ?, ?, ?)", *rows)

    def extract(self, feed: FileFeed = GYM_LOGINS, **options: Any) -> ExtractionResult:
        source = SqlSource.from_env()
        assert source is not None
        return extract(self.zones(), source, feed, **options)

    def zones(self) -> Zones:
        """Where it is extracted to."""
        return zones_of(self.settings)

    def files(self, feed: FileFeed = GYM_LOGINS) -> list[Path]:
        """What is in the landing folder, what is no complete file included."""
        return sorted((self.settings.landing_zone / feed.name).glob("*"))

    def ledger(self, feed: FileFeed = GYM_LOGINS) -> Path:
        """Where the ledger lies."""
        return self.settings.checkpoint_zone / state_prefix(feed)

    def landed(self, feed: FileFeed = GYM_LOGINS) -> list[str]:
        """The records of all files in some order that is always the same, each as often as it is there."""
        records: list[str] = []
        for file in self.files(feed):
            header, *lines = file.read_text(encoding="utf-8").split("\n")[:-1]
            assert header == feed.header
            assert not file.name.endswith(".tmp")
            records += lines
        return sorted(records)


class SqliteDatabase(Database):
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._file = folder / "source.db"
        super().__init__(f"sqlite:///{self._file}", folder, monkeypatch)

    def sql(self, statement: str, *rows: tuple[Any, ...]) -> None:
        with sqlite3.connect(self._file) as db:
            db.executemany(statement, rows) if rows else db.execute(statement)
        db.close()


class PostgresDatabase(Database):
    def __init__(self, server: PostgresServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._server = server
        super().__init__(server.url(), folder, monkeypatch)

    def sql(self, statement: str, *rows: tuple[Any, ...]) -> None:
        with self._server.connect() as db, db.cursor() as cursor:
            if rows:
                cursor.executemany(statement.replace("?", "%s").encode(), rows)
            else:
                cursor.execute(statement.encode())
