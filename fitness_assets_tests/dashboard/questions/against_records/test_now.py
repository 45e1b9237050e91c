"""People, workouts and readings at an instant, against the raw records."""

from bisect import bisect_right

import pytest

from fitness_assets.dashboard.questions import now
from fitness_assets_tests.dashboard.questions.against_records.world import HOUR, MINUTE, SECOND, World, when


def test_the_sample_has_what_is_hard(world: World) -> None:
    assert any(len(starts) > 1 for starts in world.starts.values()), "a start that was corrected"
    assert any(not world.stops[key] for key in world.starts), "a session without a stop"
    assert set(world.device) - set(world.born), "a person without a profile"
    assert any(rate <= 0 for rates in world.rates.values() for rate in rates.values()), "a reading without contact"


def test_people_in_each_gym(world: World) -> None:
    for instant in world.instants():
        latest: dict[str, tuple[int, int]] = {}
        expected = {gym: 0 for _, gym, login in world.visits if login <= instant}
        for mac, gym, login in world.visits:
            if login <= instant:
                latest[mac] = max(latest.get(mac, (0, 0)), (login, gym))
        for mac, (login, gym) in latest.items():
            logout = world.visits[mac, gym, login]
            expected[gym] += logout > instant if logout is not None else login > instant - 12 * HOUR
        found = now.in_the_gyms(world.lake, when(instant)).value
        assert {gym.gym: gym.people for gym in found.gyms} == expected
        assert found.people == sum(expected.values()) > 0


def test_workouts_under_way(world: World) -> None:
    for instant in world.instants():
        expected = set()
        for user_id in {key[0] for key in world.starts}:
            begun = [(s, key) for key, at in world.starts.items() if key[0] == user_id for s in at if s <= instant]
            if begun:
                start, key = max(begun)
                stopped = any(start < stop <= instant for stop in world.stops[key])
                if not stopped and start > instant - 3 * HOUR:
                    expected.add((*key, when(start)))
        rows = now.workouts_under_way(world.lake, when(instant)).value.workouts.to_pylist()
        found = {(row["user_id"], row["workout_id"], row["session_id"], row["start_time"]) for row in rows}
        assert found == expected != set()


def test_readings_a_second(world: World) -> None:
    instant = world.instants()[2]
    times = sorted(t for rates in world.rates.values() for t in rates)
    newest = times[bisect_right(times, instant) - 1]
    end = newest if instant - newest <= 2 * MINUTE else instant
    found = now.readings(world.lake, when(instant)).value
    assert found.newest == when(newest)
    assert found.per_second * 60 == pytest.approx(sum(end - MINUTE < t <= end for t in times))
    first = int(found.series["time"][0].as_py().timestamp()) * SECOND
    last = first + found.series.num_rows * found.stretch_seconds * SECOND
    counted = sum(row["per_second"] * found.stretch_seconds for row in found.series.to_pylist())
    assert counted == pytest.approx(sum(first <= t < last for t in times))
