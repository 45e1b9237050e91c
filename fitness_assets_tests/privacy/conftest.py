"""Untidy records of six people, brought up to date once, and let go of by age once, and copied for each test."""

import shutil
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from fitness_assets.pipeline.backup import take_backup
from fitness_assets.sample.history import sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets_tests.contracts.changed import ChangedContracts
from fitness_assets_tests.end_to_end.test_against_reference import UNTIDY, in_batches
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.privacy.staying import (
    READINGS,
    SESSIONS,
    STAYING,
    SUMMARY,
    VISITS,
    Stayed,
    let_go,
    let_records_go,
    let_rows_stay,
    rows_that_stay,
)


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


@pytest.fixture(scope="session")
def _due(_of_many: Path, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Up to date before anybody asks how old records are."""
    folder = tmp_path_factory.mktemp("due")
    shutil.copytree(_of_many, folder / "base")
    platform = Platform(folder / "base", lambda: spark)
    shutil.copytree(platform.settings.landing_zone, folder / "landed")
    with pytest.MonkeyPatch.context() as patch:
        let_rows_stay(ChangedContracts(patch))
        platform.update()
        take_backup(platform.lake, folder / "backup")
    return folder


@pytest.fixture(scope="session")
def _stayed(_due: Path, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stayed") / "of"
    shutil.copytree(_due, folder)
    with pytest.MonkeyPatch.context() as patch:
        contracts = ChangedContracts(patch)
        let_rows_stay(contracts)
        let_records_go(contracts)
        gone = let_go(Platform(folder / "base", lambda: spark))
    assert gone[READINGS] and gone[VISITS] and gone[SESSIONS] and not gone.keys() & {*STAYING, SUMMARY}
    return folder


def copied(source: Path, target: Path, spark: SparkSession, contracts: ChangedContracts) -> Stayed:
    shutil.copytree(source, target)
    let_rows_stay(contracts)
    before = rows_that_stay(Platform(source / "base", lambda: spark))
    let_records_go(contracts)
    return Stayed(Platform(target / "base", lambda: spark), target / "landed", before, target / "backup")


@pytest.fixture
def due(_due: Path, tmp_path: Path, spark: SparkSession, contracts: ChangedContracts) -> Stayed:
    """Old records that wait for the next maintenance."""
    return copied(_due, tmp_path / "of", spark, contracts)


@pytest.fixture
def stayed(_due: Path, _stayed: Path, tmp_path: Path, spark: SparkSession, contracts: ChangedContracts) -> Stayed:
    """The same after it."""
    stayed = copied(_stayed, tmp_path / "of", spark, contracts)
    stayed.before.update(rows_that_stay(Platform(_due / "base", lambda: spark)))
    return stayed
