"""Stream mode gives the same tables as batch mode, and survives what goes wrong between two intervals."""

from collections.abc import Callable

import pytest

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.errors import EngineError
from fitness_assets.lakehouse import open_lakehouse
from fitness_assets.lakehouse.rows import limits
from fitness_assets.pipeline.stream import stream_updates
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import NOON, REGISTERED, action, reading

pytestmark = pytest.mark.slow

GOLD = "gold_db.workout_bpm_summary"


def script(*steps: Callable[[], object]) -> Callable[[float], bool]:
    """Does one step after each interval, and ends the stream after the last."""
    remaining = list(steps)

    def stopping(seconds: float) -> bool:
        if not remaining:
            return True
        remaining.pop(0)()
        return False

    return stopping


def test_stream_and_batch_follow_each_other_and_only_what_changed_is_told(platform: Platform) -> None:
    def first() -> None:
        platform.land("registered_users_bz", "a.csv", [REGISTERED, "1,7,aa,1678451168"])
        platform.land("kafka_multiplex_bz", "a.json", [action(1, 1, NOON, "start"), reading(7, NOON + 1, 80.0)])

    def second() -> None:
        platform.land("kafka_multiplex_bz", "b.json", [action(1, 1, NOON + 60, "stop")])

    intervals = list(stream_updates(platform.lake, all_tables(), 0.01, script(first, lambda: None, second)))
    reported = [{one.table.full_name for one in interval.outcomes} for interval in intervals]
    assert reported[0] == set()
    assert "silver_db.heart_rate" in reported[1] and GOLD not in reported[1]
    assert reported[2] == set()
    assert {GOLD, "silver_db.completed_workouts"} <= reported[3] and "silver_db.heart_rate" not in reported[3]
    platform.land("kafka_multiplex_bz", "c.json", [reading(7, NOON + 2, 100.0)])
    platform.update()
    assert platform.rows(GOLD, "min_bpm, max_bpm, num_recordings") == [(80.0, 100.0, 2)]
    assert next(stream_updates(platform.lake, all_tables(), 0.01, script())).outcomes == []


def test_an_engine_that_is_gone_for_a_while_ends_nothing(platform: Platform) -> None:
    is_engine_gone = [True]
    pauses: list[float] = []

    def spark() -> object:
        if is_engine_gone[0]:
            raise EngineError("The engine is gone.")
        return platform.spark()

    def stopping(seconds: float) -> bool:
        pauses.append(seconds)
        is_engine_gone[0] = len(pauses) < 3
        return len(pauses) == 4

    platform.land("registered_users_bz", "a.csv", [REGISTERED, "1,7,aa,1678451168"])
    users = ["bronz_db.registered_users_bz", "silver_db.users"]
    lake = open_lakehouse(platform.settings, spark)  # type: ignore[arg-type]  # fails on purpose
    found = list(stream_updates(lake, users, 1.0, stopping))
    assert [bool(interval.problems) for interval in found] == [True, True, True, False]
    assert pauses[0] == pytest.approx(2, abs=0.9)
    assert pauses[2] == pytest.approx(8, abs=0.9)
    assert len(platform.rows("silver_db.users")) == 1


def test_small_files_are_put_together_as_they_come(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SMALL_FILES", 2)

    def land(number: int) -> Callable[[], object]:
        return lambda: platform.land("kafka_multiplex_bz", f"{number}.json", [reading(7, NOON + number, 60.0)])

    steps = script(*(land(number) for number in range(6)), *([lambda: None] * 4))
    intervals = list(stream_updates(platform.lake, all_tables(), 0.01, steps))
    assert not any(interval.problems for interval in intervals)
    assert platform.lake.log(get_table("silver_db.heart_rate")).file_count() <= 2
    assert len(platform.rows("silver_db.heart_rate")) == 6
    assert [one.outcomes for one in intervals[-3:]] == [[], [], []], "a table that was compacted did not change"
