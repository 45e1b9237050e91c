"""Who is in the gyms and who trains, of visits and workouts that people can follow."""

from datetime import timedelta

from fitness_assets.dashboard.questions import now
from fitness_assets_tests.dashboard.questions.zone import Zone, after, at

NOON = at("06-01 12:00:00")


def people(zone: Zone) -> dict[int, int]:
    return {gym.gym: gym.people for gym in now.in_the_gyms(zone.lake, NOON).value.gyms}


def test_people_whose_visit_is_open_are_in_the_gym_and_an_empty_gym_is_told_too(zone: Zone) -> None:
    zone.visit(1, 5, at("06-01 11:00:00"))
    zone.visit(2, 5, at("06-01 11:30:00"))
    zone.visit(3, 8, at("06-01 09:00:00"), at("06-01 10:00:00"))
    found = now.in_the_gyms(zone.lake, NOON).value
    assert people(zone) == {5: 2, 8: 0}
    assert (found.people, found.forgotten) == (2, 0)
    assert (found.gyms[0].since, found.gyms[0].last_login) == (at("06-01 11:00:00"), at("06-01 11:30:00"))
    assert (found.gyms[1].since, found.gyms[1].last_login) == (None, at("06-01 09:00:00"))


def test_a_visit_whose_logout_is_still_to_come_is_going_on(zone: Zone) -> None:
    zone.visit(1, 5, at("06-01 11:00:00"), at("06-01 12:00:01"))
    zone.visit(2, 5, at("06-01 11:00:00"), NOON)
    zone.visit(3, 5, at("06-01 12:00:01"))
    assert people(zone) == {5: 1}


def test_who_logged_in_elsewhere_since_is_there_and_the_open_visit_is_forgotten(zone: Zone) -> None:
    zone.visit(1, 5, at("06-01 10:00:00"))
    zone.visit(1, 8, at("06-01 11:00:00"))
    found = now.in_the_gyms(zone.lake, NOON).value
    assert people(zone) == {5: 0, 8: 1}
    assert [gym.forgotten for gym in found.gyms] == [1, 0]


def test_nobody_stays_for_twelve_hours_and_what_is_forgotten_is_told_for_a_week(zone: Zone) -> None:
    zone.visit(1, 5, NOON - timedelta(hours=12))
    zone.visit(2, 5, after(NOON - timedelta(hours=12), seconds=1))
    zone.visit(3, 5, NOON - timedelta(days=8))
    found = now.in_the_gyms(zone.lake, NOON).value
    assert (found.people, found.forgotten) == (1, 1)


def test_a_closed_visit_after_an_open_one_takes_the_person_out(zone: Zone) -> None:
    zone.visit(1, 5, at("06-01 10:00:00"))
    zone.visit(1, 5, at("06-01 11:00:00"), at("06-01 11:30:00"))
    assert people(zone) == {5: 0}


def test_a_workout_is_under_way_after_a_start_without_a_stop_for_less_than_three_hours(zone: Zone) -> None:
    zone.session(1, 1, at("06-01 11:30:00"))
    zone.session(2, 1, at("06-01 11:00:00"), at("06-01 11:40:00"))
    zone.session(3, 1, at("06-01 09:00:00"))
    zone.session(4, 1, at("06-01 09:00:01"))
    zone.session(5, 1, at("06-01 12:00:01"))
    found = now.workouts_under_way(zone.lake, NOON).value
    assert found.workouts["user_id"].to_pylist() == [1, 4]
    assert found.workouts["minutes"][0].as_py() == 30


def test_who_starts_another_session_has_left_the_one_before(zone: Zone) -> None:
    zone.session(1, 1, at("06-01 11:00:00"))
    zone.session(1, 2, at("06-01 11:30:00"))
    zone.session(2, 1, at("06-01 11:00:00"))
    zone.session(2, 2, at("06-01 11:10:00"), at("06-01 11:20:00"))
    found = now.workouts_under_way(zone.lake, NOON).value.workouts
    assert list(zip(found["user_id"].to_pylist(), found["session_id"].to_pylist(), strict=True)) == [(1, 2)]


def test_a_stop_at_the_instant_of_the_start_ends_nothing(zone: Zone) -> None:
    of = {"user_id": 1, "workout_id": 1, "session_id": 1, "time": at("06-01 11:00:00")}
    zone.put("silver_db.workouts", of | {"action": "start"}, of | {"action": "stop"})
    assert now.workouts_under_way(zone.lake, NOON).value.count == 1


def test_a_workout_shows_place_latest_heart_rate_and_zone(zone: Zone) -> None:
    zone.user(1)
    zone.profile(1, first_name="Ana", last_name="Silva", dob=at("06-02 00:00:00").date().replace(year=1986))
    zone.visit(1, 7, at("06-01 11:00:00"))
    zone.session(1, 1, at("06-01 11:50:00"))
    # 39 years old: 208 - 0.7 * 39 = 180.7; 90 percent of it are 162.6.
    zone.readings(1, (at("06-01 11:58:00"), 150.0), (at("06-01 11:59:00"), 162.6), (at("06-01 11:59:30"), -1.0))
    row = now.workouts_under_way(zone.lake, NOON).value.workouts.to_pylist()[0]
    assert (row["gym"], row["heartrate"], row["read_at"], row["zone"]) == (7, 162.6, at("06-01 11:59:00"), 5)
    assert row["name"] == "A••• S•••"
    assert now.in_the_gyms(zone.lake, NOON).value.training == 1
    unmasked = now.workouts_under_way(zone.lake, NOON, unmasked=True).value.workouts
    assert unmasked["name"].to_pylist() == ["Ana Silva"]


def test_without_registration_profile_or_fresh_readings_a_workout_is_still_told(zone: Zone) -> None:
    zone.session(9, 1, at("06-01 11:50:00"))
    zone.user(8)
    zone.session(8, 1, at("06-01 11:40:00"))
    zone.readings(8, (at("06-01 11:54:59"), 120.0))
    rows = now.workouts_under_way(zone.lake, NOON).value.workouts.to_pylist()
    assert [(row["name"], row["gym"], row["heartrate"], row["zone"]) for row in rows] == [
        ("Person 9", None, None, None),
        ("Person 8", None, None, None),
    ]


def test_readings_a_second_are_told_up_to_the_newest_where_that_is_fresh(zone: Zone) -> None:
    begin = at("06-01 11:50:00")
    zone.readings(1, *[(after(begin, seconds=second), 100.0) for second in range(541)])
    zone.readings(2, *[(after(begin, seconds=second + 0.5), -1.0) for second in range(540)])
    found = now.readings(zone.lake, NOON).value
    assert found.newest == at("06-01 11:59:00")
    assert (found.per_second, found.wearables, found.invalid) == (2.0, 2, 60)
    series = found.series.to_pylist()
    assert (len(series), found.stretch_seconds) == (90, 10)
    assert series[-1] == {"time": at("06-01 11:58:50"), "per_second": 2.0, "wearables": 2}
    assert sum(row["per_second"] for row in series) * 10 == 1080
    assert {row["per_second"] for row in series if row["time"] < begin} == {0}


def test_old_readings_are_none_a_second_but_the_newest_is_told(zone: Zone) -> None:
    zone.readings(1, (at("06-01 09:00:00"), 100.0), (at("06-01 13:00:00"), 100.0))
    found = now.readings(zone.lake, NOON).value
    assert (found.per_second, found.wearables, found.newest) == (0, 0, at("06-01 09:00:00"))
    assert now.readings(zone.lake, at("01-01 00:00:00")).value.newest is None


def test_the_delay_is_from_the_event_to_loading_and_milliseconds_are_understood(zone: Zone) -> None:
    base = int(NOON.timestamp())

    def record(topic: str, timestamp: int, seconds: float) -> dict[str, object]:
        return {"topic_group": topic, "topic": topic, "timestamp": timestamp, "load_time": after(NOON, seconds=seconds)}

    zone.put(
        "bronz_db.kafka_multiplex_bz",
        record("bpm", base - 100, -90),
        record("bpm", (base - 100) * 1000 + 500, -98.5),
        record("bpm", base - 100, -96),
        record("workout", base - 7200, -7100),
        record("other", base, -1),
        {"topic_group": "bpm", "load_time": NOON},
    )
    zone.put("bronz_db.gym_logins_bz", {"login": base - 60.0, "logout": base - 30.0, "load_time": NOON})
    found = {one.source: one for one in now.delays(zone.lake, NOON).value}
    assert set(found) == {"bpm", "workout", "user_info", "gym_logins"}
    assert (found["bpm"].records, found["bpm"].median_seconds) == (3, 4)
    assert found["gym_logins"].median_seconds == 30
    assert (found["workout"].records, found["workout"].median_seconds) == (0, None)
    assert found["workout"].last_load == after(NOON, seconds=-7100)
    assert found["user_info"].last_load is None


def test_the_latest_moment_is_that_of_any_event_but_no_wrong_clock(zone: Zone) -> None:
    assert now.latest_moment(zone.lake).value is None
    past = at("06-01 12:00:00").replace(year=2024)
    zone.readings(1, (past, 100.0), (past.replace(year=2999), 100.0))
    zone.visit(1, 5, past, after(past, microseconds=7))
    assert now.latest_moment(zone.lake).value == after(past, microseconds=7)


def test_before_there_are_tables_every_question_says_what_to_do(zone: Zone) -> None:
    for question in (now.in_the_gyms, now.workouts_under_way, now.readings, now.delays, now.latest_moment):
        nothing = question(zone.lake).nothing
        assert nothing and "not there yet" in nothing.what and nothing.do
    zone.put_all_empty()
    for question in (now.in_the_gyms, now.workouts_under_way, now.readings, now.delays, now.latest_moment):
        nothing = question(zone.lake).nothing
        assert nothing and "no rows yet" in nothing.what
