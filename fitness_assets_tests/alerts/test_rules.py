"""Each rule: what brings its alert about, and that it is no alert any more once it is mended."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

import pytest

from fitness_assets.alerts import RULES, Automation, Backlog, Facts, FailedCheck, FailedRun, Records, StaleTable
from fitness_assets.alerts.rules import evaluate
from fitness_assets.alerts.trends import Trends
from fitness_assets.settings.alerts import AlertSettings

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
WINDOW = timedelta(hours=1)
SETTINGS = AlertSettings(silent_hours={"bpm": 2.0}, tick_seconds=300, lag_records=1_000, lag_seconds=600)
ALL_IS_WELL = Facts(at=NOON, loaded=1_000, refused=0, records=(Records("bpm", 500),))


@dataclass
class Watch:
    """Looks at one instant after the other."""

    trends: Trends = field(default_factory=Trends)

    def look(self, facts: Facts) -> set[str]:
        self.trends = self.trends.with_facts(facts, WINDOW)
        return set(evaluate(facts, SETTINGS, self.trends))


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        (
            {"failed_runs": (FailedRun("update_all_tables", "abc", "The disk is full."),)},
            "run_failed:update_all_tables",
        ),
        (
            {"failed_checks": (FailedCheck("silver_db.users", "unique_key", "No two rows.", True),)},
            "check_failed:silver_db.users unique_key",
        ),
        (
            {"failed_checks": (FailedCheck("bronz_db.kafka_multiplex_bz", "nothing_missed", "All read.", False),)},
            "topic_gap:bronz_db.kafka_multiplex_bz nothing_missed",
        ),
        ({"stale_tables": (StaleTable("gold_db.gym_summary", NOON),)}, "table_stale:gold_db.gym_summary"),
        ({"backlogs": (Backlog("bpm", 1_000, 0, 1_000),)}, "lag_growing:bpm"),
        ({"broker_problem": "The broker does not answer."}, "broker_unreachable:broker"),
        ({"receiver_problems": {"slack": "no answer"}}, "receiver_unreachable:slack"),
        (
            {"automations": (Automation("landing_zone_sensor", NOON, 5.0, 3, "No such folder"),)},
            "automation_failing:landing_zone_sensor",
        ),
    ],
)
def test_what_is_wrong_now_is_an_alert_and_ends_with_its_cause(wrong: dict[str, object], key: str) -> None:
    watch = Watch()
    assert watch.look(ALL_IS_WELL) == set()
    assert watch.look(replace(ALL_IS_WELL, **wrong)) == {key}
    assert watch.look(ALL_IS_WELL) == set()


@pytest.mark.parametrize(
    "well",
    [
        {"backlogs": (Backlog("bpm", 999, 1, 1_000),)},
        {"backlogs": (Backlog("bpm", 0, 6_000, 6_000),)},
        {"automations": (Automation("landing_zone_sensor", NOON, 5.0, 2, "No such folder"),)},
    ],
)
def test_below_the_thresholds_nothing_is_wrong(well: dict[str, object]) -> None:
    assert Watch().look(replace(ALL_IS_WELL, **well)) == set()


def at(minutes: float, **facts: object) -> Facts:
    return replace(ALL_IS_WELL, at=NOON + timedelta(minutes=minutes), **facts)


def lag(read: int, end: int) -> dict[str, object]:
    return {"backlogs": (Backlog("bpm", end - read, read, end),)}


def test_lag_is_old_where_the_same_record_waits_and_not_where_others_do() -> None:
    watch = Watch()
    for minute in range(30):  # always some unread, and none of them for long
        assert watch.look(at(minute, **lag(100 * minute, 100 * minute + 50))) == set()
    for minute in range(30, 39):  # nothing is read any more
        assert watch.look(at(minute, **lag(2_900, 2_951))) == set()
    assert watch.look(at(39, **lag(2_900, 2_951))) == {"lag_growing:bpm"}
    assert watch.look(at(40, **lag(2_951, 2_951))) == set()


def test_the_age_of_lag_outlives_a_broker_that_is_away_and_not_a_topic_that_is_made_anew() -> None:
    watch = Watch()
    watch.look(at(0, **lag(0, 10)))
    watch.look(at(5, broker_problem="It is down."))
    assert watch.look(at(11, **lag(0, 10))) == {"lag_growing:bpm"}
    assert watch.look(at(12, **lag(0, 3))) == set()


def test_what_is_remembered_of_lag_is_bounded() -> None:
    watch = Watch()
    for minute in range(1_000):
        watch.look(at(minute, **lag(0, minute + 1)))
    assert len(watch.trends.unread["bpm"]) <= 61
    assert watch.trends.waiting_seconds("bpm") == 999 * 60


def test_records_that_are_taken_out_are_no_sign_of_life() -> None:
    watch = Watch()
    watch.look(at(0))
    watch.look(at(60, records=(Records("bpm", 400),)))
    assert watch.look(at(120, records=(Records("bpm", 400),))) == {"source_silent:bpm"}
    assert watch.look(at(121, records=(Records("bpm", 300),))) == {"source_silent:bpm"}


def test_a_source_is_silent_that_brings_nothing_for_its_hours() -> None:
    watch = Watch()
    assert watch.look(at(0)) == set()
    assert watch.look(at(119)) == set()
    assert watch.look(at(120)) == {"source_silent:bpm"}
    assert watch.look(at(121, records=(Records("bpm", 501),))) == set()


def test_a_source_that_was_silent_before_anybody_looked_is_found_by_when_it_last_changed() -> None:
    changed_at = NOON - timedelta(hours=3)
    assert Watch().look(at(0, records=(Records("bpm", 500, changed_at),))) == {"source_silent:bpm"}


def test_a_source_for_which_nobody_set_hours_may_be_silent() -> None:
    watch = Watch()
    for hours in (0, 1_000):
        assert "source_silent:date_lookup" not in watch.look(at(60 * hours, records=(Records("date_lookup", 7_300),)))


def test_many_refused_records_within_the_window_are_a_jump() -> None:
    watch = Watch()
    watch.look(at(0, loaded=200_000, refused=5_000))
    assert watch.look(at(10, loaded=200_300, refused=5_019)) == set()  # fewer than 20
    assert watch.look(at(20, loaded=200_500, refused=5_020)) == set()  # fewer than one in twenty
    assert watch.look(at(30, loaded=200_500, refused=5_026)) == {"refused_jump:quarantine"}
    assert watch.look(at(69, loaded=200_500, refused=5_026)) == {"refused_jump:quarantine"}
    assert watch.look(at(71, loaded=200_500, refused=5_026)) == set()  # all but seven are older than the window


def test_a_burst_is_a_jump_although_much_came_in_well_before() -> None:
    watch = Watch()
    watch.look(at(0, loaded=0, refused=0))
    assert watch.look(at(50, loaded=100_000, refused=0)) == set()
    assert watch.look(at(55, loaded=100_100, refused=50)) == {"refused_jump:quarantine"}


def test_a_platform_that_refuses_much_from_the_first_look_on_is_told_for_a_window() -> None:
    watch = Watch()
    assert watch.look(at(0, loaded=20_000, refused=10_000)) == {"refused_jump:quarantine"}
    assert watch.look(at(59, loaded=20_000, refused=10_000)) == {"refused_jump:quarantine"}
    assert watch.look(at(61, loaded=20_000, refused=10_000)) == set()


def test_a_quarantine_that_was_judged_again_is_no_jump() -> None:
    watch = Watch()
    watch.look(at(0, loaded=1_000, refused=500))
    watch.look(at(1, loaded=1_000, refused=0))
    assert watch.look(at(2, loaded=1_000, refused=10)) == set()
    assert watch.look(at(3, loaded=1_000, refused=20)) == {"refused_jump:quarantine"}


def test_samples_are_bounded_however_often_somebody_looks() -> None:
    watch = Watch()
    for second in range(0, 7_200, 5):
        watch.look(at(second / 60, loaded=1_000 + second, refused=0))
    assert len(watch.trends.samples) <= 63
    assert next(watch.trends.arrivals())[1] == pytest.approx(3_600, abs=130)


def sensor(minutes: float | None) -> dict[str, object]:
    last_tick = None if minutes is None else NOON + timedelta(minutes=minutes)
    return {"automations": (Automation("kafka_lag_sensor", last_tick, 5.0),)}


def test_a_sensor_is_silent_that_is_on_and_does_not_tick() -> None:
    watch = Watch()
    assert watch.look(at(0, **sensor(0))) == set()
    assert watch.look(at(5, **sensor(0))) == set()
    assert watch.look(at(5.1, **sensor(0))) == {"automation_silent:kafka_lag_sensor"}
    assert watch.look(at(5.2, **sensor(5.2))) == set()
    assert watch.look(at(12, **sensor(None))) == {"automation_silent:kafka_lag_sensor"}


def test_what_was_switched_off_for_long_is_silent_from_when_somebody_looks_again() -> None:
    watch = Watch()
    watch.look(at(0, **sensor(0)))
    assert "automation_silent:kafka_lag_sensor" not in watch.look(at(600, **sensor(0)))
    assert "automation_silent:kafka_lag_sensor" in watch.look(at(606, **sensor(0)))


def test_after_dagster_was_started_again_its_sensors_have_time_to_look() -> None:
    watch = Watch()
    watch.look(at(0, **sensor(0)))
    assert watch.look(at(20, watched_from=NOON + timedelta(minutes=19), **sensor(0))) == set()
    silent = watch.look(at(25, watched_from=NOON + timedelta(minutes=19), **sensor(0)))
    assert silent == {"automation_silent:kafka_lag_sensor"}


def test_a_slow_sensor_may_take_three_of_its_intervals() -> None:
    watch = Watch()
    slow = {"automations": (Automation("hourly", NOON, 3_600.0),)}
    for minutes in (0, 50, 100, 150, 179):
        assert watch.look(at(minutes, **slow)) - {"source_silent:bpm"} == set()
    assert "automation_silent:hourly" in watch.look(at(181, **slow))


def test_each_rule_says_what_it_means_where_to_look_and_what_to_do() -> None:
    for rule in RULES.values():
        assert rule.meaning and rule.look_at and rule.advice
