"""Untidy records of six people, brought up to date once and copied for each test."""

import shutil
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from fitness_assets.sample.history import sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets_tests.end_to_end.test_against_reference import UNTIDY, in_batches
from fitness_assets_tests.platform import Platform


@pytest.fixture(scope="session")
def _of_many(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("of_many") / "base"
    platform = Platform(base, lambda: spark)
    write_calendar(platform.settings.landing_zone)
    for number, batch in enumerate(in_batches(sample_arrivals(UNTIDY), 2)):
        write_events(platform.settings.landing_zone, batch, f"batch_{number}")
        platform.update()
    return base


@pytest.fixture
def of_many(_of_many: Path, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A platform with records of six people, which the commands of a test mean."""
    base = tmp_path / "base"
    shutil.copytree(_of_many, base)
    platform = Platform(base, lambda: spark)
    monkeypatch.setenv("FITNESS_BASE_DIR", str(base))
    monkeypatch.setenv("FITNESS_AS_OF", platform.settings.as_of.isoformat())
    return platform
