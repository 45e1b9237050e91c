"""The power goes in the middle of an update; the next one ends with the same tables."""

import argparse
import os
import random
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

from pyspark.sql import SparkSession

from fitness_assets.engine.spark_session import get_spark_session
from fitness_assets.sample.faults import Faults
from fitness_assets.sample.history import SampleSize, sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets_tests.durability.simulated_disk import PowerCutError, SimulatedDisk
from fitness_assets_tests.end_to_end.test_against_reference import assert_equals_reference
from fitness_assets_tests.platform import Platform

SAMPLE = SampleSize(users=3, days=1, reading_interval=997, seed=8, faults=Faults(corrected=0.3, malformed=0.1))


def prepared(base: Path, spark: Callable[[], SparkSession], has_tables: bool) -> None:
    """A base folder whose next update has something to do: with tables that it changes, or without any."""
    platform, events = Platform(base, spark), sample_arrivals(SAMPLE)
    landing = platform.settings.landing_zone
    write_calendar(landing)
    if has_tables:
        write_events(landing, events[: len(events) // 2], "first")
        platform.update()
    write_events(landing, events[len(events) // 2 :], "second")


def count_syncs(base: Path, work: Path, spark: Callable[[], SparkSession]) -> int:
    """How often the next update of a copy of the base syncs something."""
    disk = _run(base, work, spark, None)
    disk.close()
    shutil.rmtree(work)
    return disk.syncs


def cut_and_go_on(base: Path, work: Path, number: int, spark: Callable[[], SparkSession]) -> None:
    """Cut the power at a sync of the next update of a copy of the base, and update what the disk has.

    Raises:
        AssertionError: a table is not what the records say.
    """
    disk = _run(base, work, spark, number)
    disk.left_after(work / "left")
    disk.close()
    platform = Platform(work / "left", spark)
    platform.update()
    assert_equals_reference(platform)
    assert {result.mode for result in platform.update().values()} == {"unchanged"}
    shutil.rmtree(work)


def _run(base: Path, work: Path, spark: Callable[[], SparkSession], number: int | None) -> SimulatedDisk:
    copy = work / "base"
    shutil.copytree(base, copy)
    disk = SimulatedDisk(copy, work / "store")
    with disk.cut_at(number), suppress(PowerCutError):
        Platform(copy, spark).update()
    return disk


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cuts", type=int, default=0, help="so many at random; 0 for every one")
    parser.add_argument("--seed", type=int, default=int(datetime.now(timezone.utc).timestamp()))
    chosen = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="fitness_power_"))
    os.environ.pop("FITNESS_AS_OF", None)
    try:
        for has_tables in (False, True):
            base = work / f"base_{has_tables}"
            prepared(base, get_spark_session, has_tables)
            syncs = count_syncs(base, work / "count", get_spark_session)
            rng = random.Random(chosen.seed)
            numbers = sorted(rng.sample(range(syncs), chosen.cuts)) if chosen.cuts else range(syncs)
            for number in numbers:
                print(f"{'small update' if has_tables else 'first build'}: cut at {number} of {syncs}", flush=True)
                cut_and_go_on(base, work / "cut", number, get_spark_session)
        print("Every cut ended in the right tables.")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
