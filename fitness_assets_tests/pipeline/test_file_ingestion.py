"""Bronze: every record of every complete file, exactly once, whatever happens on the way."""

import shutil

import pytest
from deltalake import DeltaTable, write_deltalake

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import DataLossError
from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse
from fitness_assets.lakehouse.rows import limits
from fitness_assets.pipeline.state.ingested_files import IngestedFiles
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS, NOON, REGISTERED, action, reading

pytestmark = pytest.mark.slow

USERS = "bronz_db.registered_users_bz"
KAFKA = "bronz_db.kafka_multiplex_bz"


def test_only_complete_files_are_read_and_each_once(platform: Platform) -> None:
    for name in ("_being_written.csv", ".hidden.csv", "still.csv.tmp", "notes.txt"):
        platform.land("registered_users_bz", name, [REGISTERED, "9,9,zz,1"])
    (platform.settings.landing_zone / "registered_users_bz" / "_later").mkdir()
    platform.land("registered_users_bz/_later", "x.csv", [REGISTERED, "8,8,yy,1"])
    platform.land("registered_users_bz", "a.csv", [REGISTERED, "1,2,aa,1678451168", "", "", ""])
    assert platform.update(USERS)[USERS].inserted == 1
    platform.land("registered_users_bz", "b b%20é.csv", [REGISTERED, "2,3,bb,1678451168"])
    assert platform.update(USERS)[USERS].inserted == 1
    assert platform.rows(USERS, "user_id, mac_address") == [(1, "aa"), (2, "bb")]
    assert platform.update(USERS)[USERS].mode == "unchanged"


def test_a_file_without_a_last_line_end_with_a_mark_and_windows_line_ends(platform: Platform) -> None:
    platform.land("gym_logins_bz", "a.csv", f"\ufeff{LOGINS}\r\naa,5,1,2\r\nbb,6,3,".encode())
    platform.update("bronz_db.gym_logins_bz")
    assert platform.rows("bronz_db.gym_logins_bz", "mac_address, gym, login, logout") == [
        ("aa", 5, 1.0, 2.0),
        ("bb", 6, 3.0, None),
    ]


def test_a_file_that_cannot_be_read_is_named_and_stops_no_other(platform: Platform) -> None:
    platform.land("gym_logins_bz", "good.csv", [LOGINS, "aa,5,1,2"])
    platform.land("gym_logins_bz", "header.csv", ["mac,gym", "aa,5"])
    platform.land("gym_logins_bz", "empty.csv", b"")
    platform.land("gym_logins_bz", "binary.csv", bytes(range(256)))
    platform.land("kafka_multiplex_bz", "empty.json", b"")
    platform.land("kafka_multiplex_bz", "binary.json", b"\x00\xff\xfe\n\x80\n")
    platform.land("kafka_multiplex_bz", "good.json", [reading(1, NOON, 60.0)])
    platform.update()
    rejected = platform.rows("silver_db.quarantine", "reason, source_file")
    assert sorted((reason, file.rsplit("/", 1)[1]) for reason, file in rejected) == [
        ("binary_file", "binary.csv"),
        ("empty_file", "empty.csv"),
        ("empty_file", "empty.json"),
        ("malformed", "binary.json"),
        ("malformed", "binary.json"),
        ("wrong_header", "header.csv"),
    ]
    assert len(platform.rows("silver_db.gym_logs")) == len(platform.rows("silver_db.heart_rate")) == 1


def test_killed_after_the_commit_and_before_the_note(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.land("registered_users_bz", "a.csv", [REGISTERED, "1,2,aa,1678451168"])
    platform.update("bronz_db.date_lookup")
    with monkeypatch.context() as killed:

        def write(self: ProgressStore, table: Table, note: Progress) -> None:
            raise KeyError("killed")

        killed.setattr(ProgressStore, "write", write)
        with pytest.raises(KeyError, match="killed"):
            platform.update(USERS)
    assert len(platform.rows(USERS)) <= 1
    platform.land("registered_users_bz", "b.csv", [REGISTERED, "2,3,bb,1678451168"])
    platform.update(USERS)
    assert platform.rows(USERS, "user_id") == [(1,), (2,)]


def test_a_lost_checkpoint_zone_is_made_good_by_the_rows(platform: Platform) -> None:
    file = platform.land("registered_users_bz", "a.csv", [REGISTERED, "1,2,aa,1678451168"])
    platform.update(USERS, "silver_db.users")
    shutil.rmtree(platform.settings.checkpoint_zone)
    platform.update(USERS, "silver_db.users")
    assert platform.rows(USERS, "user_id") == platform.rows("silver_db.users", "user_id") == [(1,)]
    shutil.rmtree(platform.settings.checkpoint_zone)
    file.unlink()
    platform.land("registered_users_bz", "b.csv", [REGISTERED, "2,2,bb,1678451168"])
    platform.update(USERS, "silver_db.users")
    assert platform.rows(USERS, "user_id") == platform.rows("silver_db.users", "user_id") == [(1,), (2,)]


def test_rows_of_a_table_that_was_put_in_the_place_of_another_are_not_removed_where_their_files_are_gone(
    platform: Platform,
) -> None:
    file = platform.land("registered_users_bz", "a.csv", [REGISTERED, "1,2,aa,1678451168"])
    platform.update(USERS)
    rows = DeltaTable(str(platform.path(USERS))).to_pyarrow_table()
    shutil.rmtree(platform.path(USERS))
    write_deltalake(str(platform.path(USERS)), rows, configuration={"delta.enableChangeDataFeed": "true"})
    file.unlink()
    platform.update(USERS)
    assert platform.rows(USERS, "user_id") == [(1,)]
    platform.land("registered_users_bz", "a.csv", [REGISTERED, "1,2,aa,1678451168"])
    platform.update(USERS)
    assert platform.rows(USERS, "user_id") == [(1,)]


def test_a_full_refresh_loads_anew_and_never_loses_what_is_no_longer_in_the_landing_zone(platform: Platform) -> None:
    platform.land("registered_users_bz", "a.csv", [REGISTERED, "1,2,aa,1678451168"])
    file = platform.land("registered_users_bz", "b.csv", [REGISTERED, "2,2,bb,1678451168"])
    platform.update(USERS)
    platform.update(USERS, full=True)
    assert platform.rows(USERS, "user_id") == [(1,), (2,)]
    file.unlink()
    with pytest.raises(DataLossError, match=r"b\.csv"):
        platform.update(USERS, full=True)
    assert platform.rows(USERS, "user_id") == [(1,), (2,)]


def test_a_file_that_is_replaced_under_its_name_has_landed_again(platform: Platform) -> None:
    platform.land("gym_logins_bz", "it's.csv", [LOGINS, "aa,5,1,"])
    platform.land("kafka_multiplex_bz", "a.json", [reading(1, NOON, 60.0)])
    platform.update()
    platform.land("gym_logins_bz", "it's.csv", [LOGINS, "aa,5,1,9", "bb,5,1,2"])
    platform.land("kafka_multiplex_bz", "a.json", [reading(1, NOON, 61.0), reading(1, NOON + 1, 62.0)])
    platform.update()
    platform.land("gym_logins_bz", "other.csv", [LOGINS, "cc,5,1,2"])
    platform.update()
    assert len(platform.rows("bronz_db.gym_logins_bz")) == 4
    assert [mac for mac, *_ in platform.rows("silver_db.gym_logs", "mac_address")] == ["aa", "bb", "cc"]
    assert platform.rows("silver_db.heart_rate", "heartrate") == [(61.0,), (62.0,)]
    with pytest.raises(DataLossError):
        platform.update("bronz_db.gym_logins_bz", full=True)


def test_a_replaced_file_counts_once_although_the_run_was_killed(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    platform.update("bronz_db.gym_logins_bz")
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "bb,5,1,2", "cc,5,1,2"])
    with monkeypatch.context() as killed:
        killed.setattr(IngestedFiles, "write", _raises)
        with pytest.raises(KeyboardInterrupt):
            platform.update("bronz_db.gym_logins_bz")
    platform.update("bronz_db.gym_logins_bz")
    assert [mac for mac, *_ in platform.rows("bronz_db.gym_logins_bz", "mac_address")] == ["aa", "bb", "cc"]


def test_new_files_count_once_although_the_run_was_killed_or_the_note_of_them_is_lost(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    with monkeypatch.context() as killed:
        killed.setattr(IngestedFiles, "write", _raises)
        with pytest.raises(KeyboardInterrupt):
            platform.update("bronz_db.gym_logins_bz")
    platform.land("gym_logins_bz", "b.csv", [LOGINS, "bb,5,1,2"])
    platform.update("bronz_db.gym_logins_bz")
    _ingested_files(platform, "bronz_db.gym_logins_bz").forget()
    platform.land("gym_logins_bz", "c.csv", [LOGINS, "cc,5,1,2"])
    platform.land("gym_logins_bz", "only a header.csv", [LOGINS])
    platform.update("bronz_db.gym_logins_bz")
    assert [mac for mac, *_ in platform.rows("bronz_db.gym_logins_bz", "mac_address")] == ["aa", "bb", "cc"]


def test_many_files_come_in_several_commits_and_a_killed_run_goes_on_after_the_last(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fitness_assets.pipeline.strategies.ingestion.file_appends.FILES_PER_COMMIT", 2)
    for number in range(5):
        platform.land("gym_logins_bz", f"{number}.csv", [LOGINS, f"m{number},5,1,2"])
    with monkeypatch.context() as killed:
        commits = iter([LocalLakehouse.append_batches, LocalLakehouse.append_batches])
        killed.setattr(LocalLakehouse, "append_batches", lambda *given: next(commits, _raises)(*given))
        with pytest.raises(KeyboardInterrupt):
            platform.update("bronz_db.gym_logins_bz")
    assert len(platform.rows("bronz_db.gym_logins_bz")) == 4
    platform.update("bronz_db.gym_logins_bz")
    found = platform.rows("bronz_db.gym_logins_bz", "mac_address")
    assert [mac for mac, *_ in found] == ["m0", "m1", "m2", "m3", "m4"]


def _ingested_files(platform: Platform, table_name: str) -> IngestedFiles:
    return IngestedFiles(ProgressStore.from_settings(platform.settings).storage, get_table(table_name))


def _raises(*_: object) -> None:
    raise KeyboardInterrupt


def test_small_files_put_together_partition_by_partition_are_still_counted_right(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each partition is put together at a time of its own: of an older file some rows are in new data files then."""
    monkeypatch.setattr(limits, "ROWS_PER_FILE", 80)
    monkeypatch.setattr(limits, "MAX_SMALL_FILES", 4)
    monkeypatch.setattr("fitness_assets.pipeline.quality.checks.FULL_CHECK_ROWS", 0)
    for number in range(12):
        readings = [reading(1, NOON + 100 * number + second, 60.0) for second in range(8)]
        stops = [action(1, number, NOON + 100 * number, "start")]
        platform.land("kafka_multiplex_bz", f"{number:02}.json", readings + stops)
        platform.update("bronz_db.date_lookup", KAFKA)
    assert len(platform.rows(KAFKA)) == 12 * 9
