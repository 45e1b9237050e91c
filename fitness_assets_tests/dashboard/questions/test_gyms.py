"""Visits by hour, and time in the gym against time exercising: each counted once."""

import pytest

from fitness_assets.dashboard.questions import gyms
from fitness_assets.errors import SettingError
from fitness_assets_tests.dashboard.questions.zone import Zone, at

MONDAY, TUESDAY, SUNDAY = 0, 1, 6


def counted(week: gyms.Week) -> dict[tuple[int, int], int]:
    return {
        (weekday, hour): count for weekday, row in enumerate(week.counts) for hour, count in enumerate(row) if count
    }


def test_logins_are_counted_by_weekday_and_hour(zone: Zone) -> None:
    # 1 June 2026 is a Monday.
    zone.visit(1, 5, at("06-01 07:59:59"), at("06-01 09:00:00"))
    zone.visit(2, 6, at("06-01 07:00:00"), at("06-01 09:00:00"))
    zone.visit(1, 5, at("06-08 08:00:00"))
    week = gyms.visits_by_hour(zone.lake).value
    assert counted(week) == {(MONDAY, 7): 2, (MONDAY, 8): 1}
    assert week.days == (2, 1, 1, 1, 1, 1, 1)
    assert week.means[MONDAY][7] == 1
    assert week.visits == 3
    assert counted(gyms.visits_by_hour(zone.lake, which=(5,)).value) == {(MONDAY, 7): 1, (MONDAY, 8): 1}


def test_a_visit_is_present_in_every_hour_it_touches_but_not_in_the_one_it_ends_with(zone: Zone) -> None:
    zone.visit(1, 5, at("06-01 07:50:00"), at("06-01 10:00:00"))
    zone.visit(2, 5, at("06-01 23:30:00"), at("06-02 00:10:00"))
    zone.visit(3, 5, at("06-01 12:00:00"), at("06-01 12:00:00"))
    assert counted(gyms.visits_by_hour(zone.lake, measure="present").value) == {
        **{(MONDAY, hour): 1 for hour in (7, 8, 9, 12, 23)},
        (TUESDAY, 0): 1,
    }


def test_an_open_visit_is_present_until_now_or_the_next_login_or_for_twelve_hours(zone: Zone) -> None:
    zone.visit(1, 5, at("06-01 07:00:00"))
    assert len(counted(gyms.visits_by_hour(zone.lake, measure="present", now=at("06-01 09:30:00")).value)) == 3
    assert len(counted(gyms.visits_by_hour(zone.lake, measure="present", now=at("06-09 00:00:00")).value)) == 12
    zone.visit(1, 6, at("06-01 08:30:00"))
    assert counted(gyms.visits_by_hour(zone.lake, (5,), measure="present", now=at("06-01 09:30:00")).value) == {
        (MONDAY, 7): 1,
        (MONDAY, 8): 1,
    }


def test_hours_are_those_of_the_time_zone_in_summer_and_in_winter(zone: Zone) -> None:
    zone.visit(1, 5, at("06-01 22:30:00"), at("06-01 23:00:00"))
    zone.visit(1, 5, at("01-05 22:30:00"), at("01-05 23:00:00"))
    assert counted(gyms.visits_by_hour(zone.lake, time_zone="Europe/Berlin").value) == {
        (TUESDAY, 0): 1,
        (MONDAY, 23): 1,
    }
    assert counted(gyms.visits_by_hour(zone.lake, time_zone="Asia/Kolkata", measure="present").value) == {
        (TUESDAY, 4): 2
    }
    with pytest.raises(SettingError, match="time zone"):
        gyms.visits_by_hour(zone.lake, time_zone="Europe/Atlantis")
    with pytest.raises(SettingError):
        gyms.visits_by_hour(zone.lake, time_zone="../../etc/passwd")


def test_the_busiest_hours_are_those_with_the_highest_mean(zone: Zone) -> None:
    for login in ("06-01 07:00:00", "06-08 07:00:00", "06-02 18:00:00", "06-02 18:01:00", "06-07 09:00:00"):
        zone.visit(1, 5, at(login))
    found = gyms.busiest_hours(gyms.visits_by_hour(zone.lake).value, most=3)
    assert [(one.weekday, one.hour, one.count, one.mean) for one in found] == [
        (TUESDAY, 18, 2, 2),
        (MONDAY, 7, 2, 1),
        (SUNDAY, 9, 1, 1),
    ]


def summary(user_id: int, gym: int, login: str, session_id: int, exercising: float) -> dict[str, object]:
    of = {"user_id": user_id, "workout_id": 1, "session_id": session_id, "mac_address": f"mac{user_id}"}
    day = at(login).date()
    return of | {
        **{"gym": gym, "login": at(login), "date": day},
        **{"minutes_exercising": exercising, "minutes_in_gym": 60.0},
    }


def test_a_visit_with_two_sessions_is_one_hour_in_the_gym(zone: Zone) -> None:
    zone.visit(1, 5, at("06-01 07:00:00"), at("06-01 08:00:00"))
    zone.visit(2, 5, at("06-01 07:00:00"), at("06-01 07:30:00"))
    zone.visit(3, 5, at("06-01 07:00:00"))
    zone.put("gold_db.gym_summary", summary(1, 5, "06-01 07:00:00", 1, 20.0), summary(1, 5, "06-01 07:00:00", 2, 25.0))
    found = gyms.time_in_gyms(zone.lake).value
    assert [gym.gym for gym in found.gyms] == [5]
    one = found.gyms[0]
    assert (one.visits, one.open_visits, one.with_workout, one.people) == (3, 1, 1, 3)
    assert (one.minutes_in_gym, one.minutes_exercising, one.mean_visit, one.share) == (90, 45, 45, 0.5)
    assert found.all == gyms.GymTime(None, 3, 1, 1, 3, 90, 45, 45, 0.5)
    rows = gyms.visits_with_workouts(zone.lake).value.to_pylist()
    assert [(row["minutes_in_gym"], row["minutes_exercising"], row["sessions"]) for row in rows] == [(60, 45, 2)]


def test_a_session_in_two_visits_at_once_counts_for_both_gyms_but_once_in_all(zone: Zone) -> None:
    zone.visit(1, 5, at("06-01 07:00:00"), at("06-01 08:00:00"))
    zone.visit(1, 6, at("06-01 07:00:00"), at("06-01 08:00:00"))
    zone.put("gold_db.gym_summary", summary(1, 5, "06-01 07:00:00", 1, 20.0), summary(1, 6, "06-01 07:00:00", 1, 20.0))
    found = gyms.time_in_gyms(zone.lake).value
    assert [gym.minutes_exercising for gym in found.gyms] == [20, 20]
    assert (found.all.minutes_exercising, found.all.minutes_in_gym, found.all.people) == (20, 120, 1)


def test_time_is_counted_for_visits_that_began_in_the_time_looked_at(zone: Zone) -> None:
    for login in ("06-01 07:00:00", "06-02 07:00:00"):
        zone.visit(1, 5, at(login), at(login.replace("07:", "08:")))
        zone.put("gold_db.gym_summary", summary(1, 5, login, int(login[4]), 20.0))
    found = gyms.time_in_gyms(zone.lake, since=at("06-01 07:00:01"), until=at("06-03 00:00:00")).value.all
    assert (found.visits, found.minutes_in_gym, found.minutes_exercising) == (1, 60, 20)
    assert gyms.time_in_gyms(zone.lake, until=at("06-02 07:00:00")).value.all.visits == 1


def test_over_no_visits_sums_are_zero_and_means_are_unknown(zone: Zone) -> None:
    zone.put_all_empty()
    answer = gyms.time_in_gyms(zone.lake)
    assert answer.value == gyms.GymTimes((), gyms.GymTime(None, 0, 0, 0, 0, 0, 0, None, None))
    assert answer.nothing is not None
    week = gyms.visits_by_hour(zone.lake, measure="present").value
    assert (counted(week), week.days, gyms.busiest_hours(week)) == ({}, (0,) * 7, ())
    assert gyms.gyms(zone.lake).value == ()
    assert gyms.span(zone.lake).value is None
    assert gyms.visits_by_day(zone.lake).value.num_rows == 0


def test_visits_by_day_are_those_of_the_time_zones_days(zone: Zone) -> None:
    zone.visit(1, 5, at("06-01 22:30:00"))
    zone.visit(1, 5, at("06-02 07:00:00"))
    zone.visit(2, 6, at("06-02 07:00:00"))
    rows = gyms.visits_by_day(zone.lake, time_zone="Europe/Berlin").value.to_pylist()
    assert [(row["day"].day, row["gym"], row["visits"], row["people"]) for row in rows] == [(2, 5, 2, 1), (2, 6, 1, 1)]
    first, last = gyms.span(zone.lake).value or (None, None)
    assert (first, last) == (at("06-01 00:00:00").date(), at("06-02 00:00:00").date())
    assert gyms.gyms(zone.lake).value == (5, 6)
