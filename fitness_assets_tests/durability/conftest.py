"""Tables of untidy records, built once and copied for each test."""

import shutil
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from fitness_assets.sample.history import sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets_tests.end_to_end.test_against_reference import UNTIDY, in_batches
from fitness_assets_tests.platform import Platform


@pytest.fixture(scope="session")
def _half(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("built") / "base"
    platform = Platform(base, lambda: spark)
    write_calendar(platform.settings.landing_zone)
    write_events(platform.settings.landing_zone, in_batches(sample_arrivals(UNTIDY), 2)[0], "first")
    platform.update()
    return base


@pytest.fixture
def built(_half: Path, spark: SparkSession, tmp_path: Path) -> Platform:
    """A platform with the first half of the sample; the second has not landed."""
    base = tmp_path / "base"
    shutil.copytree(_half, base)
    return Platform(base, lambda: spark)


def land_the_rest(platform: Platform) -> None:
    """Land the second half."""
    write_events(platform.settings.landing_zone, in_batches(sample_arrivals(UNTIDY), 2)[1], "second")
