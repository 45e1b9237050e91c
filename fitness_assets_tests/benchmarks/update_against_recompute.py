"""A cold build, small updates on the engine that is then warm, and a plain full recompute beside them.

    .venv/bin/python -m fitness_assets_tests.benchmarks.update_against_recompute

All in one process and one session. The plain recompute reads every landed file again and writes every table
whole, with the same transforms and none of the machinery for increments.
"""

import argparse
import shutil
import tempfile
from datetime import date
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.feeds import FILE_FEEDS, FileFeed
from fitness_assets.contracts.model import UpdateStrategy
from fitness_assets.contracts.registry import all_tables
from fitness_assets.engine.spark_session import get_spark_session
from fitness_assets.lakehouse import Lakehouse, open_lakehouse
from fitness_assets.pipeline.landing.listing import feed_folder, list_files
from fitness_assets.pipeline.landing.loading import LoadedFiles, load_files
from fitness_assets.pipeline.scheduler import update_tables
from fitness_assets.pipeline.strategies.ingestion.calendar import calendar_weeks
from fitness_assets.sample.history import SampleSize, sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets.sample.people import Event
from fitness_assets.settings import Settings
from fitness_assets.transforms.quarantine import rejected_records
from fitness_assets.transforms.registry import merged_values, parser_of, transform_of
from fitness_assets_tests.benchmarks.bulk import HEADER, line
from fitness_assets_tests.benchmarks.machine_load import Cost, measured

AS_OF = date(2026, 1, 31)
SMALL = "warm: 44 more records, every table"
PLAIN = "warm: a plain recompute of every table"


def update(lake: Lakehouse) -> None:
    for outcome in update_tables(lake, all_tables()):
        if outcome.error is not None:
            raise outcome.error
        assert outcome.is_good, outcome


def bronze_rows(lake: Lakehouse, feed: FileFeed) -> pa.Table:
    """Every landed file of a feed read again."""
    folder = feed_folder(lake.settings, feed)
    loads = dict.fromkeys(list_files(folder, feed).files, 1)
    return pa.concat_tables(load_files(feed, folder, loads, calendar_weeks(lake), LoadedFiles())).combine_chunks()


def recompute(spark: SparkSession, lake: Lakehouse, target: Path) -> None:
    """Every table from every landed file, each written whole."""
    made: dict[str, DataFrame] = {}
    for name, one in all_tables().items():
        if one.strategy is UpdateStrategy.APPEND:
            rows = spark.createDataFrame(bronze_rows(lake, FILE_FEEDS[name]))
        elif one.strategy is UpdateStrategy.UPSERT:
            records = parser_of(one)(made[one.sources[0].table])
            best = records.groupBy(*one.key).agg(merged_values(one).alias("best"))
            rows = best.select(*one.key, *[f"best.{column}" for column in one.value_columns])
            rows = rows.where(f"NOT ({one.tombstone_condition})") if one.tombstone_condition else rows
        elif one.strategy is UpdateStrategy.QUARANTINE:
            rows = made["bronz_db.kafka_multiplex_bz"].sparkSession.createDataFrame([], "record string").limit(0)
            for source in one.sources:
                part = rejected_records(made[source.table], source.table)
                rows = rows.unionByName(part, allowMissingColumns=True)
        else:
            sources = {source.name: made[source.table] for source in one.sources}
            rows = transform_of(one)(**sources, **({"as_of": AS_OF} if one.depends_on_date else {}))
        path = str(target / one.layer.value / one.name)
        rows.write.format("delta").mode("overwrite").save(path)
        made[name] = spark.read.format("delta").load(path)


def small(seed: int) -> list[Event]:
    """44 records of every kind: a day of a few people with a reading now and then."""
    return sample_arrivals(SampleSize(users=4, days=1, reading_interval=240, seed=seed))[:44]


def measure(base: Path, users: int, rounds: int) -> dict[str, list[Cost]]:
    """What it costs in one process: every table from nothing, some small updates, and plain recomputes beside them."""
    lake = open_lakehouse(Settings(base_dir=base, as_of_override=AS_OF), get_spark_session)
    everything = sample_arrivals(SampleSize(users=users, days=2, seed=11))
    half = len(everything) // 2
    write_calendar(lake.settings.landing_zone)
    write_events(lake.settings.landing_zone, everything[:half], "first")
    write_events(lake.settings.landing_zone, everything[half:], "second")
    costs = {f"cold: session and every table, {len(everything):,} records": [measured(lambda: update(lake))]}
    for number in range(1, rounds + 1):
        write_events(lake.settings.landing_zone, small(number), f"small_{number}")
        ours, plain = (costs.setdefault(name, []) for name in (SMALL, PLAIN))
        ours.append(measured(lambda: update(lake)))
        plain.append(measured(lambda: recompute(get_spark_session(), lake, base / "plain")))
    return costs


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=48, help="48 people and 2 days are about 254,000 records")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    print(HEADER, flush=True)
    base = Path(tempfile.mkdtemp(prefix="fitness_bench_"))
    try:
        for what, costs in measure(base, chosen.users, chosen.rounds).items():
            for cost in costs:
                print(line(what, cost))
    finally:
        shutil.rmtree(base)


if __name__ == "__main__":
    main()
