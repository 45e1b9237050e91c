"""Reading the tables: few files, new versions, and tables that cannot be read."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from deltalake import write_deltalake

from fitness_assets.contracts.registry import get_table
from fitness_assets.dashboard.lake import SMALL_FILE, Lake
from fitness_assets.dashboard.questions import people
from fitness_assets.dashboard.questions.person import person
from fitness_assets.dashboard.questions.workouts import SessionFilter, sessions
from fitness_assets.errors import SchemaMismatchError, TableUnreadableError
from fitness_assets.lakehouse.predicates import Between, OneOf
from fitness_assets_tests.dashboard.questions.zone import Zone, after, at, user_ids

HEART, USERS = "silver_db.heart_rate", "silver_db.users"
DAY = at("06-01 00:00:00")


def counted(lake: Lake, name: str, **where: Between | OneOf) -> int:
    column = get_table(name).key[0]
    found = lake.ask([name], lambda view: view.one(f"SELECT count(*) AS rows FROM {view.rows(name, column, **where)}"))
    return int(found["rows"])


def three_days(zone: Zone) -> list[Path]:
    """A file of readings a day; the files in the order of their days."""
    files: list[Path] = []
    for day in range(3):
        zone.readings(day, *[(after(DAY, days=day, hours=hour), 100.0) for hour in range(3)])
        there = {Path(uri.removeprefix("file://")) for uri in zone.delta(HEART).file_uris()}
        files += sorted(there - set(files))
    return files


def test_files_that_cannot_hold_a_row_are_not_opened(zone: Zone) -> None:
    files = three_days(zone)
    for file in (files[0], files[2]):
        file.write_bytes(b"not to be opened")
    second = Between(after(DAY, days=1), after(DAY, days=2), open=False)
    assert counted(zone.lake, HEART, time=Between(after(DAY, days=1), after(DAY, days=1, hours=9))) == 3
    assert counted(zone.lake, HEART, device_id=OneOf((10,))) == 3
    assert counted(zone.lake, HEART, device_id=OneOf(())) == 0
    with pytest.raises(TableUnreadableError, match="cannot be read"):
        counted(zone.lake, HEART, time=second)


def test_partitions_of_other_values_are_not_opened(zone: Zone) -> None:
    name = "bronz_db.kafka_multiplex_bz"
    zone.put(name, {"topic_group": "bpm", "value": "a"}, {"topic_group": "workout", "value": "b"})
    for file in zone.delta(name).file_uris():
        if "topic_group=bpm" in file:
            Path(file.removeprefix("file://")).write_bytes(b"not to be opened")
    rows = zone.lake.ask(
        [name], lambda view: view.ask(f"SELECT * FROM {view.rows(name, 'topic_group', 'value', topic_group=_WORKOUT)}")
    )
    assert rows.to_pylist() == [{"topic_group": "workout", "value": "b"}]


_WORKOUT = OneOf(("workout",))


def test_large_files_and_small_ones_give_their_rows_together(zone: Zone) -> None:
    many = [(after(DAY, seconds=second), 100.0) for second in range(SMALL_FILE + 1)]
    zone.readings(1, *many)
    zone.readings(2, (after(DAY, seconds=5), 90.0))
    assert counted(zone.lake, HEART) == SMALL_FILE + 2
    assert counted(zone.lake, HEART, time=Between(after(DAY, seconds=4), after(DAY, seconds=6))) == 4
    assert counted(zone.lake, HEART, time=Between(high=after(DAY, seconds=1), open=True)) == 1


def test_statistics_of_whole_milliseconds_lose_no_row(zone: Zone) -> None:
    late = after(DAY, microseconds=999_999)
    zone.readings(1, (late, 100.0))
    log = Path(zone.path(HEART)) / "_delta_log" / f"{0:020d}.json"
    assert "00:00:00.999Z" in log.read_text()
    assert counted(zone.lake, HEART, time=Between(late, late)) == 1


def test_files_without_statistics_are_read(zone: Zone) -> None:
    zone.readings(1, (DAY, 100.0))
    data = zone.delta(HEART).to_pyarrow_table()
    write_deltalake(zone.path(HEART), data, mode="overwrite", configuration={"delta.dataSkippingNumIndexedCols": "0"})
    assert counted(zone.lake, HEART, time=Between(DAY, DAY)) == 1


def test_a_new_version_is_seen_at_once_and_an_old_one_is_not_read_again(zone: Zone) -> None:
    zone.user(1)
    assert counted(zone.lake, USERS) == 1
    before = zone.lake.snapshots([USERS])[USERS]
    assert zone.lake.snapshots([USERS])[USERS] is before
    zone.user(2)
    assert counted(zone.lake, USERS) == 2


def test_a_table_made_anew_under_the_same_version_number_is_another_table(zone: Zone) -> None:
    zone.user(1)
    assert zone.lake.ask([USERS], user_ids) == [1]
    shutil.rmtree(zone.path(USERS))
    assert zone.lake.ask([USERS], user_ids) == []
    zone.user(2)
    assert zone.lake.ask([USERS], user_ids) == [2]


def test_a_file_that_is_gone_for_good_is_told_with_what_to_do(zone: Zone) -> None:
    zone.user(1)
    for file in Path(zone.path(USERS)).glob("*.parquet"):
        file.unlink()
    with pytest.raises(TableUnreadableError, match="full-refresh"):
        people.groups(zone.lake)


def test_a_table_with_other_columns_is_told(zone: Zone) -> None:
    write_deltalake(zone.path(USERS), zone.lake.ask([USERS], lambda view: view.ask("SELECT 1 AS user_id")))
    with pytest.raises(SchemaMismatchError, match="device_id"):
        people.groups(zone.lake)


def test_a_log_that_is_rubbish_is_told(zone: Zone) -> None:
    zone.user(1)
    (Path(zone.path(USERS)) / "_delta_log" / f"{0:020d}.json").write_text("rubbish\n")
    with pytest.raises(TableUnreadableError, match=r"silver_db\.users"):
        people.groups(zone.lake)


def test_folders_that_look_like_partitions_give_no_columns(tmp_path: Path) -> None:
    zone = Zone(tmp_path / "user_id=7" / "it's")
    zone.put(USERS, *({"user_id": number} for number in range(SMALL_FILE + 1)))
    zone.user(3)
    assert counted(zone.lake, USERS) == SMALL_FILE + 2


def test_an_answer_says_from_which_versions_it_is_and_how_old_they_are(zone: Zone) -> None:
    zone.session(1, 1, at("05-01 10:00:00"), at("05-01 10:30:00"))
    answer = sessions(zone.lake)
    stamps = {stamp.table: stamp for stamp in answer.read}
    assert (stamps["silver_db.workouts"].version, stamps["silver_db.workouts"].rows) == (0, 2)
    assert stamps["silver_db.users"].version is None
    assert answer.changed is not None
    assert timedelta(0) <= answer.asked - answer.changed < timedelta(minutes=1)
    zone.delta("silver_db.workouts").create_checkpoint()
    assert sessions(zone.lake).changed == answer.changed


def test_rubbish_from_an_address_is_no_error(zone: Zone) -> None:
    zone.session(1, 1, at("05-01 10:00:00"), at("05-01 10:30:00"))
    zone.user(1)
    for text in ("\ud800", "a\x00b", "' OR 1=1 --", "\\", "%_", "ab " * 1000):
        assert people.search(zone.lake, text).value.total == 0
        assert sessions(zone.lake, SessionFilter(cities=(text,))).value.total == 0
    for number in (10**30, -(10**30), 0):
        assert person(zone.lake, number).value is None
        assert sessions(zone.lake, SessionFilter(user_id=number, gyms=(number,))).value.total == 0
    assert sessions(zone.lake, SessionFilter(min_minutes=float("nan"))).value.total == 0
    assert sessions(zone.lake, offset=10**9).value.rows.num_rows == 0
