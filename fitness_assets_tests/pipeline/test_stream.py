"""Stream mode gives the same tables as batch mode, and survives what goes wrong between two intervals."""

import time
from collections.abc import Callable

from fitness_assets.contracts.catalog import table, tables
from fitness_assets.errors import EngineError
from fitness_assets.pipeline.stream import keep_up_to_date
from fitness_assets_tests.lines import NOON, REGISTERED, action, reading
from fitness_assets_tests.platform import Platform

GOLD = "gold_db.workout_bpm_summary"


def script(*steps: Callable[[], object]) -> Callable[[float], bool]:
    """Does one step each time that nothing is left to do, and ends the stream after the last."""
    waiting = list(steps)

    def stopping(seconds: float) -> bool:
        time.sleep(seconds)
        if not waiting:
            return True
        waiting.pop(0)()
        return False

    return stopping


def test_stream_and_batch_follow_each_other_and_only_what_changed_is_told(platform: Platform) -> None:
    def first() -> None:
        platform.land("registered_users_bz", "a.csv", [REGISTERED, "1,7,aa,1678451168"])
        platform.land("kafka_multiplex_bz", "a.json", [action(1, 1, NOON, "start"), reading(7, NOON + 1, 80.0)])

    def second() -> None:
        platform.land("kafka_multiplex_bz", "b.json", [action(1, 1, NOON + 60, "stop")])

    told: list[set[str]] = [set()]

    def then(step: Callable[[], object]) -> Callable[[], object]:
        def next_step() -> None:
            told.append(set())
            step()

        return next_step

    steps = script(*[then(step) for step in (first, lambda: None, second, lambda: None)])
    for interval in keep_up_to_date(platform.lake, tables(), platform.spark, 0.01, steps):
        told[-1] |= {one.table.full_name for one in interval.outcomes}
    assert told[0] == told[2] == told[4] == set()
    assert "silver_db.heart_rate" in told[1] and GOLD not in told[1]
    assert {GOLD, "silver_db.completed_workouts"} <= told[3] and "silver_db.heart_rate" not in told[3]
    platform.land("kafka_multiplex_bz", "c.json", [reading(7, NOON + 2, 100.0)])
    platform.update()
    assert platform.rows(GOLD, "min_bpm, max_bpm, num_recordings") == [(80.0, 100.0, 2)]
    assert next(keep_up_to_date(platform.lake, tables(), platform.spark, 0.01, script())).outcomes == []


def test_an_engine_that_is_gone_for_a_while_ends_nothing(platform: Platform) -> None:
    gone = [True]
    tries: list[float] = []

    def spark() -> object:
        if gone[0]:
            tries.append(time.monotonic())
            raise EngineError("The engine is gone.")
        return platform.spark()

    def stopping(seconds: float) -> bool:
        time.sleep(seconds)
        done = platform.lake.log(table("silver_db.users")).row_count() == 1
        gone[0] = gone[0] and len(tries) < 3
        return done

    platform.land("registered_users_bz", "a.csv", [REGISTERED, "1,7,aa,1678451168"])
    users = ["bronz_db.registered_users_bz", "silver_db.users"]
    found = list(keep_up_to_date(platform.lake, users, spark, 0.1, stopping))  # type: ignore[arg-type]
    troubled = [one.table.full_name for interval in found for one in interval.troubles]
    assert troubled == ["bronz_db.registered_users_bz"] * 3
    assert tries[2] - tries[1] > tries[1] - tries[0] > 0.2
    assert platform.rows("silver_db.users", "user_id") == [(1,)]
