"""Who is in the gyms and who trains, of visits and workouts that people can follow."""

from datetime import timedelta

from fitness_assets.dashboard.queries.now.active_workouts import get_active_workouts
from fitness_assets.dashboard.queries.now.gym_occupancy import get_gym_occupancy
from fitness_assets.dashboard.queries.now.ingest_delay import get_ingest_delays
from fitness_assets.dashboard.queries.now.ingest_rate import get_ingest_rate
from fitness_assets.dashboard.queries.now.latest_event import get_latest_event_time
from fitness_assets_tests.dashboard.table_builder import TableBuilder, later, utc

NOON = utc("06-01 12:00:00")


def people_by_gym(builder: TableBuilder) -> dict[int, int]:
    return {gym.gym: gym.people for gym in get_gym_occupancy(builder.reader, NOON).value.gyms}


def test_people_whose_visit_is_open_are_in_the_gym_and_an_empty_gym_is_told_too(builder: TableBuilder) -> None:
    builder.add_visit(1, 5, utc("06-01 11:00:00"))
    builder.add_visit(2, 5, utc("06-01 11:30:00"))
    builder.add_visit(3, 8, utc("06-01 09:00:00"), utc("06-01 10:00:00"))
    occupancy = get_gym_occupancy(builder.reader, NOON).value
    busy, empty = occupancy.gyms
    assert people_by_gym(builder) == {5: 2, 8: 0}
    assert (occupancy.people, occupancy.unclosed_visits) == (2, 0)
    assert (busy.longest_since, busy.last_login) == (utc("06-01 11:00:00"), utc("06-01 11:30:00"))
    assert (empty.longest_since, empty.last_login) == (None, utc("06-01 09:00:00"))


def test_a_visit_whose_logout_is_still_to_come_is_going_on(builder: TableBuilder) -> None:
    builder.add_visit(1, 5, utc("06-01 11:00:00"), utc("06-01 12:00:01"))
    builder.add_visit(2, 5, utc("06-01 11:00:00"), NOON)
    builder.add_visit(3, 5, utc("06-01 12:00:01"))
    assert people_by_gym(builder) == {5: 1}


def test_who_logged_in_elsewhere_since_is_there_and_the_open_visit_counts_as_unclosed(builder: TableBuilder) -> None:
    builder.add_visit(1, 5, utc("06-01 10:00:00"))
    builder.add_visit(1, 8, utc("06-01 11:00:00"))
    occupancy = get_gym_occupancy(builder.reader, NOON).value
    assert people_by_gym(builder) == {5: 0, 8: 1}
    assert [gym.unclosed_visits for gym in occupancy.gyms] == [1, 0]


def test_nobody_stays_for_twelve_hours_and_unclosed_visits_are_counted_for_a_week(builder: TableBuilder) -> None:
    builder.add_visit(1, 5, NOON - timedelta(hours=12))
    builder.add_visit(2, 5, later(NOON - timedelta(hours=12), seconds=1))
    builder.add_visit(3, 5, NOON - timedelta(days=8))
    occupancy = get_gym_occupancy(builder.reader, NOON).value
    assert (occupancy.people, occupancy.unclosed_visits) == (1, 1)


def test_a_closed_visit_after_an_open_one_takes_the_person_out(builder: TableBuilder) -> None:
    builder.add_visit(1, 5, utc("06-01 10:00:00"))
    builder.add_visit(1, 5, utc("06-01 11:00:00"), utc("06-01 11:30:00"))
    assert people_by_gym(builder) == {5: 0}


def test_a_workout_is_under_way_after_a_start_without_a_stop_for_less_than_three_hours(builder: TableBuilder) -> None:
    builder.add_session(1, 1, utc("06-01 11:30:00"))
    builder.add_session(2, 1, utc("06-01 11:00:00"), utc("06-01 11:40:00"))
    builder.add_session(3, 1, utc("06-01 09:00:00"))
    builder.add_session(4, 1, utc("06-01 09:00:01"))
    builder.add_session(5, 1, utc("06-01 12:00:01"))
    workouts = get_active_workouts(builder.reader, NOON).value.rows
    assert workouts["user_id"].to_pylist() == [1, 4]
    assert workouts["minutes"][0].as_py() == 30


def test_who_starts_another_session_has_left_the_one_before(builder: TableBuilder) -> None:
    builder.add_session(1, 1, utc("06-01 11:00:00"))
    builder.add_session(1, 2, utc("06-01 11:30:00"))
    builder.add_session(2, 1, utc("06-01 11:00:00"))
    builder.add_session(2, 2, utc("06-01 11:10:00"), utc("06-01 11:20:00"))
    workouts = get_active_workouts(builder.reader, NOON).value.rows
    assert list(zip(workouts["user_id"].to_pylist(), workouts["session_id"].to_pylist(), strict=True)) == [(1, 2)]


def test_a_stop_at_the_instant_of_the_start_ends_nothing(builder: TableBuilder) -> None:
    event = {"user_id": 1, "workout_id": 1, "session_id": 1, "time": utc("06-01 11:00:00")}
    builder.write("silver_db.workouts", event | {"action": "start"}, event | {"action": "stop"})
    assert get_active_workouts(builder.reader, NOON).value.count == 1


def test_a_workout_shows_place_latest_heart_rate_and_zone(builder: TableBuilder) -> None:
    builder.add_user(1)
    builder.add_profile(1, first_name="Ana", last_name="Silva", dob=utc("06-02 00:00:00").date().replace(year=1986))
    builder.add_visit(1, 7, utc("06-01 11:00:00"))
    builder.add_session(1, 1, utc("06-01 11:50:00"))
    # 39 years old: 208 - 0.7 * 39 = 180.7; 90 percent of it are 162.6.
    builder.add_readings(
        1, (utc("06-01 11:58:00"), 150.0), (utc("06-01 11:59:00"), 162.6), (utc("06-01 11:59:30"), -1.0)
    )
    row = get_active_workouts(builder.reader, NOON).value.rows.to_pylist()[0]
    assert (row["gym"], row["heartrate"], row["read_at"], row["zone"]) == (7, 162.6, utc("06-01 11:59:00"), 5)
    assert row["name"] == "••• •••"
    assert get_gym_occupancy(builder.reader, NOON).value.training == 1
    unmasked = get_active_workouts(builder.reader, NOON, unmasked=True).value.rows
    assert unmasked["name"].to_pylist() == ["Ana Silva"]


def test_without_registration_profile_or_fresh_readings_a_workout_is_still_told(builder: TableBuilder) -> None:
    builder.add_session(9, 1, utc("06-01 11:50:00"))
    builder.add_user(8)
    builder.add_session(8, 1, utc("06-01 11:40:00"))
    builder.add_readings(8, (utc("06-01 11:54:59"), 120.0))
    rows = get_active_workouts(builder.reader, NOON).value.rows.to_pylist()
    assert [(row["name"], row["gym"], row["heartrate"], row["zone"]) for row in rows] == [
        ("Person 9", None, None, None),
        ("Person 8", None, None, None),
    ]


def test_readings_a_second_are_told_up_to_the_newest_where_that_is_fresh(builder: TableBuilder) -> None:
    begin = utc("06-01 11:50:00")
    builder.add_readings(1, *[(later(begin, seconds=second), 100.0) for second in range(541)])
    builder.add_readings(2, *[(later(begin, seconds=second + 0.5), -1.0) for second in range(540)])
    rate = get_ingest_rate(builder.reader, NOON).value
    assert rate.newest_at == utc("06-01 11:59:00")
    assert (rate.per_second, rate.wearables, rate.invalid) == (2.0, 2, 60)
    series = rate.series.to_pylist()
    assert (len(series), rate.bucket_seconds) == (90, 10)
    assert series[-1] == {"time": utc("06-01 11:58:50"), "per_second": 2.0, "wearables": 2}
    assert sum(row["per_second"] for row in series) * 10 == 1080
    assert {row["per_second"] for row in series if row["time"] < begin} == {0}


def test_old_readings_are_none_a_second_but_the_newest_is_told(builder: TableBuilder) -> None:
    builder.add_readings(1, (utc("06-01 09:00:00"), 100.0), (utc("06-01 13:00:00"), 100.0))
    rate = get_ingest_rate(builder.reader, NOON).value
    assert (rate.per_second, rate.wearables, rate.newest_at) == (0, 0, utc("06-01 09:00:00"))
    assert get_ingest_rate(builder.reader, utc("01-01 00:00:00")).value.newest_at is None


def test_the_delay_is_from_the_event_to_loading_and_milliseconds_are_understood(builder: TableBuilder) -> None:
    base = int(NOON.timestamp())

    def record(topic: str, timestamp: int, seconds: float) -> dict[str, object]:
        return {"topic_group": topic, "topic": topic, "timestamp": timestamp, "load_time": later(NOON, seconds=seconds)}

    builder.write(
        "bronz_db.kafka_multiplex_bz",
        record("bpm", base - 100, -90),
        record("bpm", (base - 100) * 1000 + 500, -98.5),
        record("bpm", base - 100, -96),
        record("workout", base - 7200, -7100),
        record("other", base, -1),
        {"topic_group": "bpm", "load_time": NOON},
    )
    builder.write("bronz_db.gym_logins_bz", {"login": base - 60.0, "logout": base - 30.0, "load_time": NOON})
    delays = {delay.source: delay for delay in get_ingest_delays(builder.reader, NOON).value}
    assert set(delays) == {"bpm", "workout", "user_info", "gym_logins"}
    assert (delays["bpm"].records, delays["bpm"].median_seconds) == (3, 4)
    assert delays["gym_logins"].median_seconds == 30
    assert (delays["workout"].records, delays["workout"].median_seconds) == (0, None)
    assert delays["workout"].last_load == later(NOON, seconds=-7100)
    assert delays["user_info"].last_load is None


def test_the_latest_event_is_of_any_kind_but_no_wrong_clock(builder: TableBuilder) -> None:
    assert get_latest_event_time(builder.reader).value is None
    past = utc("06-01 12:00:00").replace(year=2024)
    builder.add_readings(1, (past, 100.0), (past.replace(year=2999), 100.0))
    builder.add_visit(1, 5, past, later(past, microseconds=7))
    assert get_latest_event_time(builder.reader).value == later(past, microseconds=7)


def test_before_there_are_tables_every_query_says_what_to_do(builder: TableBuilder) -> None:
    queries = (get_gym_occupancy, get_active_workouts, get_ingest_rate, get_ingest_delays, get_latest_event_time)
    for query in queries:
        missing = query(builder.reader).empty_state
        assert missing and "not there yet" in missing.message and missing.hint
    builder.create_all_empty()
    for query in queries:
        empty = query(builder.reader).empty_state
        assert empty and "no rows yet" in empty.message
