"""The list of sessions and single ones, against the raw records."""

from collections import Counter

import pytest

from fitness_assets.dashboard.questions.session import session
from fitness_assets.dashboard.questions.workouts import sessions
from fitness_assets_tests.dashboard.questions.against_records.world import MINUTE, SECOND, Key, World, when


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
