"""A log is read once and then followed, and tells at every moment what one that is opened anew tells."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from deltalake import DeltaTable, write_deltalake

from fitness_assets.errors import FitnessError
from fitness_assets.lakehouse.following import State, commit_file, followed, latest_number, opened
from fitness_assets.lakehouse.pruning import Inside
from fitness_assets.lakehouse.staging import Staged
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.writes import CHANGE_TYPE, ConcurrentWriteError, apply_changes, conflicts_as_errors
from fitness_assets.settings import Settings
from fitness_assets_tests.lakehouse.readings import HEART_RATE, ops, readings


@pytest.fixture
def lake(tmp_path: Path) -> Lakehouse:
    lake = Lakehouse(Settings(tmp_path))
    lake.ensure(HEART_RATE)
    return lake


def test_after_every_kind_of_commit_it_says_what_an_opened_table_says(lake: Lakehouse) -> None:
    path = lake.path(HEART_RATE)
    assert _seen(path) == _anew(path)
    for number in range(25):  # beyond a checkpoint
        lake.append_few(HEART_RATE, number, readings(range(number * 10, number * 10 + 10)), "{}")
        assert _seen(path) == _anew(path)
    lake.merge_few(
        HEART_RATE, 25, ops(readings([3, 4, 900], 99.0), ["update", "delete", "insert"]), CHANGE_TYPE, {}, "{}"
    )
    assert _seen(path) == _anew(path)
    DeltaTable(str(path)).delete("device_id < 5")
    assert _seen(path) == _anew(path)
    lake.compact(_no_spark, HEART_RATE)
    assert _seen(path) == _anew(path)
    assert len(_seen(path).files) == 1
    DeltaTable(str(path)).restore(3)
    assert _seen(path) == _anew(path)
    assert lake.log(HEART_RATE).row_count() == 30


def test_a_table_made_anew_under_the_same_path_is_another_one(lake: Lakehouse) -> None:
    path = lake.path(HEART_RATE)
    lake.append_few(HEART_RATE, 0, readings([1, 2]), "{}")
    before = _seen(path)
    shutil.rmtree(path)
    assert followed(path).latest() is None
    assert latest_number(path / "_delta_log") == -1
    lake.ensure(HEART_RATE)
    lake.append_few(HEART_RATE, 0, readings([7]), "{}")
    after = _seen(path)
    assert after.version.number == before.version.number == latest_number(path / "_delta_log")
    assert after.version.table_id != before.version.table_id
    assert after.row_count() == 1


def test_a_table_whose_columns_change_is_opened_anew(lake: Lakehouse) -> None:
    path = lake.path(HEART_RATE)
    assert "note" not in _seen(path).columns
    rows = readings([1])
    more = rows.append_column("note", [["by hand"]])
    write_deltalake(str(path), more, mode="append", schema_mode="merge")
    assert "note" in _seen(path).columns
    assert _seen(path) == _anew(path)


def test_a_file_whose_writer_told_no_statistics_is_counted_by_itself(lake: Lakehouse) -> None:
    path = lake.path(HEART_RATE)
    assert _seen(path).row_count() == 0
    lake.append_few(HEART_RATE, 0, readings([1, 2, 3]), "{}")
    commit = commit_file(path / "_delta_log", 1)
    actions = [json.loads(line) for line in commit.read_text().splitlines()]
    for action in actions:
        action.get("add", {}).pop("stats", None)
    commit.write_text("".join(f"{json.dumps(action)}\n" for action in actions))
    assert _seen(path).row_count() == opened(path).row_count() == 3
    found = lake.find(None, HEART_RATE, None, [Inside("device_id", [(2, 2)])])  # type: ignore[arg-type]
    assert found is not None and found.few is not None and found.few.num_rows == 1


def test_many_who_look_while_one_writes_see_whole_versions(lake: Lakehouse) -> None:
    path = lake.path(HEART_RATE)

    def look(_: int) -> set[tuple[int, int]]:
        return {(state.version.number, state.row_count()) for state in (_seen(path) for _ in range(200))}

    with ThreadPoolExecutor(4) as pool:
        looks = pool.map(look, range(3))
        for number in range(30):
            lake.append_few(HEART_RATE, number, readings(range(number * 2, number * 2 + 2)), "{}")
        for seen in looks:
            assert all(rows == 2 * number for number, rows in seen)


def test_new_rows_are_known_by_their_files_also_where_others_were_put_together(lake: Lakehouse) -> None:
    log, path = lake.log(HEART_RATE), lake.path(HEART_RATE)
    for number in range(3):
        lake.append_few(HEART_RATE, number, readings([number]), "{}")
    lake.compact(_no_spark, HEART_RATE)  # version 4
    lake.append_few(HEART_RATE, 4, readings([50]), "{}")
    with lake.look() as look:
        before = log.version()
        assert before is not None
        since_compaction = look.rows(HEART_RATE, replace(before, number=3))
        assert since_compaction.count(since_compaction.new_rows) == 1
        assert not since_compaction.all_new
        mixed = look.rows(HEART_RATE, replace(before, number=1))
        assert mixed.all_new, "what came after version 1 lies in one file with what was there before"
    assert len(_seen(path).files) == 2


def test_a_commit_from_a_version_that_is_no_longer_the_latest_is_a_lost_race(lake: Lakehouse) -> None:
    lake.append_few(HEART_RATE, 0, readings([1]), "{}")
    with (
        pytest.raises(FitnessError, match=r"Another writer changed silver_db\.heart_rate"),
        conflicts_as_errors(HEART_RATE),
    ):
        lake.append_few(HEART_RATE, 0, readings([2]), "{}")
    lake.append_few(HEART_RATE, 1, readings([3]), "{}")
    with pytest.raises(FitnessError, match="Another writer"), conflicts_as_errors(HEART_RATE):
        lake.merge_few(HEART_RATE, 1, ops(readings([1], 5.0), ["update"]), CHANGE_TYPE, {}, "{}")
    assert lake.rows(HEART_RATE)["heartrate"].to_pylist() == [60.0, 60.0]


def test_a_merge_that_did_not_find_what_it_should_change_is_a_lost_race(lake: Lakehouse) -> None:
    lake.append_few(HEART_RATE, 0, readings([1]), "{}")
    change = Staged.here(None, ops(readings([1, 2], 5.0), ["update", "update"]))  # type: ignore[arg-type]
    with pytest.raises(ConcurrentWriteError, match=r"silver_db\.heart_rate"):
        apply_changes(None, lake, HEART_RATE, change)  # type: ignore[arg-type]


def test_the_metrics_of_either_writer_have_the_same_names(lake: Lakehouse) -> None:
    lake.append_few(HEART_RATE, 0, readings(range(5)), '{"update": "a"}')
    change = ops(readings([3, 4, 9], 99.0), ["update", "delete", "insert"])
    lake.merge_few(HEART_RATE, 1, change, CHANGE_TYPE, {"device_id": [(3, 9)]}, '{"update": "b"}')
    appended, merged = lake.log(HEART_RATE).commits(0, 2)
    assert (appended.operation, appended.changed_rows, appended.user_metadata) == ("WRITE", 5, {"update": "a"})
    assert (merged.operation, merged.changed_rows, merged.user_metadata) == ("MERGE", 4, {"update": "b"})


def test_the_feed_of_a_merge_has_every_row_that_changed_as_it_was_and_is(lake: Lakehouse) -> None:
    lake.append_few(HEART_RATE, 0, readings(range(6), 60.0), "{}")
    change = ops(readings([3, 4, 9], 99.0), ["update", "delete", "insert"])
    lake.merge_few(HEART_RATE, 1, change, CHANGE_TYPE, {"device_id": [(3, 4), (9, 9)]}, "{}")
    feed = lake.changes(None, HEART_RATE, 1, 2, rows=4).few  # type: ignore[arg-type]
    assert feed is not None
    found = [(row["_change_type"], row["device_id"], row["heartrate"]) for row in feed.to_pylist()]
    assert sorted(found) == [
        ("delete", 4, 60.0),
        ("insert", 9, 99.0),
        ("update_postimage", 3, 99.0),
        ("update_preimage", 3, 60.0),
    ]


def _seen(path: Path) -> State:
    state = followed(path).latest()
    assert state is not None
    return state


def _anew(path: Path) -> State:
    """As it is opened anew, with the statistics spelled as the log spells them."""
    return _Spelled(opened(path))  # type: ignore[return-value]


class _Spelled:
    """Equal to a state of the same version, columns and files; a statistic may be a text on one side."""

    def __init__(self, state: State) -> None:
        self.state = state

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, State)
        mine = self.state
        same = (mine.version, dict(mine.columns), mine.row_count()) == (
            other.version,
            dict(other.columns),
            other.row_count(),
        )
        return same and {name: file.rows for name, file in mine.files.items()} == {
            name: file.rows for name, file in other.files.items()
        }

    def __repr__(self) -> str:
        return repr(self.state)


def _no_spark() -> None:
    raise AssertionError("small files in a folder are put together without Spark")
