"""Trends, groups of people and their sessions, against the raw records."""

from collections import Counter, defaultdict
from datetime import date

from fitness_assets.dashboard.questions import people
from fitness_assets.dashboard.questions.workouts import SessionFilter, sessions
from fitness_assets_tests.dashboard.questions.against_records.world import AS_OF, World, when


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
