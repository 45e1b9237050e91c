"""Visits by hour, and time in the gym against time exercising: each counted once."""

from dataclasses import replace

import pytest

from fitness_assets.dashboard.queries.gyms.time_in_gyms import GymTime, GymTimes, get_time_in_gyms
from fitness_assets.dashboard.queries.gyms.visits import (
    count_visits_by_day,
    get_login_dates,
    list_gyms,
    list_visits_with_workouts,
)
from fitness_assets.dashboard.queries.gyms.visits_by_hour import VisitsByHour, count_visits_by_hour, find_busiest_hours
from fitness_assets.errors import SettingError
from fitness_assets_tests.dashboard.table_builder import TableBuilder, utc

MONDAY, TUESDAY, SUNDAY = 0, 1, 6


def nonzero_counts(visits: VisitsByHour) -> dict[tuple[int, int], int]:
    return {
        (weekday, hour): count for weekday, row in enumerate(visits.counts) for hour, count in enumerate(row) if count
    }


def test_logins_are_counted_by_weekday_and_hour(builder: TableBuilder) -> None:
    # 1 June 2026 is a Monday.
    builder.add_visit(1, 5, utc("06-01 07:59:59"), utc("06-01 09:00:00"))
    builder.add_visit(2, 6, utc("06-01 07:00:00"), utc("06-01 09:00:00"))
    builder.add_visit(1, 5, utc("06-08 08:00:00"))
    visits = count_visits_by_hour(builder.reader).value
    assert nonzero_counts(visits) == {(MONDAY, 7): 2, (MONDAY, 8): 1}
    assert visits.days == (2, 1, 1, 1, 1, 1, 1)
    assert visits.means[MONDAY][7] == 1
    assert visits.visits == 3
    assert nonzero_counts(count_visits_by_hour(builder.reader, gyms=(5,)).value) == {(MONDAY, 7): 1, (MONDAY, 8): 1}


def test_a_visit_is_present_in_every_hour_it_touches_but_not_in_the_one_it_ends_with(builder: TableBuilder) -> None:
    builder.add_visit(1, 5, utc("06-01 07:50:00"), utc("06-01 10:00:00"))
    builder.add_visit(2, 5, utc("06-01 23:30:00"), utc("06-02 00:10:00"))
    builder.add_visit(3, 5, utc("06-01 12:00:00"), utc("06-01 12:00:00"))
    assert nonzero_counts(count_visits_by_hour(builder.reader, measure="present").value) == {
        **{(MONDAY, hour): 1 for hour in (7, 8, 9, 12, 23)},
        (TUESDAY, 0): 1,
    }


def test_an_open_visit_is_present_until_now_or_the_next_login_or_for_twelve_hours(builder: TableBuilder) -> None:
    builder.add_visit(1, 5, utc("06-01 07:00:00"))
    assert (
        len(nonzero_counts(count_visits_by_hour(builder.reader, measure="present", now=utc("06-01 09:30:00")).value))
        == 3
    )
    assert (
        len(nonzero_counts(count_visits_by_hour(builder.reader, measure="present", now=utc("06-09 00:00:00")).value))
        == 12
    )
    builder.add_visit(1, 6, utc("06-01 08:30:00"))
    assert nonzero_counts(
        count_visits_by_hour(builder.reader, (5,), measure="present", now=utc("06-01 09:30:00")).value
    ) == {
        (MONDAY, 7): 1,
        (MONDAY, 8): 1,
    }


def test_hours_are_those_of_the_time_zone_in_summer_and_in_winter(builder: TableBuilder) -> None:
    builder.add_visit(1, 5, utc("06-01 22:30:00"), utc("06-01 23:00:00"))
    builder.add_visit(1, 5, utc("01-05 22:30:00"), utc("01-05 23:00:00"))
    assert nonzero_counts(count_visits_by_hour(builder.reader, time_zone="Europe/Berlin").value) == {
        (TUESDAY, 0): 1,
        (MONDAY, 23): 1,
    }
    assert nonzero_counts(count_visits_by_hour(builder.reader, time_zone="Asia/Kolkata", measure="present").value) == {
        (TUESDAY, 4): 2
    }
    with pytest.raises(SettingError, match="time zone"):
        count_visits_by_hour(builder.reader, time_zone="Europe/Atlantis")
    with pytest.raises(SettingError):
        count_visits_by_hour(builder.reader, time_zone="../../etc/passwd")


def test_the_busiest_hours_are_those_with_the_highest_mean(builder: TableBuilder) -> None:
    for login in ("06-01 07:00:00", "06-08 07:00:00", "06-02 18:00:00", "06-02 18:01:00", "06-07 09:00:00"):
        builder.add_visit(1, 5, utc(login))
    busiest = find_busiest_hours(count_visits_by_hour(builder.reader).value, limit=3)
    assert [(busy.weekday, busy.hour, busy.count, busy.mean) for busy in busiest] == [
        (TUESDAY, 18, 2, 2),
        (MONDAY, 7, 2, 1),
        (SUNDAY, 9, 1, 1),
    ]


def summary(user_id: int, gym: int, login: str, session_id: int, exercising: float) -> dict[str, object]:
    session = {"user_id": user_id, "workout_id": 1, "session_id": session_id, "mac_address": f"mac{user_id}"}
    visit = {"gym": gym, "login": utc(login), "date": utc(login).date()}
    return session | visit | {"minutes_exercising": exercising, "minutes_in_gym": 60.0}


def test_a_visit_with_two_sessions_is_one_hour_in_the_gym(builder: TableBuilder) -> None:
    builder.add_visit(1, 5, utc("06-01 07:00:00"), utc("06-01 08:00:00"))
    builder.add_visit(2, 5, utc("06-01 07:00:00"), utc("06-01 07:30:00"))
    builder.add_visit(3, 5, utc("06-01 07:00:00"))
    builder.write(
        "gold_db.gym_summary", summary(1, 5, "06-01 07:00:00", 1, 20.0), summary(1, 5, "06-01 07:00:00", 2, 25.0)
    )
    times = get_time_in_gyms(builder.reader).value
    expected = GymTime(
        gym=5,
        visits=3,
        open_visits=1,
        with_workout=1,
        people=3,
        minutes_in_gym=90,
        minutes_exercising=45,
        mean_visit_minutes=45,
        exercising_share=0.5,
    )
    assert times == GymTimes((expected,), total=replace(expected, gym=None))
    rows = list_visits_with_workouts(builder.reader).value.to_pylist()
    assert [(row["minutes_in_gym"], row["minutes_exercising"], row["sessions"]) for row in rows] == [(60, 45, 2)]


def test_a_session_in_two_visits_at_once_counts_for_both_gyms_but_once_in_all(builder: TableBuilder) -> None:
    builder.add_visit(1, 5, utc("06-01 07:00:00"), utc("06-01 08:00:00"))
    builder.add_visit(1, 6, utc("06-01 07:00:00"), utc("06-01 08:00:00"))
    builder.write(
        "gold_db.gym_summary", summary(1, 5, "06-01 07:00:00", 1, 20.0), summary(1, 6, "06-01 07:00:00", 1, 20.0)
    )
    times = get_time_in_gyms(builder.reader).value
    assert [gym.minutes_exercising for gym in times.gyms] == [20, 20]
    assert (times.total.minutes_exercising, times.total.minutes_in_gym, times.total.people) == (20, 120, 1)


def test_time_is_counted_for_visits_that_began_in_the_time_looked_at(builder: TableBuilder) -> None:
    for login in ("06-01 07:00:00", "06-02 07:00:00"):
        builder.add_visit(1, 5, utc(login), utc(login.replace("07:", "08:")))
        builder.write("gold_db.gym_summary", summary(1, 5, login, int(login[4]), 20.0))
    total = get_time_in_gyms(builder.reader, since=utc("06-01 07:00:01"), until=utc("06-03 00:00:00")).value.total
    assert (total.visits, total.minutes_in_gym, total.minutes_exercising) == (1, 60, 20)
    assert get_time_in_gyms(builder.reader, until=utc("06-02 07:00:00")).value.total.visits == 1


def test_exercise_that_stays_without_its_visit_is_not_held_against_other_visits(builder: TableBuilder) -> None:
    builder.add_visit(1, 5, utc("06-02 07:00:00"), utc("06-02 08:00:00"))
    builder.write("gold_db.gym_summary", summary(1, 5, "06-01 07:00:00", 1, 20.0))
    total = get_time_in_gyms(builder.reader).value.total
    assert (total.visits, total.with_workout, total.minutes_exercising, total.exercising_share) == (1, 0, 0, 0)


def test_over_no_visits_sums_are_zero_and_means_are_unknown(builder: TableBuilder) -> None:
    builder.create_all_empty()
    result = get_time_in_gyms(builder.reader)
    nothing = GymTime(
        gym=None,
        visits=0,
        open_visits=0,
        with_workout=0,
        people=0,
        minutes_in_gym=0,
        minutes_exercising=0,
        mean_visit_minutes=None,
        exercising_share=None,
    )
    assert result.value == GymTimes((), total=nothing)
    assert result.empty_state is not None
    visits = count_visits_by_hour(builder.reader, measure="present").value
    assert (nonzero_counts(visits), visits.days, find_busiest_hours(visits)) == ({}, (0,) * 7, ())
    assert list_gyms(builder.reader).value == ()
    assert get_login_dates(builder.reader).value is None
    assert count_visits_by_day(builder.reader).value.num_rows == 0


def test_visits_by_day_are_those_of_the_time_zones_days(builder: TableBuilder) -> None:
    builder.add_visit(1, 5, utc("06-01 22:30:00"))
    builder.add_visit(1, 5, utc("06-02 07:00:00"))
    builder.add_visit(2, 6, utc("06-02 07:00:00"))
    rows = count_visits_by_day(builder.reader, time_zone="Europe/Berlin").value.to_pylist()
    assert [(row["day"].day, row["gym"], row["visits"], row["people"]) for row in rows] == [(2, 5, 2, 1), (2, 6, 1, 1)]
    first, last = get_login_dates(builder.reader).value or (None, None)
    assert (first, last) == (utc("06-01 00:00:00").date(), utc("06-02 00:00:00").date())
    assert list_gyms(builder.reader).value == (5, 6)
