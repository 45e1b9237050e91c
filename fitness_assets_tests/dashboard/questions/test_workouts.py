"""The list of sessions: what each is, filters, order and sums."""

from datetime import timedelta

import pytest

from fitness_assets.dashboard.questions.workouts import SessionFilter, choices, sessions
from fitness_assets_tests.dashboard.questions.zone import Zone, after, at

NOON = at("06-01 12:00:00")


@pytest.fixture
def lived(zone: Zone) -> Zone:
    """Three people: 1 trains twice, 2 never stops, 3 is not registered and is training."""
    zone.user(1)
    zone.profile(1, first_name="Ana", last_name="Silva")
    zone.put("silver_db.user_bins", {"user_id": 1, "age": "35-45", "gender": "F", "city": "Austin", "state": "TX"})
    zone.user(2)
    zone.visit(1, 7, at("05-01 09:00:00"), at("05-01 11:00:00"))
    zone.session(1, 1, at("05-01 10:00:00"), at("05-01 10:30:00"))
    zone.summary(1, 1, 60, 100, 140, readings=10)
    zone.session(1, 2, at("05-02 10:00:00"), at("05-02 11:00:00"), workout_id=2)
    zone.summary(1, 2, 70, 130, 180, readings=30, workout_id=2)
    zone.session(2, 1, at("05-03 10:00:00"))
    zone.session(3, 1, at("06-01 11:00:00"))
    return zone


def ids(zone: Zone, *args: object, **more: object) -> list[tuple[int, int]]:
    rows = sessions(zone.lake, *args, now=NOON, **more).value.rows  # type: ignore[arg-type]
    return list(zip(rows["user_id"].to_pylist(), rows["session_id"].to_pylist(), strict=True))


def test_each_session_is_finished_under_way_or_without_a_stop(lived: Zone) -> None:
    found = sessions(lived.lake, now=NOON).value
    rows = {(row["user_id"], row["session_id"]): row for row in found.rows.to_pylist()}
    assert {key: row["status"] for key, row in rows.items()} == {
        (1, 1): "finished",
        (1, 2): "finished",
        (2, 1): "no stop",
        (3, 1): "under way",
    }
    assert (found.total, found.finished, found.under_way, found.no_stop, found.people) == (4, 2, 1, 1, 3)
    assert found.minutes == 90
    assert found.avg_bpm == (10 * 100 + 30 * 130) / 40
    one = rows[1, 1]
    assert (one["gym"], one["minutes"], one["min_bpm"], one["readings"], one["age"]) == (7, 30, 60, 10, "35-45")
    other = rows[3, 1]
    assert (other["name"], other["gym"], other["end_time"], other["avg_bpm"], other["readings"]) == (
        *("Person 3", None, None, None),
        0,
    )


def test_an_hour_later_nobody_trains_any_more(lived: Zone) -> None:
    later = sessions(lived.lake, now=after(NOON, hours=2)).value
    assert (later.under_way, later.no_stop) == (0, 2)


def test_sessions_are_filtered_by_all_conditions_at_once(lived: Zone) -> None:
    assert ids(lived, SessionFilter(user_id=1)) == [(1, 2), (1, 1)]
    assert ids(lived, SessionFilter(since=at("05-02 10:00:00"), until=at("05-03 10:00:00"))) == [(1, 2)]
    assert ids(lived, SessionFilter(ages=("35-45",), gyms=(7,))) == [(1, 1)]
    assert ids(lived, SessionFilter(ages=("unknown",))) == [(3, 1), (2, 1)]
    assert ids(lived, SessionFilter(cities=("Austin",), genders=("F",), states=("TX",), min_minutes=31)) == [(1, 2)]
    assert ids(lived, SessionFilter(statuses=("no stop", "under way"))) == [(3, 1), (2, 1)]
    assert ids(lived, SessionFilter(cities=("O'Hare",))) == []


def test_a_filter_that_nothing_matches_gives_zeros_and_is_no_missing_table(lived: Zone) -> None:
    answer = sessions(lived.lake, SessionFilter(user_id=99))
    assert answer.nothing is None
    assert (answer.value.total, answer.value.minutes, answer.value.avg_bpm) == (0, 0, None)
    assert answer.value.rows.num_rows == 0 and "status" in answer.value.rows.column_names


def test_sessions_are_sorted_with_nulls_last_and_given_in_pages(lived: Zone) -> None:
    assert ids(lived, order="avg_bpm") == [(1, 2), (1, 1), (2, 1), (3, 1)]
    assert ids(lived, order="minutes", descending=False) == [(1, 1), (1, 2), (2, 1), (3, 1)]
    assert ids(lived, limit=2) == [(3, 1), (2, 1)]
    assert ids(lived, limit=2, offset=2) == [(1, 2), (1, 1)]
    assert len(ids(lived, limit=None)) == 4
    with pytest.raises(ValueError, match="sorted"):
        ids(lived, order="user_id; DROP TABLE x")


def test_names_are_masked_unless_allowed(lived: Zone) -> None:
    assert sessions(lived.lake, SessionFilter(user_id=1)).value.rows["name"][0].as_py() == "A••• S•••"
    assert sessions(lived.lake, SessionFilter(user_id=1), unmasked=True).value.rows["name"][0].as_py() == "Ana Silva"


def test_a_session_in_a_visit_that_was_never_closed_is_in_that_gym_until_the_next_login(zone: Zone) -> None:
    zone.user(1)
    zone.visit(1, 5, at("05-01 09:00:00"))
    zone.visit(1, 6, at("05-01 15:00:00"))
    zone.session(1, 1, at("05-01 14:00:00"))
    zone.session(1, 2, at("05-01 16:00:00"))
    zone.session(1, 3, at("05-02 04:00:00"))
    rows = sessions(zone.lake, order="start_time", descending=False).value.rows
    assert rows["gym"].to_pylist() == [5, 6, None]


def test_a_stop_counts_before_the_tables_above_have_heard_of_it(zone: Zone) -> None:
    of = {"user_id": 1, "workout_id": 1, "session_id": 1}
    zone.put("silver_db.workouts", of | {"action": "start", "time": at("05-01 10:00:00")})
    zone.put("silver_db.workouts", of | {"action": "stop", "time": at("05-01 10:20:00")})
    row = sessions(zone.lake, now=at("05-01 10:21:00")).value.rows.to_pylist()[0]
    assert (row["status"], row["minutes"], row["readings"]) == ("finished", 20, 0)


def test_a_stop_three_hours_later_or_without_a_start_finishes_nothing(zone: Zone) -> None:
    of = {"user_id": 1, "workout_id": 1, "session_id": 1}
    start = at("05-01 10:00:00")
    zone.put(
        "silver_db.workouts",
        of | {"action": "start", "time": start},
        of | {"action": "stop", "time": start + timedelta(hours=3)},
        of | {"session_id": 2, "action": "stop", "time": start},
    )
    rows = sessions(zone.lake, now=start + timedelta(hours=1)).value.rows.to_pylist()
    assert [(row["session_id"], row["status"]) for row in rows] == [(1, "no stop")]


def test_the_choices_are_what_occurs_in_order(lived: Zone) -> None:
    found = choices(lived.lake).value
    assert (found.gyms, found.ages, found.cities) == ((7,), ("35-45", "unknown"), ("Austin", "unknown"))
    assert (found.first, found.last) == (at("05-01 10:00:00"), at("06-01 11:00:00"))


def test_without_sessions_there_are_no_choices_and_the_answer_says_so(zone: Zone) -> None:
    zone.put_all_empty()
    answer = choices(zone.lake)
    assert (answer.value.gyms, answer.value.ages, answer.value.first) == ((), (), None)
    assert answer.nothing is not None
    assert sessions(zone.lake).value.total == 0
