"""A log is read once and then followed, and tells at every moment what one that is opened anew tells."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable, write_deltalake

from fitness_assets.errors import ConcurrentWriteError
from fitness_assets.lakehouse import InRanges, Where
from fitness_assets.lakehouse.conflicts import conflicts_as_errors
from fitness_assets.lakehouse.local.commits.merge import merge
from fitness_assets.lakehouse.local.commits.writes import write
from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse
from fitness_assets.lakehouse.local.log_files import commit_file, latest_number, log_folder
from fitness_assets.lakehouse.local.snapshot import Snapshot, open_snapshot
from fitness_assets.lakehouse.local.snapshot_cache import cached_snapshot
from fitness_assets_tests.lakehouse.readings import HEART_RATE, append, changes, lake_without_spark, readings


@pytest.fixture
def lake(tmp_path: Path) -> LocalLakehouse:
    lake = lake_without_spark(tmp_path)
    lake.ensure(HEART_RATE)
    return lake


def test_after_every_kind_of_commit_it_says_what_an_opened_table_says(lake: LocalLakehouse) -> None:
    path = lake.path(HEART_RATE)
    assert _cached(path) == open_snapshot(path)
    for number in range(25):  # beyond a checkpoint
        append(lake, readings(range(number * 10, number * 10 + 10)))
        assert _cached(path) == open_snapshot(path)
    lake.apply_changes(HEART_RATE, changes(readings([3, 4, 900], 99.0), ["update", "delete", "insert"]))
    assert _cached(path) == open_snapshot(path)
    DeltaTable(str(path)).delete("device_id < 5")
    assert _cached(path) == open_snapshot(path)
    lake.compact(HEART_RATE)
    assert _cached(path) == open_snapshot(path)
    assert len(_cached(path).files) == 1
    DeltaTable(str(path)).restore(3)
    assert _cached(path) == open_snapshot(path)
    assert lake.log(HEART_RATE).row_count() == 30


def test_as_long_as_nothing_is_committed_it_is_the_same_object(lake: LocalLakehouse) -> None:
    path = lake.path(HEART_RATE)
    before = _cached(path)
    assert _cached(path) is before
    append(lake, readings([1]))
    assert _cached(path) is not before


def test_a_table_made_anew_under_the_same_path_is_another_one(lake: LocalLakehouse) -> None:
    path = lake.path(HEART_RATE)
    append(lake, readings([1, 2]))
    before = _cached(path)
    shutil.rmtree(path)
    assert cached_snapshot(path).latest() is None
    assert latest_number(log_folder(path)) == -1
    lake.ensure(HEART_RATE)
    append(lake, readings([7]))
    after = _cached(path)
    assert after.version.number == before.version.number == latest_number(log_folder(path))
    assert after.version.table_id != before.version.table_id
    assert after.row_count() == 1


def test_a_table_whose_columns_change_is_opened_anew(lake: LocalLakehouse) -> None:
    path = lake.path(HEART_RATE)
    assert "note" not in _cached(path).columns
    more = readings([1]).append_column("note", [["by hand"]])
    write_deltalake(str(path), more, mode="append", schema_mode="merge")
    assert "note" in _cached(path).columns
    assert _cached(path) == open_snapshot(path)


def test_a_file_whose_writer_told_no_statistics_is_counted_by_itself(lake: LocalLakehouse) -> None:
    path = lake.path(HEART_RATE)
    assert _cached(path).row_count() == 0
    append(lake, readings([1, 2, 3]))
    commit = commit_file(log_folder(path), 1)
    actions = [json.loads(line) for line in commit.read_text().splitlines()]
    for action in actions:
        action.get("add", {}).pop("stats", None)
    commit.write_text("".join(f"{json.dumps(action)}\n" for action in actions))
    assert _cached(path).row_count() == open_snapshot(path).row_count() == 3
    rows = lake.lookup(HEART_RATE, None, [Where("device_id", InRanges([(2, 2)]))], [], is_intermediate=False)
    assert rows.local is not None and rows.local.num_rows == 1


def test_many_who_read_while_one_writes_see_whole_versions(lake: LocalLakehouse) -> None:
    path = lake.path(HEART_RATE)

    def read(_: int) -> set[tuple[int, int]]:
        snapshots = (_cached(path) for _ in range(200))
        return {(snapshot.version.number, snapshot.row_count()) for snapshot in snapshots}

    with ThreadPoolExecutor(4) as pool:
        readers = pool.map(read, range(3))
        for number in range(30):
            append(lake, readings(range(number * 2, number * 2 + 2)))
        for versions in readers:
            assert all(rows == 2 * number for number, rows in versions)


def test_new_rows_are_known_by_their_files_also_where_others_were_put_together(lake: LocalLakehouse) -> None:
    log, path = lake.log(HEART_RATE), lake.path(HEART_RATE)
    for number in range(3):
        append(lake, readings([number]))
    lake.compact(HEART_RATE)  # version 4
    append(lake, readings([50]))
    with lake.query_engine() as engine:
        latest = log.version()
        assert latest is not None
        since_compaction = engine.scan(HEART_RATE, replace(latest, number=4, commit=log.commit_identity(4)))
        assert since_compaction.count(since_compaction.new_rows) == 1
        assert not since_compaction.is_all_new
        since_first = engine.scan(HEART_RATE, replace(latest, number=1, commit=log.commit_identity(1)))
        assert since_first.is_all_new, "what came after version 1 lies in one file with what was there before"
    assert len(_cached(path).files) == 2


def test_a_commit_from_a_version_that_is_no_longer_the_latest_is_a_concurrent_write(lake: LocalLakehouse) -> None:
    path = lake.path(HEART_RATE)
    append(lake, readings([1]))
    with (
        pytest.raises(ConcurrentWriteError, match=r"Another writer changed silver_db\.heart_rate"),
        conflicts_as_errors(HEART_RATE),
    ):
        write(open_snapshot(path, 0), HEART_RATE, iter([readings([2])]), "append", "{}")
    append(lake, readings([3]))
    update = changes(readings([1], 5.0), ["update"]).local
    with pytest.raises(ConcurrentWriteError, match="Another writer"), conflicts_as_errors(HEART_RATE):
        merge(duckdb.connect(), open_snapshot(path, 1), HEART_RATE, update, {}, "{}")
    assert lake.rows(HEART_RATE)["heartrate"].to_pylist() == [60.0, 60.0]


def test_a_merge_that_did_not_find_what_it_should_change_is_a_concurrent_write(lake: LocalLakehouse) -> None:
    append(lake, readings([1]))
    with pytest.raises(ConcurrentWriteError, match=r"silver_db\.heart_rate"):
        lake.apply_changes(HEART_RATE, changes(readings([1, 2], 5.0), ["update", "update"]))


def test_the_metrics_of_either_writer_have_the_same_names(lake: LocalLakehouse) -> None:
    append(lake, readings(range(5)), '{"update": "a"}')
    lake.apply_changes(HEART_RATE, changes(readings([3, 4, 9], 99.0), ["update", "delete", "insert"]))
    appended, merged = lake.log(HEART_RATE).commits(0, 2)
    assert (appended.operation, appended.changed_rows, appended.user_metadata) == ("WRITE", 5, {"update": "a"})
    assert (merged.operation, merged.changed_rows, set(merged.user_metadata)) == ("MERGE", 4, {"update"})


def test_the_feed_of_a_merge_has_every_row_that_changed_as_it_was_and_is(lake: LocalLakehouse) -> None:
    append(lake, readings(range(6), 60.0))
    path = lake.path(HEART_RATE)
    merged = changes(readings([3, 4, 9], 99.0), ["update", "delete", "insert"]).local
    merge(duckdb.connect(), open_snapshot(path, 1), HEART_RATE, merged, {"device_id": [(3, 4), (9, 9)]}, "{}")
    feed = lake.changes(HEART_RATE, 1, 2, expected_rows=4).rows.local
    assert feed is not None
    rows = [(row["_change_type"], row["device_id"], row["heartrate"]) for row in feed.to_pylist()]
    assert sorted(rows) == [
        ("delete", 4, 60.0),
        ("insert", 9, 99.0),
        ("update_postimage", 3, 99.0),
        ("update_preimage", 3, 60.0),
    ]


def _cached(path: Path) -> Snapshot:
    snapshot = cached_snapshot(path).latest()
    assert snapshot is not None
    return snapshot
