"""Reading the tables: few files, new versions, and tables that cannot be read."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from deltalake import write_deltalake

from fitness_assets.contracts.registry import get_table
from fitness_assets.dashboard.queries.people.demographics import get_demographics
from fitness_assets.dashboard.queries.people.person import get_person
from fitness_assets.dashboard.queries.people.search import search_people
from fitness_assets.dashboard.queries.workouts.session_list import SessionFilter, list_sessions
from fitness_assets.dashboard.table_reader.predicates import Predicate, between, equal_to, one_of, time_range
from fitness_assets.dashboard.table_reader.reader import TableReader
from fitness_assets.dashboard.table_reader.transaction import MAX_CACHED_FILE_ROWS, ReadTransaction
from fitness_assets.errors import SchemaMismatchError, TableUnreadableError
from fitness_assets_tests.dashboard.table_builder import TableBuilder, later, user_ids, utc

HEART, USERS = "silver_db.heart_rate", "silver_db.users"
DAY = utc("06-01 00:00:00")


def count_rows(reader: TableReader, table_name: str, **predicates: Predicate) -> int:
    def query(transaction: ReadTransaction) -> int:
        rows = transaction.scan(table_name, get_table(table_name).key[0], **predicates)
        return int(transaction.fetch_row(f"SELECT count(*) AS rows FROM {rows}")["rows"])

    return reader.run([table_name], query)


def write_three_days(builder: TableBuilder) -> list[Path]:
    """A file of readings a day; the files in the order of their days."""
    files: list[Path] = []
    for day in range(3):
        builder.add_readings(day, *[(later(DAY, days=day, hours=hour), 100.0) for hour in range(3)])
        all_files = {Path(uri.removeprefix("file://")) for uri in builder.delta_table(HEART).file_uris()}
        files += sorted(all_files - set(files))
    return files


def test_files_that_cannot_hold_a_row_are_not_opened(builder: TableBuilder) -> None:
    files = write_three_days(builder)
    for file in (files[0], files[2]):
        file.write_bytes(b"not to be opened")
    until_third_day = between(later(DAY, days=1), later(DAY, days=2))
    assert count_rows(builder.reader, HEART, time=between(later(DAY, days=1), later(DAY, days=1, hours=9))) == 3
    assert count_rows(builder.reader, HEART, device_id=equal_to(10)) == 3
    assert count_rows(builder.reader, HEART, device_id=one_of(())) == 0
    with pytest.raises(TableUnreadableError, match="cannot be read"):
        count_rows(builder.reader, HEART, time=until_third_day)


def test_partitions_of_other_values_are_not_opened(builder: TableBuilder) -> None:
    table_name = "bronz_db.kafka_multiplex_bz"
    builder.write(table_name, {"topic_group": "bpm", "value": "a"}, {"topic_group": "workout", "value": "b"})
    for file in builder.delta_table(table_name).file_uris():
        if "topic_group=bpm" in file:
            Path(file.removeprefix("file://")).write_bytes(b"not to be opened")

    def query(transaction: ReadTransaction) -> list[dict[str, str]]:
        rows = transaction.scan(table_name, "topic_group", "value", topic_group=equal_to("workout"))
        records: list[dict[str, str]] = transaction.fetch_table(f"SELECT * FROM {rows}").to_pylist()
        return records

    assert builder.reader.run([table_name], query) == [{"topic_group": "workout", "value": "b"}]


def test_large_files_and_small_ones_give_their_rows_together(builder: TableBuilder) -> None:
    readings = [(later(DAY, seconds=second), 100.0) for second in range(MAX_CACHED_FILE_ROWS + 1)]
    builder.add_readings(1, *readings)
    builder.add_readings(2, (later(DAY, seconds=5), 90.0))
    assert count_rows(builder.reader, HEART) == MAX_CACHED_FILE_ROWS + 2
    assert count_rows(builder.reader, HEART, time=between(later(DAY, seconds=4), later(DAY, seconds=6))) == 4
    assert count_rows(builder.reader, HEART, time=time_range(None, later(DAY, seconds=1))) == 1


def test_statistics_of_whole_milliseconds_lose_no_row(builder: TableBuilder) -> None:
    late = later(DAY, microseconds=999_999)
    builder.add_readings(1, (late, 100.0))
    log = builder.path(HEART) / "_delta_log" / f"{0:020d}.json"
    assert "00:00:00.999Z" in log.read_text()
    assert count_rows(builder.reader, HEART, time=between(late, late)) == 1


def test_files_without_statistics_are_read(builder: TableBuilder) -> None:
    builder.add_readings(1, (DAY, 100.0))
    data = builder.delta_table(HEART).to_pyarrow_table()
    write_deltalake(
        builder.path(HEART), data, mode="overwrite", configuration={"delta.dataSkippingNumIndexedCols": "0"}
    )
    assert count_rows(builder.reader, HEART, time=between(DAY, DAY)) == 1


def test_a_new_version_is_seen_at_once_and_an_old_one_is_not_read_again(builder: TableBuilder) -> None:
    builder.add_user(1)
    assert count_rows(builder.reader, USERS) == 1
    before = builder.reader.snapshots([USERS])[USERS]
    assert builder.reader.snapshots([USERS])[USERS] is before
    builder.add_user(2)
    assert count_rows(builder.reader, USERS) == 2


def test_a_table_made_anew_under_the_same_version_number_is_another_table(builder: TableBuilder) -> None:
    builder.add_user(1)
    assert builder.reader.run([USERS], user_ids) == [1]
    shutil.rmtree(builder.path(USERS))
    assert builder.reader.run([USERS], user_ids) == []
    builder.add_user(2)
    assert builder.reader.run([USERS], user_ids) == [2]


def test_a_file_that_is_gone_for_good_is_told_with_what_to_do(builder: TableBuilder) -> None:
    builder.add_user(1)
    for file in builder.path(USERS).glob("*.parquet"):
        file.unlink()
    with pytest.raises(TableUnreadableError, match="full-refresh"):
        get_demographics(builder.reader)


def test_a_table_with_other_columns_is_told(builder: TableBuilder) -> None:
    write_deltalake(
        builder.path(USERS),
        builder.reader.run([USERS], lambda transaction: transaction.fetch_table("SELECT 1 AS user_id")),
    )
    with pytest.raises(SchemaMismatchError, match="device_id"):
        get_demographics(builder.reader)


def test_a_log_that_is_rubbish_is_told(builder: TableBuilder) -> None:
    builder.add_user(1)
    (builder.path(USERS) / "_delta_log" / f"{0:020d}.json").write_text("rubbish\n")
    with pytest.raises(TableUnreadableError, match=r"silver_db\.users"):
        get_demographics(builder.reader)


def test_folders_that_look_like_partitions_give_no_columns(tmp_path: Path) -> None:
    builder = TableBuilder(tmp_path / "user_id=7" / "it's")
    builder.write(USERS, *({"user_id": number} for number in range(MAX_CACHED_FILE_ROWS + 1)))
    builder.add_user(3)
    assert count_rows(builder.reader, USERS) == MAX_CACHED_FILE_ROWS + 2


def test_a_result_says_from_which_versions_it_is_and_how_old_they_are(builder: TableBuilder) -> None:
    builder.add_session(1, 1, utc("05-01 10:00:00"), utc("05-01 10:30:00"))
    result = list_sessions(builder.reader)
    versions = {version.table_name: version for version in result.table_versions}
    assert (versions["silver_db.workouts"].number, versions["silver_db.workouts"].row_count) == (0, 2)
    assert versions["silver_db.users"].number is None
    assert result.changed_at is not None
    assert timedelta(0) <= result.queried_at - result.changed_at < timedelta(minutes=1)
    builder.delta_table("silver_db.workouts").create_checkpoint()
    assert list_sessions(builder.reader).changed_at == result.changed_at


def test_rubbish_from_an_address_is_no_error(builder: TableBuilder) -> None:
    builder.add_session(1, 1, utc("05-01 10:00:00"), utc("05-01 10:30:00"))
    builder.add_user(1)
    for text in ("\ud800", "a\x00b", "' OR 1=1 --", "\\", "%_", "ab " * 1000):
        assert search_people(builder.reader, text).value.total == 0
        assert list_sessions(builder.reader, SessionFilter(cities=(text,))).value.total == 0
    for number in (10**30, -(10**30), 0):
        assert get_person(builder.reader, number).value is None
        assert list_sessions(builder.reader, SessionFilter(user_id=number, gyms=(number,))).value.total == 0
    assert list_sessions(builder.reader, SessionFilter(min_minutes=float("nan"))).value.total == 0
    assert list_sessions(builder.reader, offset=10**9).value.rows.num_rows == 0
