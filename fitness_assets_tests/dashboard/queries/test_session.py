"""One session: curve, zones, recovery, gaps, and the sessions before it."""

from datetime import date, datetime

import pytest

from fitness_assets.dashboard.queries.heart_rate_zones import ZONES, age_on, max_heart_rate, zone_number
from fitness_assets.dashboard.queries.workouts.recovery import measure_recovery
from fitness_assets.dashboard.queries.workouts.session_detail import SessionDetail, get_session
from fitness_assets_tests.dashboard.table_builder import TableBuilder, later, utc

START = utc("06-01 10:00:00")
END = utc("06-01 10:10:00")


def existing_session(
    builder: TableBuilder, user_id: int = 1, session_id: int = 1, now: datetime | None = None
) -> SessionDetail:
    session = get_session(builder.reader, user_id, 1, session_id, now).value
    assert session is not None
    return session


@pytest.fixture
def with_session(builder: TableBuilder) -> TableBuilder:
    """A person of 40 years, whose highest heart rate is 180, and a session of ten minutes."""
    builder.add_user(1)
    builder.add_profile(1, first_name="Ana", last_name="Silva", dob=date(1986, 6, 1))
    builder.add_session(1, 1, START, END)
    return builder


def test_numbers_are_over_valid_readings_after_the_start_up_to_and_at_the_end(with_session: TableBuilder) -> None:
    with_session.add_readings(
        1,
        *[(later(START, seconds=-61), 50.0), (later(START, seconds=-60), 55.0), (START, 60.0)],
        *[(later(START, seconds=1), 100.0), (later(START, seconds=30), 0.0), (END, 160.0)],
        *[(later(END, microseconds=1), 170.0), (later(END, seconds=180), 90.0), (later(END, seconds=181), 80.0)],
    )
    with_session.add_readings(2, (later(START, seconds=2), 222.0))
    session = existing_session(with_session)
    assert (session.min_bpm, session.avg_bpm, session.max_bpm) == (100, 130, 160)
    assert (session.readings, session.invalid, session.minutes, session.until) == (2, 1, 10, END)
    assert session.curve["second"].to_pylist() == [-60, 0, 1, 600, 600.000001, 780]
    assert session.curve["part"].to_pylist() == ["before", "before", "during", "during", "after", "after"]
    assert session.curve["time"][0].as_py() == later(START, seconds=-60)


def test_zones_are_shares_of_the_highest_rate_by_age_and_the_lower_border_belongs_to_them(
    with_session: TableBuilder,
) -> None:
    rates = (89.9, 90.0, 108.0, 126.0, 144.0, 162.0)
    with_session.add_readings(1, *[(later(START, seconds=100 * n + 1), rate) for n, rate in enumerate(rates)])
    session = existing_session(with_session)
    assert (session.age, session.max_heart_rate) == (40, 180)
    assert [zone.min_bpm for zone in session.zones] == [0, 90, 108, 126, 144, 162]
    assert [zone.max_bpm for zone in session.zones] == [90, 108, 126, 144, 162, None]
    assert session.curve["zone"].to_pylist() == [0, 1, 2, 3, 4, 5]


def test_a_reading_stands_until_the_next_one_but_no_longer_than_a_minute(with_session: TableBuilder) -> None:
    with_session.add_readings(1, (later(START, seconds=10), 100.0), (later(START, seconds=40), 150.0), (END, 150.0))
    session = existing_session(with_session)
    seconds = {zone.number: zone.seconds for zone in session.zones}
    assert (seconds[1], seconds[4]) == (30, 60)
    assert session.zones[4].share == pytest.approx(60 / 90)
    assert session.gaps == 1


def test_without_a_date_of_birth_there_are_no_zones_but_a_curve(builder: TableBuilder) -> None:
    builder.add_user(1)
    builder.add_session(1, 1, START, END)
    builder.add_readings(1, (later(START, seconds=1), 100.0))
    session = existing_session(builder)
    assert (session.age, session.max_heart_rate, session.zones) == (None, None, ())
    assert session.curve["zone"].to_pylist() == [None]
    assert session.name == "Person 1"


def test_the_age_is_that_on_the_day_of_the_session() -> None:
    assert age_on(date(1986, 6, 2), date(2026, 6, 1)) == 39
    assert age_on(date(2004, 2, 29), date(2025, 2, 28)) == 20
    assert age_on(date(2004, 2, 29), date(2025, 3, 1)) == 21
    assert age_on(date(2026, 6, 2), date(2026, 6, 1)) is None
    assert age_on(None, date(2026, 6, 1)) is None
    assert max_heart_rate(40) == 180
    assert max_heart_rate(None) is None
    assert [zone_number(rate, 200) for rate in (0.1, 99.9, 100, 120, 140, 160, 180, 300)] == [0, 0, 1, 2, 3, 4, 5, 5]
    assert [zone.number for zone in ZONES] == list(range(6))


def test_recovery_takes_the_reading_nearest_to_the_instant_and_before_the_stop_only_earlier_ones() -> None:
    recovery = measure_recovery([(-3, 150), (1, 149), (57, 120), (64, 118), (111, 100), (129, 90)])
    assert (recovery.at_stop, recovery.after_60, recovery.after_120) == (150, 120, 100)
    assert (recovery.drop_60, recovery.drop_120) == (30, 50)


def test_recovery_is_unknown_without_a_reading_near_enough() -> None:
    recovery = measure_recovery([(-11, 150), (49, 120), (71, 110), (130, 90)])
    assert (recovery.at_stop, recovery.after_60, recovery.after_120) == (None, None, 90)
    assert (recovery.drop_60, recovery.drop_120) == (None, None)
    assert measure_recovery([]).drop_60 is None


def test_who_starts_again_does_not_recover_any_more() -> None:
    readings = [(0.0, 150.0), (55.0, 125.0), (62.0, 121.0), (120.0, 160.0)]
    assert measure_recovery(readings, next_start=61).after_60 == 125
    assert measure_recovery(readings, next_start=60).after_60 is None
    assert measure_recovery(readings, next_start=61).after_120 is None


def test_recovery_is_read_after_the_stop_of_the_session(with_session: TableBuilder) -> None:
    with_session.add_readings(1, (END, 150.0), (later(END, seconds=60), 118.0), (later(END, seconds=120), -1.0))
    assert existing_session(with_session).recovery.drop_60 == 32
    assert existing_session(with_session).recovery.after_120 is None


def test_a_session_stands_against_the_finished_ones_before_it(with_session: TableBuilder) -> None:
    for day, workout, minutes, bpm in (("05-01", 1, 20, 110), ("05-02", 2, 40, 130), ("06-02", 1, 90, 190)):
        start = utc(f"{day} 10:00:00")
        number = int(day[-2:]) + 10
        with_session.add_session(1, number, start, later(start, minutes=minutes), workout)
        with_session.add_summary(1, number, bpm - 10, bpm, bpm + 10, readings=5, workout_id=workout)
        end = later(start, minutes=minutes)
        with_session.add_readings(1, (end, bpm), (later(end, seconds=60), bpm - minutes))
    with_session.add_session(1, 99, utc("05-03 10:00:00"))
    session = existing_session(with_session)
    assert session.earlier["session_id"].to_pylist() == [11, 12]
    assert session.earlier["same_workout"].to_pylist() == [True, False]
    assert session.earlier["drop_60"].to_pylist() == [20, 40]
    assert (session.earlier_averages.sessions, session.earlier_averages.minutes, session.earlier_averages.avg_bpm) == (
        2,
        30,
        120,
    )
    assert session.earlier_averages.drop_60 == 30
    assert (session.same_workout_averages.sessions, session.same_workout_averages.max_bpm) == (1, 120)


def test_the_first_session_stands_against_nothing(with_session: TableBuilder) -> None:
    session = existing_session(with_session)
    assert session.earlier.num_rows == 0
    assert (session.earlier_averages.sessions, session.earlier_averages.avg_bpm) == (0, None)
    assert (session.min_bpm, session.avg_bpm, session.max_bpm, session.readings) == (None, None, None, 0)
    assert session.gaps == 1


def test_a_session_that_is_going_on_is_shown_up_to_now(builder: TableBuilder) -> None:
    builder.add_user(1)
    builder.add_session(1, 1, START)
    builder.add_readings(1, (later(START, minutes=5), 100.0), (later(START, minutes=20), 120.0))
    session = existing_session(builder, now=later(START, minutes=10))
    assert (session.status, session.end_time, session.until) == ("under way", None, later(START, minutes=10))
    assert (session.readings, session.minutes, session.recovery.at_stop) == (1, 5, None)


def test_a_session_without_a_stop_ends_with_the_next_start_or_after_three_hours(builder: TableBuilder) -> None:
    builder.add_user(1)
    builder.add_session(1, 1, START)
    builder.add_session(1, 2, later(START, minutes=30))
    next_day = later(START, days=1)
    assert existing_session(builder, now=next_day).until == later(START, minutes=30)
    assert existing_session(builder, session_id=2, now=next_day).until == later(START, minutes=210)
    assert existing_session(builder, now=next_day).status == "no stop"


def test_of_several_devices_only_the_registered_one_is_read(with_session: TableBuilder) -> None:
    with_session.write("silver_db.heart_rate", {"device_id": 77, "time": later(START, seconds=5), "heartrate": 99.0})
    assert existing_session(with_session).readings == 0


def test_a_session_that_never_was_is_none(with_session: TableBuilder) -> None:
    assert get_session(with_session.reader, 1, 1, 2).value is None
    assert get_session(with_session.reader, 9, 1, 1).value is None
