"""Whether a run is worth it is looked up before one is asked for, where the source can tell."""

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from dagster import DagsterInstance, build_schedule_context

from fitness_assets.contracts.feeds import REGISTERED_USERS
from fitness_assets.definitions import defs
from fitness_assets.errors import SqlSourceError
from fitness_assets.resources.sql_source import SqlSourceResource
from fitness_assets.sql_source import extract, look
from fitness_assets.sql_source.ledger_state import RowversionBound
from fitness_assets.sql_source.tables import SourceTable, find_table
from fitness_assets_tests.sql_source.database import Database


class Counter:
    """What SQL Server counts: the rowversion that the next row gets."""

    def __init__(self) -> None:
        self.bound = RowversionBound(b"\5", "a")


@pytest.fixture
def counter(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Both tables have a column that counts as SQL Server's do; it is SQL Server alone that says so."""
    counter = Counter()

    def with_rowversion(*arguments: Any) -> SourceTable:
        return replace(find_table(*arguments), rowversion="rv")

    for module in (extract.__name__, look.__name__):
        monkeypatch.setattr(f"{module}.find_table", with_rowversion)
        monkeypatch.setattr(f"{module}.current_bound", lambda connection, table: counter.bound)
    sqlite.sql("ALTER TABLE gym_logins ADD COLUMN rv BLOB")
    sqlite.sql("ALTER TABLE registered_users ADD COLUMN rv BLOB")
    sqlite.sql("INSERT INTO gym_logins VALUES (?, ?, ?, ?, ?)", ("aa", 5, 1, None, b"\1"))
    return counter


def extract_both(source: Database) -> None:
    source.extract()
    source.extract(REGISTERED_USERS)


def requests_a_run() -> bool:
    """Whether the schedule's tick does."""
    schedule = defs().get_repository_def().get_schedule_def("minutely_sql_extraction")
    with DagsterInstance.ephemeral() as instance:
        context = build_schedule_context(
            instance=instance,
            scheduled_execution_time=datetime(2026, 2, 28, tzinfo=timezone.utc),
            resources={"sql_source": SqlSourceResource()},
        )
        return bool(schedule.evaluate_tick(context).run_requests)


def test_a_run_is_asked_for_only_once_a_row_has_changed(sqlite: Database, counter: Counter) -> None:
    assert requests_a_run(), "nothing was extracted yet"
    extract_both(sqlite)
    assert not requests_a_run()
    counter.bound = RowversionBound(b"\7", "a")
    assert not requests_a_run(), "what was counted belongs to another table of the database"
    sqlite.sql("INSERT INTO registered_users VALUES (?, ?, ?, ?, ?)", (1, 7, "aa", 1, b"\6"))
    assert requests_a_run()
    extract_both(sqlite)
    assert not requests_a_run()


def test_a_run_is_asked_for_where_the_counter_says_nothing(sqlite: Database, counter: Counter) -> None:
    extract_both(sqlite)
    counter.bound = RowversionBound(b"\7", "b")
    assert requests_a_run(), "the database was restored, or is another one"


def test_a_run_is_asked_for_where_a_planned_file_is_not_landed(sqlite: Database, counter: Counter) -> None:
    class KilledError(Exception): ...

    def die(step: str) -> None:
        if step == "planned":
            raise KilledError

    extract_both(sqlite)
    counter.bound = RowversionBound(b"\7", "a")
    sqlite.sql("INSERT INTO gym_logins VALUES (?, ?, ?, ?, ?)", ("bb", 5, 1, None, b"\6"))
    with pytest.raises(KilledError):
        sqlite.extract(on_step=die)
    sqlite.sql("DELETE FROM gym_logins")
    assert requests_a_run()


def test_a_source_that_cannot_tell_is_read_each_time(sqlite: Database) -> None:
    extract_both(sqlite)
    assert requests_a_run()


def test_a_source_that_is_away_fails_the_tick_and_starts_no_run(sqlite: Database) -> None:
    sqlite.sql("DROP TABLE registered_users")
    with pytest.raises(SqlSourceError, match="There is no table registered_users"):
        SqlSourceResource().may_have_news()
