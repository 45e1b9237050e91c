"""The list of sessions: what each is, filters, order and sums."""

from datetime import timedelta

import pytest

from fitness_assets.dashboard.queries.workouts.session_list import SessionFilter, get_filter_options, list_sessions
from fitness_assets_tests.dashboard.table_builder import TableBuilder, later, utc

NOON = utc("06-01 12:00:00")


@pytest.fixture
def with_sessions(builder: TableBuilder) -> TableBuilder:
    """Three people: 1 trains twice, 2 never stops, 3 is not registered and is training."""
    builder.add_user(1)
    builder.add_profile(1, first_name="Ana", last_name="Silva")
    builder.write("silver_db.user_bins", {"user_id": 1, "age": "35-45", "gender": "F", "city": "Austin", "state": "TX"})
    builder.add_user(2)
    builder.add_visit(1, 7, utc("05-01 09:00:00"), utc("05-01 11:00:00"))
    builder.add_session(1, 1, utc("05-01 10:00:00"), utc("05-01 10:30:00"))
    builder.add_summary(1, 1, 60, 100, 140, readings=10)
    builder.add_session(1, 2, utc("05-02 10:00:00"), utc("05-02 11:00:00"), workout_id=2)
    builder.add_summary(1, 2, 70, 130, 180, readings=30, workout_id=2)
    builder.add_session(2, 1, utc("05-03 10:00:00"))
    builder.add_session(3, 1, utc("06-01 11:00:00"))
    return builder


def session_ids(builder: TableBuilder, *arguments: object, **options: object) -> list[tuple[int, int]]:
    """The user_id and session_id of the sessions of a list."""
    rows = list_sessions(builder.reader, *arguments, now=NOON, **options).value.rows  # type: ignore[arg-type, misc]
    return list(zip(rows["user_id"].to_pylist(), rows["session_id"].to_pylist(), strict=True))


def test_each_session_is_finished_under_way_or_without_a_stop(with_sessions: TableBuilder) -> None:
    sessions = list_sessions(with_sessions.reader, now=NOON).value
    rows = {(row["user_id"], row["session_id"]): row for row in sessions.rows.to_pylist()}
    assert {key: row["status"] for key, row in rows.items()} == {
        (1, 1): "finished",
        (1, 2): "finished",
        (2, 1): "no stop",
        (3, 1): "under way",
    }
    assert (sessions.total, sessions.finished, sessions.under_way, sessions.no_stop, sessions.people) == (4, 2, 1, 1, 3)
    assert sessions.minutes == 90
    assert sessions.avg_bpm == (10 * 100 + 30 * 130) / 40
    finished = rows[1, 1]
    assert (finished["gym"], finished["minutes"], finished["min_bpm"], finished["readings"], finished["age"]) == (
        7,
        30,
        60,
        10,
        "35-45",
    )
    under_way = rows[3, 1]
    assert (
        under_way["name"],
        under_way["gym"],
        under_way["end_time"],
        under_way["avg_bpm"],
        under_way["readings"],
    ) == (
        *("Person 3", None, None, None),
        0,
    )


def test_an_hour_later_nobody_trains_any_more(with_sessions: TableBuilder) -> None:
    sessions = list_sessions(with_sessions.reader, now=later(NOON, hours=2)).value
    assert (sessions.under_way, sessions.no_stop) == (0, 2)


def test_sessions_are_filtered_by_all_conditions_at_once(with_sessions: TableBuilder) -> None:
    assert session_ids(with_sessions, SessionFilter(user_id=1)) == [(1, 2), (1, 1)]
    assert session_ids(with_sessions, SessionFilter(since=utc("05-02 10:00:00"), until=utc("05-03 10:00:00"))) == [
        (1, 2)
    ]
    assert session_ids(with_sessions, SessionFilter(ages=("35-45",), gyms=(7,))) == [(1, 1)]
    assert session_ids(with_sessions, SessionFilter(ages=("unknown",))) == [(3, 1), (2, 1)]
    assert session_ids(
        with_sessions, SessionFilter(cities=("Austin",), genders=("F",), states=("TX",), min_minutes=31)
    ) == [(1, 2)]
    assert session_ids(with_sessions, SessionFilter(statuses=("no stop", "under way"))) == [(3, 1), (2, 1)]
    assert session_ids(with_sessions, SessionFilter(cities=("O'Hare",))) == []


def test_a_filter_that_nothing_matches_gives_zeros_and_is_no_missing_table(with_sessions: TableBuilder) -> None:
    result = list_sessions(with_sessions.reader, SessionFilter(user_id=99))
    assert result.empty_state is None
    assert (result.value.total, result.value.minutes, result.value.avg_bpm) == (0, 0, None)
    assert result.value.rows.num_rows == 0 and "status" in result.value.rows.column_names


def test_sessions_are_sorted_with_nulls_last_and_given_in_pages(with_sessions: TableBuilder) -> None:
    assert session_ids(with_sessions, sort_by="avg_bpm") == [(1, 2), (1, 1), (2, 1), (3, 1)]
    assert session_ids(with_sessions, sort_by="minutes", descending=False) == [(1, 1), (1, 2), (2, 1), (3, 1)]
    assert session_ids(with_sessions, limit=2) == [(3, 1), (2, 1)]
    assert session_ids(with_sessions, limit=2, offset=2) == [(1, 2), (1, 1)]
    assert len(session_ids(with_sessions, limit=None)) == 4
    with pytest.raises(ValueError, match="sorted"):
        session_ids(with_sessions, sort_by="user_id; DROP TABLE x")


def test_names_are_masked_unless_allowed(with_sessions: TableBuilder) -> None:
    assert list_sessions(with_sessions.reader, SessionFilter(user_id=1)).value.rows["name"][0].as_py() == "••• •••"
    assert (
        list_sessions(with_sessions.reader, SessionFilter(user_id=1), unmasked=True).value.rows["name"][0].as_py()
        == "Ana Silva"
    )


def test_a_session_in_a_visit_that_was_never_closed_is_in_that_gym_until_the_next_login(builder: TableBuilder) -> None:
    builder.add_user(1)
    builder.add_visit(1, 5, utc("05-01 09:00:00"))
    builder.add_visit(1, 6, utc("05-01 15:00:00"))
    builder.add_session(1, 1, utc("05-01 14:00:00"))
    builder.add_session(1, 2, utc("05-01 16:00:00"))
    builder.add_session(1, 3, utc("05-02 04:00:00"))
    rows = list_sessions(builder.reader, sort_by="start_time", descending=False).value.rows
    assert rows["gym"].to_pylist() == [5, 6, None]


def test_a_stop_counts_before_the_tables_above_have_heard_of_it(builder: TableBuilder) -> None:
    key = {"user_id": 1, "workout_id": 1, "session_id": 1}
    builder.write("silver_db.workouts", key | {"action": "start", "time": utc("05-01 10:00:00")})
    builder.write("silver_db.workouts", key | {"action": "stop", "time": utc("05-01 10:20:00")})
    row = list_sessions(builder.reader, now=utc("05-01 10:21:00")).value.rows.to_pylist()[0]
    assert (row["status"], row["minutes"], row["readings"]) == ("finished", 20, 0)


def test_a_stop_three_hours_later_or_without_a_start_finishes_nothing(builder: TableBuilder) -> None:
    key = {"user_id": 1, "workout_id": 1, "session_id": 1}
    start = utc("05-01 10:00:00")
    builder.write(
        "silver_db.workouts",
        key | {"action": "start", "time": start},
        key | {"action": "stop", "time": start + timedelta(hours=3)},
        key | {"session_id": 2, "action": "stop", "time": start},
    )
    rows = list_sessions(builder.reader, now=start + timedelta(hours=1)).value.rows.to_pylist()
    assert [(row["session_id"], row["status"]) for row in rows] == [(1, "no stop")]


def test_the_filter_options_are_what_occurs_in_order(with_sessions: TableBuilder) -> None:
    options = get_filter_options(with_sessions.reader).value
    assert (options.gyms, options.ages, options.cities) == ((7,), ("35-45", "unknown"), ("Austin", "unknown"))
    assert (options.first_start, options.last_start) == (utc("05-01 10:00:00"), utc("06-01 11:00:00"))


def test_without_sessions_there_are_no_filter_options_and_the_result_says_so(builder: TableBuilder) -> None:
    builder.create_all_empty()
    result = get_filter_options(builder.reader)
    assert (result.value.gyms, result.value.ages, result.value.first_start) == ((), (), None)
    assert result.empty_state is not None
    assert list_sessions(builder.reader).value.total == 0
