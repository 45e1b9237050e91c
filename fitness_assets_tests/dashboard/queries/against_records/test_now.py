"""People, workouts and readings at an instant, against the raw records."""

from bisect import bisect_right

import pytest

from fitness_assets.dashboard.queries.now.active_workouts import get_active_workouts
from fitness_assets.dashboard.queries.now.gym_occupancy import get_gym_occupancy
from fitness_assets.dashboard.queries.now.ingest_rate import get_ingest_rate
from fitness_assets_tests.dashboard.queries.against_records.expected import (
    HOUR,
    MINUTE,
    SECOND,
    Expected,
    to_datetime,
)


def test_the_sample_has_what_is_hard(expected: Expected) -> None:
    assert any(len(starts) > 1 for starts in expected.starts.values()), "a start that was corrected"
    assert any(not expected.stops[key] for key in expected.starts), "a session without a stop"
    assert set(expected.devices) - set(expected.birth_dates), "a person without a profile"
    assert any(rate <= 0 for rates in expected.rates.values() for rate in rates.values()), "a reading without contact"


def test_people_in_each_gym(expected: Expected) -> None:
    for instant in expected.instants():
        latest: dict[str, tuple[int, int]] = {}
        people = {gym: 0 for _, gym, login in expected.visits if login <= instant}
        for mac_address, gym, login in expected.visits:
            if login <= instant:
                latest[mac_address] = max(latest.get(mac_address, (0, 0)), (login, gym))
        for mac_address, (login, gym) in latest.items():
            logout = expected.visits[mac_address, gym, login]
            people[gym] += logout > instant if logout is not None else login > instant - 12 * HOUR
        occupancy = get_gym_occupancy(expected.reader, to_datetime(instant)).value
        assert {gym.gym: gym.people for gym in occupancy.gyms} == people
        assert occupancy.people == sum(people.values()) > 0


def test_workouts_under_way(expected: Expected) -> None:
    for instant in expected.instants():
        under_way = set()
        for user_id in {key[0] for key in expected.starts}:
            past_starts = [
                (start, key)
                for key, starts in expected.starts.items()
                if key[0] == user_id
                for start in starts
                if start <= instant
            ]
            if past_starts:
                start, key = max(past_starts)
                is_stopped = any(start < stop <= instant for stop in expected.stops[key])
                if not is_stopped and start > instant - 3 * HOUR:
                    under_way.add((*key, to_datetime(start)))
        rows = get_active_workouts(expected.reader, to_datetime(instant)).value.rows.to_pylist()
        columns = ("user_id", "workout_id", "session_id", "start_time")
        assert {tuple(row[column] for column in columns) for row in rows} == under_way != set()


def test_readings_a_second(expected: Expected) -> None:
    instant = expected.instants()[2]
    times = sorted(time for rates in expected.rates.values() for time in rates)
    newest = times[bisect_right(times, instant) - 1]
    end = newest if instant - newest <= 2 * MINUTE else instant
    rate = get_ingest_rate(expected.reader, to_datetime(instant)).value
    assert rate.newest_at == to_datetime(newest)
    assert rate.per_second * 60 == pytest.approx(sum(end - MINUTE < time <= end for time in times))
    series_begin = int(rate.series["time"][0].as_py().timestamp()) * SECOND
    series_end = series_begin + rate.series.num_rows * rate.bucket_seconds * SECOND
    readings = sum(row["per_second"] * rate.bucket_seconds for row in rate.series.to_pylist())
    assert readings == pytest.approx(sum(series_begin <= time < series_end for time in times))
