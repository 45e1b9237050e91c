"""The list of sessions and single ones, against the raw records."""

from collections import Counter

import pytest

from fitness_assets.dashboard.queries.workouts.session_detail import get_session
from fitness_assets.dashboard.queries.workouts.session_list import list_sessions
from fitness_assets_tests.dashboard.queries.against_records.expected import (
    MINUTE,
    SECOND,
    Expected,
    SessionKey,
    age_on,
    to_datetime,
)


def test_the_list_of_sessions(expected: Expected) -> None:
    sessions = list_sessions(expected.reader, limit=None).value
    rows = {(row["user_id"], row["workout_id"], row["session_id"]): row for row in sessions.rows.to_pylist()}
    assert set(rows) == {key for key, starts in expected.starts.items() if starts}
    assert sessions.finished == len(expected.finished)
    minutes = sum(end - start for start, end in expected.finished.values()) / MINUTE
    assert sessions.minutes == pytest.approx(minutes)
    all_rates = [rate for key in expected.finished for _, rate in expected.readings_during(key)]
    assert sessions.avg_bpm == pytest.approx(sum(all_rates) / len(all_rates))
    for key, (start, end) in expected.finished.items():
        row, rates = rows[key], [rate for _, rate in expected.readings_during(key)]
        assert (row["start_time"], row["end_time"]) == (to_datetime(start), to_datetime(end))
        assert row["readings"] == len(rates)
        if rates:
            assert (row["min_bpm"], row["max_bpm"]) == (min(rates), max(rates))
            assert row["avg_bpm"] == pytest.approx(sum(rates) / len(rates))
        mac_address = expected.mac_addresses.get(key[0])
        gyms = [
            gym
            for (visitor, gym, login), logout in expected.visits.items()
            if visitor == mac_address and login <= start <= (logout or start)
        ]
        assert row["gym"] in (gyms or [None])


def test_single_sessions(expected: Expected) -> None:
    for key in sorted(expected.finished)[::5]:
        start, end = expected.finished[key]
        session = get_session(expected.reader, *key).value
        assert session is not None
        readings = expected.readings_during(key)
        assert session.readings == len(readings)
        birth_date = expected.birth_dates.get(key[0])
        if birth_date is None or key[0] not in expected.devices:
            assert session.zones == ()
        else:
            max_rate = round(208 - 0.7 * age_on(birth_date, to_datetime(start).date()), 1)
            bounds = [round(share * max_rate, 1) for share in (0.5, 0.6, 0.7, 0.8, 0.9)]
            next_times = [time for time, _ in readings[1:]] + [end]
            in_zones: Counter[int] = Counter()
            for (time, rate), next_time in zip(readings, next_times, strict=True):
                in_zones[sum(rate >= bound for bound in bounds)] += min(next_time - time, MINUTE)
            seconds = [in_zones[number] / SECOND for number in range(6)]
            assert [zone.seconds for zone in session.zones] == pytest.approx(seconds)
        assert (session.recovery.at_stop, session.recovery.after_60) == _recovery(expected, key)
        before = [pair for other, pair in expected.finished.items() if other[0] == key[0] and pair[0] < start]
        assert session.earlier["start_time"].to_pylist() == [to_datetime(begin) for begin, _ in sorted(before)]
        assert session.earlier_averages.minutes == (
            pytest.approx(sum(stop - begin for begin, stop in before) / len(before) / MINUTE) if before else None
        )


def _recovery(expected: Expected, key: SessionKey) -> tuple[float | None, float | None]:
    """At the stop and a minute later; the person does not start again within it in this sample."""
    end = expected.finished[key][1]
    rates = {time: rate for time, rate in expected.rates[expected.devices[key[0]]].items() if rate > 0}
    before_stop = [time for time in rates if end - 10 * SECOND <= time <= end]
    after_minute = [time for time in rates if abs(time - end - MINUTE) <= 10 * SECOND]
    nearest = min(after_minute, key=lambda time: (abs(time - end - MINUTE), time), default=None)
    return (rates[max(before_stop)] if before_stop else None), (None if nearest is None else rates[nearest])
