"""What a week without news adds, measured by a few runs; how long they take is of no account."""

from pathlib import Path

import pytest

from fitness_assets_tests.benchmarks.growth import measure_notes, measure_week


@pytest.mark.programs
@pytest.mark.slow
def test_a_week_in_which_nothing_new_comes_in_adds_less_than_50_mb(tmp_path: Path) -> None:
    growths = measure_week(tmp_path, runs=3, seconds=60)
    assert sum(growth.bytes_a_week for growth in growths) < 50_000_000, growths


def test_what_an_update_writes_of_the_notes_does_not_follow_the_files_that_landed_before(tmp_path: Path) -> None:
    (_, _, few, _), (_, _, many, _) = measure_notes(tmp_path, [100, 5_000])
    assert many <= 2 * few
