"""Visits by weekday and hour, and time in the gyms, against the raw records."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from fitness_assets.dashboard.queries.gyms.time_in_gyms import get_time_in_gyms
from fitness_assets.dashboard.queries.gyms.visits_by_hour import VisitsByHour, count_visits_by_hour
from fitness_assets_tests.dashboard.queries.against_records.expected import MINUTE, Expected, SessionKey, to_datetime


def hours_of(login: int, logout: int, zone: ZoneInfo) -> Iterator[tuple[date, int]]:
    """Each hour of the clock that a visit touches, minute by minute."""
    instants = set(range(login, max(logout, login + 1), MINUTE)) | {login, max(logout - 1, login)}
    local_times = (to_datetime(instant).astimezone(zone) for instant in instants)
    yield from {(local.date(), local.hour) for local in local_times}


@pytest.mark.parametrize("time_zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_visits_by_weekday_and_hour(expected: Expected, time_zone: str) -> None:
    zone = ZoneInfo(time_zone)
    logins: Counter[tuple[int, int]] = Counter()
    present: Counter[tuple[int, int]] = Counter()
    for (_, _, login), logout in expected.visits.items():
        local = to_datetime(login).astimezone(zone)
        logins[local.weekday(), local.hour] += 1
        if logout is not None:
            present.update((day.weekday(), hour) for day, hour in hours_of(login, logout, zone))
    visits = count_visits_by_hour(expected.reader, time_zone=time_zone).value
    assert _nonzero_counts(visits) == dict(logins)
    if all(logout is not None for logout in expected.visits.values()):
        visits = count_visits_by_hour(expected.reader, measure="present", time_zone=time_zone).value
        assert _nonzero_counts(visits) == dict(present)


def _nonzero_counts(visits: VisitsByHour) -> dict[tuple[int, int], int]:
    return {
        (weekday, hour): count for weekday, row in enumerate(visits.counts) for hour, count in enumerate(row) if count
    }


def test_time_in_the_gyms_against_time_exercising(expected: Expected) -> None:
    time_in_gym: Counter[int] = Counter()
    sessions: dict[int, set[SessionKey]] = defaultdict(set)
    owners = defaultdict(list)
    for user_id, mac_address in expected.mac_addresses.items():
        owners[mac_address].append(user_id)
    for (mac_address, gym, login), logout in expected.visits.items():
        if logout is not None:
            time_in_gym[gym] += logout - login
            for key, (start, _) in expected.finished.items():
                if key[0] in owners[mac_address] and login <= start <= logout:
                    sessions[gym].add(key)

    def minutes_of(keys: set[SessionKey]) -> float:
        return sum(expected.finished[key][1] - expected.finished[key][0] for key in keys) / MINUTE

    times = get_time_in_gyms(expected.reader).value
    for of_gym in times.gyms:
        assert of_gym.gym is not None
        assert of_gym.minutes_in_gym == pytest.approx(time_in_gym[of_gym.gym] / MINUTE)
        keys = sessions[of_gym.gym]
        assert of_gym.minutes_exercising == pytest.approx(minutes_of(keys), abs=0.01 * len(keys) + 1e-9)
    assert times.total.visits == len(expected.visits)
    all_keys = set().union(*sessions.values())
    assert times.total.minutes_exercising == pytest.approx(minutes_of(all_keys), abs=0.01 * len(all_keys))
