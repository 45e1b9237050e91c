"""One session: curve, zones, recovery, gaps, and the sessions before it."""

from datetime import date

import pytest

from fitness_assets.dashboard.questions.heart import ZONES, age_on, highest_rate, zone_of
from fitness_assets.dashboard.questions.recovery import recovery
from fitness_assets.dashboard.questions.session import Session, session
from fitness_assets_tests.dashboard.questions.zone import Zone, after, at

START = at("06-01 10:00:00")
END = at("06-01 10:10:00")


def asked(zone: Zone, user_id: int = 1, session_id: int = 1, **more: object) -> Session:
    found = session(zone.lake, user_id, 1, session_id, **more).value  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.fixture
def trained(zone: Zone) -> Zone:
    """A person of 40 years, whose highest heart rate is 180, and a session of ten minutes."""
    zone.user(1)
    zone.profile(1, first_name="Ana", last_name="Silva", dob=date(1986, 6, 1))
    zone.session(1, 1, START, END)
    return zone


def test_numbers_are_over_valid_readings_after_the_start_up_to_and_at_the_end(trained: Zone) -> None:
    trained.readings(
        1,
        *[(after(START, seconds=-61), 50.0), (after(START, seconds=-60), 55.0), (START, 60.0)],
        *[(after(START, seconds=1), 100.0), (after(START, seconds=30), 0.0), (END, 160.0)],
        *[(after(END, microseconds=1), 170.0), (after(END, seconds=180), 90.0), (after(END, seconds=181), 80.0)],
    )
    trained.readings(2, (after(START, seconds=2), 222.0))
    found = asked(trained)
    assert (found.min_bpm, found.avg_bpm, found.max_bpm) == (100, 130, 160)
    assert (found.readings, found.invalid, found.minutes, found.until) == (2, 1, 10, END)
    assert found.curve["second"].to_pylist() == [-60, 0, 1, 600, 600.000001, 780]
    assert found.curve["part"].to_pylist() == ["before", "before", "during", "during", "after", "after"]
    assert found.curve["time"][0].as_py() == after(START, seconds=-60)


def test_zones_are_shares_of_the_highest_rate_by_age_and_the_lower_border_belongs_to_them(trained: Zone) -> None:
    rates = (89.9, 90.0, 108.0, 126.0, 144.0, 162.0)
    trained.readings(1, *[(after(START, seconds=100 * n + 1), rate) for n, rate in enumerate(rates)])
    found = asked(trained)
    assert (found.age, found.highest) == (40, 180)
    assert [zone.low for zone in found.zones] == [0, 90, 108, 126, 144, 162]
    assert [zone.high for zone in found.zones] == [90, 108, 126, 144, 162, None]
    assert found.curve["zone"].to_pylist() == [0, 1, 2, 3, 4, 5]


def test_a_reading_stands_until_the_next_one_but_no_longer_than_a_minute(trained: Zone) -> None:
    trained.readings(1, (after(START, seconds=10), 100.0), (after(START, seconds=40), 150.0), (END, 150.0))
    found = asked(trained)
    seconds = {zone.number: zone.seconds for zone in found.zones}
    assert (seconds[1], seconds[4]) == (30, 60)
    assert found.zones[4].share == pytest.approx(60 / 90)
    assert found.gaps == 1


def test_without_a_date_of_birth_there_are_no_zones_but_a_curve(zone: Zone) -> None:
    zone.user(1)
    zone.session(1, 1, START, END)
    zone.readings(1, (after(START, seconds=1), 100.0))
    found = asked(zone)
    assert (found.age, found.highest, found.zones) == (None, None, ())
    assert found.curve["zone"].to_pylist() == [None]
    assert found.name == "Person 1"


def test_the_age_is_that_on_the_day_of_the_session() -> None:
    assert age_on(date(1986, 6, 2), date(2026, 6, 1)) == 39
    assert age_on(date(2004, 2, 29), date(2025, 2, 28)) == 20
    assert age_on(date(2004, 2, 29), date(2025, 3, 1)) == 21
    assert age_on(date(2026, 6, 2), date(2026, 6, 1)) is None
    assert age_on(None, date(2026, 6, 1)) is None
    assert highest_rate(40) == 180
    assert highest_rate(None) is None
    assert [zone_of(rate, 200) for rate in (0.1, 99.9, 100, 120, 140, 160, 180, 300)] == [0, 0, 1, 2, 3, 4, 5, 5]
    assert [zone.number for zone in ZONES] == list(range(6))


def test_recovery_takes_the_reading_nearest_to_the_instant_and_before_the_stop_only_earlier_ones() -> None:
    found = recovery([(-3, 150), (1, 149), (57, 120), (64, 118), (111, 100), (129, 90)])
    assert (found.at_stop, found.after_60, found.after_120) == (150, 120, 100)
    assert (found.drop_60, found.drop_120) == (30, 50)


def test_recovery_is_unknown_without_a_reading_near_enough() -> None:
    found = recovery([(-11, 150), (49, 120), (71, 110), (130, 90)])
    assert (found.at_stop, found.after_60, found.after_120) == (None, None, 90)
    assert (found.drop_60, found.drop_120) == (None, None)
    assert recovery([]).drop_60 is None


def test_who_starts_again_does_not_recover_any_more() -> None:
    readings = [(0.0, 150.0), (55.0, 125.0), (62.0, 121.0), (120.0, 160.0)]
    assert recovery(readings, rests=61).after_60 == 125
    assert recovery(readings, rests=60).after_60 is None
    assert recovery(readings, rests=61).after_120 is None


def test_recovery_is_read_after_the_stop_of_the_session(trained: Zone) -> None:
    trained.readings(1, (END, 150.0), (after(END, seconds=60), 118.0), (after(END, seconds=120), -1.0))
    assert asked(trained).recovery.drop_60 == 32
    assert asked(trained).recovery.after_120 is None


def test_a_session_stands_against_the_finished_ones_before_it(trained: Zone) -> None:
    for day, workout, minutes, bpm in (("05-01", 1, 20, 110), ("05-02", 2, 40, 130), ("06-02", 1, 90, 190)):
        start = at(f"{day} 10:00:00")
        number = int(day[-2:]) + 10
        trained.session(1, number, start, after(start, minutes=minutes), workout)
        trained.summary(1, number, bpm - 10, bpm, bpm + 10, readings=5, workout_id=workout)
        end = after(start, minutes=minutes)
        trained.readings(1, (end, bpm), (after(end, seconds=60), bpm - minutes))
    trained.session(1, 99, at("05-03 10:00:00"))
    found = asked(trained)
    assert found.earlier["session_id"].to_pylist() == [11, 12]
    assert found.earlier["same_workout"].to_pylist() == [True, False]
    assert found.earlier["drop_60"].to_pylist() == [20, 40]
    assert (found.against_all.sessions, found.against_all.minutes, found.against_all.avg_bpm) == (2, 30, 120)
    assert found.against_all.drop_60 == 30
    assert (found.against_same.sessions, found.against_same.max_bpm) == (1, 120)


def test_the_first_session_stands_against_nothing(trained: Zone) -> None:
    found = asked(trained)
    assert found.earlier.num_rows == 0
    assert (found.against_all.sessions, found.against_all.avg_bpm) == (0, None)
    assert (found.min_bpm, found.avg_bpm, found.max_bpm, found.readings) == (None, None, None, 0)
    assert found.gaps == 1


def test_a_session_that_is_going_on_is_shown_up_to_now(zone: Zone) -> None:
    zone.user(1)
    zone.session(1, 1, START)
    zone.readings(1, (after(START, minutes=5), 100.0), (after(START, minutes=20), 120.0))
    found = asked(zone, now=after(START, minutes=10))
    assert (found.status, found.end_time, found.until) == ("under way", None, after(START, minutes=10))
    assert (found.readings, found.minutes, found.recovery.at_stop) == (1, 5, None)


def test_a_session_without_a_stop_ends_with_the_next_start_or_after_three_hours(zone: Zone) -> None:
    zone.user(1)
    zone.session(1, 1, START)
    zone.session(1, 2, after(START, minutes=30))
    later = after(START, days=1)
    assert asked(zone, now=later).until == after(START, minutes=30)
    assert asked(zone, session_id=2, now=later).until == after(START, minutes=210)
    assert asked(zone, now=later).status == "no stop"


def test_of_several_devices_only_the_registered_one_is_read(trained: Zone) -> None:
    trained.put("silver_db.heart_rate", {"device_id": 77, "time": after(START, seconds=5), "heartrate": 99.0})
    assert asked(trained).readings == 0


def test_a_session_that_never_was_is_none(trained: Zone) -> None:
    assert session(trained.lake, 1, 1, 2).value is None
    assert session(trained.lake, 9, 1, 1).value is None
