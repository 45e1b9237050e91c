"""Whatever the order, lateness, repetition or split: the tables equal the independent reference."""

import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.contracts.registry import get_table
from fitness_assets.sample.faults import Faults
from fitness_assets.sample.history import SampleSize, sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets.sample.people import Event
from fitness_assets_tests.end_to_end.reference import TABLES, Reference
from fitness_assets_tests.platform import AS_OF, Platform

pytestmark = pytest.mark.slow

Batches = list[list[Event]]

TIDY = SampleSize(users=6, days=2, reading_interval=97, seed=3)
UNTIDY = SampleSize(
    users=6, days=2, reading_interval=97, seed=4, faults=Faults(late=0.2, repeated=0.2, corrected=0.4, malformed=0.05)
)


def in_batches(events: list[Event], count: int) -> Batches:
    size = -(-len(events) // count)
    return [events[start : start + size] for start in range(0, len(events), size)]


def in_order() -> Batches:
    return in_batches(sample_arrivals(TIDY), 3)


def all_at_once() -> Batches:
    return in_batches(sample_arrivals(UNTIDY), 1)


def reversed_() -> Batches:
    return in_batches(sample_arrivals(UNTIDY)[::-1], 3)


def shuffled() -> Batches:
    events = sample_arrivals(UNTIDY)
    random.Random(11).shuffle(events)
    return in_batches(events, 4)


def readings_first_people_last() -> Batches:
    order = {"bpm": 0, "workout": 1, "gym_logins_bz": 2, "user_info": 3, "registered_users_bz": 4}
    return in_batches(sorted(sample_arrivals(UNTIDY), key=lambda event: order[event[1]]), 4)


@pytest.mark.parametrize("batches", [in_order, all_at_once, reversed_, shuffled, readings_first_people_last])
def test_silver_and_gold_equal_the_reference(batches: Callable[[], Batches], platform: Platform) -> None:
    write_calendar(platform.settings.landing_zone)
    for number, batch in enumerate(batches()):
        write_events(platform.settings.landing_zone, batch, f"batch_{number}")
        platform.update()
    assert_equals_reference(platform)


def test_each_record_in_a_file_of_its_own(platform: Platform) -> None:
    write_calendar(platform.settings.landing_zone)
    events = sample_arrivals(UNTIDY)[:400]
    for number, event in enumerate(events):
        write_events(platform.settings.landing_zone, [event], f"record_{number:04d}")
    platform.update()
    assert_equals_reference(platform)


def test_a_full_refresh_of_right_tables_changes_nothing(platform: Platform) -> None:
    write_calendar(platform.settings.landing_zone)
    for number, batch in enumerate(in_batches(sample_arrivals(UNTIDY), 2)):
        write_events(platform.settings.landing_zone, batch, f"batch_{number}")
        platform.update()
    keyed = [*TABLES, "silver_db.quarantine"]
    before = {name: platform.version(name) for name in keyed}
    results = platform.update(*keyed, full=True)
    assert {name: platform.version(name) for name in keyed} == before
    assert not any(result.changed for result in results.values())
    everything = platform.update(full=True)
    assert all(result.mode == "full" for result in everything.values())
    assert_equals_reference(platform)


def test_nothing_new_commits_nothing_and_needs_no_engine(platform: Platform) -> None:
    write_calendar(platform.settings.landing_zone)
    write_events(platform.settings.landing_zone, sample_arrivals(TIDY)[:200], "batch")
    platform.update()
    names = [*TABLES, *FILE_FEEDS, "silver_db.quarantine"]
    before = {name: platform.version(name) for name in names}

    def no_engine() -> Any:
        raise AssertionError("an update with nothing new asked for Spark")

    again = Platform(platform.settings.base_dir, no_engine).update()
    assert {result.mode for result in again.values()} == {"unchanged"}
    assert {name: platform.version(name) for name in names} == before


def assert_equals_reference(platform: Platform, landed: Path | None = None) -> None:
    """Every silver and gold table, times to the microsecond and averages to 1e-9, and the sums of section 5.

    Args:
        landed: where all records lie as files, if it is not the landing zone.
    """
    reference = Reference(landed or platform.settings.landing_zone, AS_OF)
    for name, columns in TABLES.items():
        expected, found = reference.table(name), platform.rows(name, columns)
        if name == "gold_db.workout_bpm_summary":
            expected, found = _sorted_by_key(expected), _sorted_by_key(found)
            assert len(found) == len(expected)
            for one, other in zip(found, expected, strict=True):
                assert one[:8] + one[9:] == other[:8] + other[9:]
                assert math.isclose(one[8], other[8], rel_tol=0, abs_tol=1e-9)
        else:
            assert found == expected, name
    quarantined = platform.rows("silver_db.quarantine", "source_table")
    for source, landed in reference.landed.items():
        bronze = f"bronz_db.{source}"
        rejected = quarantined.count((bronze,))
        assert platform.lake.log(get_table(bronze)).row_count() == landed, source
        assert rejected == reference.rejected[source], source


def _sorted_by_key(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: (row[2], row[0], row[1]))
