"""Visits by weekday and hour, and time in the gyms, against the raw records."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from fitness_assets.dashboard.questions import gyms
from fitness_assets_tests.dashboard.questions.against_records.world import MINUTE, Key, World, when


def hours_of(login: int, logout: int, zone: ZoneInfo) -> Iterator[tuple[date, int]]:
    """Each hour of the clock that a visit touches, minute by minute."""
    seen = set()
    for minute in range(login, max(logout, login + 1), MINUTE):
        seen.add(minute)
    seen |= {login, max(logout - 1, login)}
    yield from {(local.date(), local.hour) for local in (when(t).astimezone(zone) for t in seen)}


@pytest.mark.parametrize("name", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_visits_by_weekday_and_hour(world: World, name: str) -> None:
    zone = ZoneInfo(name)
    logins: Counter[tuple[int, int]] = Counter()
    present: Counter[tuple[int, int]] = Counter()
    for (_, _, login), logout in world.visits.items():
        local = when(login).astimezone(zone)
        logins[local.weekday(), local.hour] += 1
        if logout is not None:
            present.update((day.weekday(), hour) for day, hour in hours_of(login, logout, zone))
    week = gyms.visits_by_hour(world.lake, time_zone=name).value
    assert _cells(week) == dict(logins)
    if all(logout is not None for logout in world.visits.values()):
        assert _cells(gyms.visits_by_hour(world.lake, measure="present", time_zone=name).value) == dict(present)


def _cells(week: gyms.Week) -> dict[tuple[int, int], int]:
    return {(day, hour): count for day, row in enumerate(week.counts) for hour, count in enumerate(row) if count}


def test_time_in_the_gyms_against_time_exercising(world: World) -> None:
    in_gym: Counter[int] = Counter()
    exercised: dict[int, set[Key]] = defaultdict(set)
    owners = defaultdict(list)
    for user_id, mac in world.mac.items():
        owners[mac].append(user_id)
    for (mac, gym, login), logout in world.visits.items():
        if logout is not None:
            in_gym[gym] += logout - login
            for key, (start, _) in world.pairs.items():
                if key[0] in owners[mac] and login <= start <= logout:
                    exercised[gym].add(key)
    found = gyms.time_in_gyms(world.lake).value
    for one in found.gyms:
        assert one.gym is not None
        assert one.minutes_in_gym == pytest.approx(in_gym[one.gym] / MINUTE)
        minutes = sum(world.pairs[key][1] - world.pairs[key][0] for key in exercised[one.gym]) / MINUTE
        assert one.minutes_exercising == pytest.approx(minutes, abs=0.01 * len(exercised[one.gym]) + 1e-9)
    assert found.all.visits == len(world.visits)
    every = set().union(*exercised.values())
    minutes = sum(world.pairs[key][1] - world.pairs[key][0] for key in every) / MINUTE
    assert found.all.minutes_exercising == pytest.approx(minutes, abs=0.01 * len(every))
