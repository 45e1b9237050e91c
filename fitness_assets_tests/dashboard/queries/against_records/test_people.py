"""Trends, groups of people and their sessions, against the raw records."""

from collections import Counter, defaultdict
from datetime import date

from fitness_assets.dashboard.queries.people.demographics import get_demographics
from fitness_assets.dashboard.queries.people.trends import get_trends
from fitness_assets.dashboard.queries.workouts.session_list import SessionFilter, list_sessions
from fitness_assets_tests.dashboard.queries.against_records.expected import AS_OF, Expected, age_on, to_datetime


def test_trends_by_day(expected: Expected) -> None:
    counts_by_day: dict[date, Counter[str]] = defaultdict(Counter)
    for time in expected.registrations.values():
        counts_by_day[to_datetime(time).date()]["registrations"] += 1
    for _, _, login in expected.visits:
        counts_by_day[to_datetime(login).date()]["visits"] += 1
    for starts in expected.starts.values():
        if starts:
            counts_by_day[to_datetime(min(starts)).date()]["started"] += 1
    for start, _ in expected.finished.values():
        counts_by_day[to_datetime(start).date()]["workouts"] += 1
    rows = get_trends(expected.reader).value.rows.to_pylist()
    measures = ("registrations", "visits", "started", "workouts")
    assert {
        row["begin"]: [row[measure] for measure in measures] for row in rows if any(row[name] for name in measures)
    } == {day: [counts[measure] for measure in measures] for day, counts in counts_by_day.items()}


def test_people_and_their_sessions(expected: Expected) -> None:
    demographics = get_demographics(expected.reader).value
    with_profile = set(expected.devices) & set(expected.birth_dates)
    registered = len(expected.devices)
    assert (demographics.registered, demographics.without_profile) == (registered, registered - len(with_profile))
    ages = Counter(
        age_on(birth_date, AS_OF)
        for user_id, birth_date in expected.birth_dates.items()
        if user_id in with_profile and birth_date is not None
    )
    assert next(group.people for group in demographics.ages if group.value == "under 18") == sum(
        count for age, count in ages.items() if age < 18
    )
    for user_id in sorted(expected.devices)[:4]:
        total = list_sessions(expected.reader, SessionFilter(user_id=user_id)).value.total
        assert total == len([key for key, starts in expected.starts.items() if key[0] == user_id and starts])
