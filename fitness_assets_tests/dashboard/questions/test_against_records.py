"""Every number against plain Python over the raw records of a disordered sample: no SQL of ours, no table of ours."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from fitness_assets.contracts.catalog import table
from fitness_assets.dashboard.lake import Lake
from fitness_assets.dashboard.questions import gyms, now, people
from fitness_assets.dashboard.questions.session import session
from fitness_assets.dashboard.questions.workouts import SessionFilter, sessions
from fitness_assets.lakehouse.tables import arrow_schema
from fitness_assets.sample.disorder import Disorder
from fitness_assets.sample.landing import SampleSize, write
from fitness_assets.settings import Settings
from fitness_assets_tests.end_to_end.reference import TABLES, Reference

AS_OF = date(2026, 2, 28)
SECOND, MINUTE, HOUR = 1_000_000, 60_000_000, 3_600_000_000
Key = tuple[int, int, int]


def when(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=micros)


@dataclass
class World:
    """What happened, told from the records one by one; times in microseconds since 1970."""

    lake: Lake
    device: dict[int, int] = field(default_factory=dict)
    mac: dict[int, str] = field(default_factory=dict)
    registered: dict[int, int] = field(default_factory=dict)
    visits: dict[tuple[str, int, int], int | None] = field(default_factory=dict)
    starts: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    stops: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    pairs: dict[Key, tuple[int, int]] = field(default_factory=dict)
    rates: dict[int, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    born: dict[int, date] = field(default_factory=dict)

    def tell(self, rows: dict[str, list[tuple[Any, ...]]]) -> None:
        for user_id, device, mac, t in sorted(rows["registered"], key=lambda row: (row[3], row[1], row[2])):
            if user_id not in self.device:
                self.device[user_id], self.mac[user_id], self.registered[user_id] = device, mac, t
        for mac, gym, login, logout in rows["logins"]:
            known = self.visits.get((mac, gym, login))
            self.visits[mac, gym, login] = max(filter(None, (known, logout)), default=None)
        for user_id, workout, one, t, action in rows["actions"]:
            (self.starts if action == "start" else self.stops)[user_id, workout, one].append(t)
        for key, starts in self.starts.items():
            pairs = [(s, e) for s in starts for e in self.stops[key] if s < e < s + 3 * HOUR]
            if pairs:
                self.pairs[key] = min(pairs)
        for device, t, rate in rows["readings"]:
            self.rates[device][t] = max(rate, self.rates[device].get(t, float("-inf")))
        for row in sorted(rows["profiles"], key=lambda row: (row[2], row[-1].encode())):
            self.born.pop(row[0], None)
            if row[1] != "delete":
                self.born[row[0]] = row[3]

    def instants(self) -> list[int]:
        """In the middle of some workouts."""
        return [(start + end) // 2 for start, end in sorted(self.pairs.values())[::5]]

    def during(self, key: Key) -> list[tuple[int, float]]:
        start, end = self.pairs[key]
        rates = self.rates[self.device[key[0]]] if key[0] in self.device else {}
        return sorted((t, rate) for t, rate in rates.items() if rate > 0 and start < t <= end)


def _utc(value: Any) -> Any:
    return value.replace(tzinfo=timezone.utc) if isinstance(value, datetime) else value


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    base: Path = tmp_path_factory.mktemp("base")
    settings = Settings(base, as_of_override=AS_OF)
    disorder = Disorder(late=0.05, repeated=0.05, corrected=0.1, malformed=0.03)
    write(settings.landing_zone, SampleSize(users=12, days=5, files=3, seed=11, every=20, disorder=disorder))
    reference = Reference(settings.landing_zone, AS_OF)
    lake = Lake(settings)
    for name, columns in TABLES.items():
        schema = arrow_schema(table(name))
        names = [column.strip() for column in columns.split(",")]
        empty = dict.fromkeys(schema.names) | ({"device_id": 0} if name.endswith("workout_bpm") else {})
        rows = [empty | dict(zip(names, row, strict=True)) for row in reference.table(name)]
        as_utc = [{name: _utc(value) for name, value in row.items()} for row in rows]
        # Two halves, so that more than one file has to be read.
        for part in (as_utc[::2], as_utc[1::2]):
            write_deltalake(str(lake.house.path(table(name))), pa.Table.from_pylist(part, schema), mode="append")
    found = World(lake)
    found.tell(reference.rows)
    return found


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


def test_the_list_of_sessions(world: World) -> None:
    found = sessions(world.lake, limit=None).value
    rows = {(row["user_id"], row["workout_id"], row["session_id"]): row for row in found.rows.to_pylist()}
    assert set(rows) == {key for key, starts in world.starts.items() if starts}
    assert found.finished == len(world.pairs)
    assert found.minutes == pytest.approx(sum(end - start for start, end in world.pairs.values()) / MINUTE)
    readings = [rate for key in world.pairs for _, rate in world.during(key)]
    assert found.avg_bpm == pytest.approx(sum(readings) / len(readings))
    for key, (start, end) in world.pairs.items():
        rates = [rate for _, rate in world.during(key)]
        row = rows[key]
        assert (row["start_time"], row["end_time"], row["readings"]) == (when(start), when(end), len(rates))
        if rates:
            assert (row["min_bpm"], row["max_bpm"]) == (min(rates), max(rates))
            assert row["avg_bpm"] == pytest.approx(sum(rates) / len(rates))
        mac = world.mac.get(key[0])
        at_gym = [
            gym for (one, gym, login), out in world.visits.items() if one == mac and login <= start <= (out or start)
        ]
        assert row["gym"] in (at_gym or [None])


def test_single_sessions(world: World) -> None:
    for key in sorted(world.pairs)[::5]:
        start, end = world.pairs[key]
        found = session(world.lake, *key).value
        assert found is not None
        during = world.during(key)
        assert found.readings == len(during)
        born = world.born.get(key[0])
        if born is None or key[0] not in world.device:
            assert found.zones == ()
        else:
            day = when(start).date()
            age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
            shares = [0.5, 0.6, 0.7, 0.8, 0.9]
            borders = [round(share * round(208 - 0.7 * age, 1), 1) for share in shares]
            seconds: Counter[int] = Counter()
            for (t, rate), following in zip(during, [t for t, _ in during[1:]] + [end], strict=True):
                seconds[sum(rate >= border for border in borders)] += min(following - t, MINUTE)
            assert [zone.seconds for zone in found.zones] == pytest.approx([seconds[n] / SECOND for n in range(6)])
        assert (found.recovery.at_stop, found.recovery.after_60) == _recovery(world, key)
        before = [pair for other, pair in world.pairs.items() if other[0] == key[0] and pair[0] < start]
        assert found.earlier["start_time"].to_pylist() == [when(s) for s, _ in sorted(before)]
        assert found.against_all.minutes == (
            pytest.approx(sum(e - s for s, e in before) / len(before) / MINUTE) if before else None
        )


def _recovery(world: World, key: Key) -> tuple[float | None, float | None]:
    """At the stop and a minute later; the person does not start again within it in this sample."""
    end = world.pairs[key][1]
    valid = {t: rate for t, rate in world.rates[world.device[key[0]]].items() if rate > 0}
    upto = [t for t in valid if end - 10 * SECOND <= t <= end]
    later = [t for t in valid if abs(t - end - MINUTE) <= 10 * SECOND]
    after_60 = valid[min(later, key=lambda t: (abs(t - end - MINUTE), t))] if later else None
    return (valid[max(upto)] if upto else None), after_60


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


def test_trends_by_day(world: World) -> None:
    expected: dict[date, Counter[str]] = defaultdict(Counter)
    for t in world.registered.values():
        expected[when(t).date()]["registrations"] += 1
    for _, _, login in world.visits:
        expected[when(login).date()]["visits"] += 1
    for starts in world.starts.values():
        if starts:
            expected[when(min(starts)).date()]["started"] += 1
    for start, _ in world.pairs.values():
        expected[when(start).date()]["workouts"] += 1
    rows = people.trends(world.lake).value.rows.to_pylist()
    names = ("registrations", "visits", "started", "workouts")
    assert {row["begin"]: [row[name] for name in names] for row in rows if any(row[name] for name in names)} == {
        day: [counts[name] for name in names] for day, counts in expected.items()
    }


def test_people_and_their_sessions(world: World) -> None:
    found = people.groups(world.lake).value
    known = set(world.device) & set(world.born)
    assert (found.registered, found.without_profile) == (len(world.device), len(world.device) - len(known))
    ages = Counter(
        AS_OF.year - born.year - ((AS_OF.month, AS_OF.day) < (born.month, born.day))
        for user_id, born in world.born.items()
        if user_id in known and born is not None
    )
    assert next(group.people for group in found.ages if group.value == "under 18") == sum(
        count for age, count in ages.items() if age < 18
    )
    for user_id in sorted(world.device)[:4]:
        total = sessions(world.lake, SessionFilter(user_id=user_id)).value.total
        assert total == len([key for key, starts in world.starts.items() if key[0] == user_id and starts])
