"""A landing zone, and our pipeline over it on Spark Declarative Pipelines."""

from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from fitness_assets.contracts.feeds import FILE_FEEDS, TOPICS
from fitness_assets.contracts.registry import all_tables
from fitness_assets.sample.landing_files import record_key, write_calendar, write_events
from fitness_assets.sample.people import Event
from fitness_assets_tests.databricks.lakeflow.spark_pipelines import SparkPipelines

SOURCE = Path(__file__).with_name("pipeline_source.py")


class OpenSourceRun:
    """One pipeline with its landing zone, its topics, and all that arrived in either as files.

    Attributes:
        arrived: all records as files of a landing zone, for the reference.
    """

    def __init__(self, folder: Path, spark: SparkSession, port: int, as_of: str) -> None:
        self.landing, self.topics, self.arrived = folder / "landing", folder / "topics", folder / "arrived"
        self.spark = spark
        for path in (self.topics, *[self.landing / feed.name for feed in FILE_FEEDS.values()]):
            path.mkdir(parents=True)
        for zone in (self.landing, self.arrived):
            write_calendar(zone)
        zones = {"fitness.landing": str(self.landing), "tests.topics": str(self.topics), "fitness.as_of": as_of}
        self._pipelines = SparkPipelines(folder, SOURCE, port, zones)
        for schema in {name.split(".")[0] for name in all_tables()}:
            spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")

    def land(self, events: list[Event], name: str, in_topics: Iterable[str] = ()) -> None:
        """Let events arrive, those of some topics by the broker and the others as files."""
        chosen = set(in_topics)
        write_events(self.landing, [event for event in events if event[1] not in chosen], name)
        write_events(self.arrived, events, name)
        records = [event for event in events if event[1] in chosen]
        if records:
            pq.write_table(_broker_records(records), self.topics / f"{name}.parquet")

    def update(self) -> None:
        """Bring all tables up to date, records of the broker too."""
        update = self._pipelines.update(KAFKA_BOOTSTRAP_SERVERS="broker:9092")
        assert update.returncode == 0, update.stderr

    def drop(self) -> None:
        for name in all_tables():
            for table in (name, f"{name}_changes"):
                self.spark.sql(f"DROP TABLE IF EXISTS {table}")


def _broker_records(events: list[Event]) -> pa.Table:
    """Events with the columns of Spark's Kafka source."""
    names = list(TOPICS)
    return pa.table(
        {
            "key": pa.array([record_key(text).encode() for *_, text in events], pa.binary()),
            "value": pa.array([text.encode() for *_, text in events], pa.binary()),
            "topic": [topic for _, topic, _ in events],
            "partition": pa.array([names.index(topic) for _, topic, _ in events], pa.int32()),
            "offset": pa.array(range(len(events)), pa.int64()),
            "timestamp": pa.array(
                [datetime.fromtimestamp(time, timezone.utc) for time, *_ in events], pa.timestamp("us", "UTC")
            ),
            "timestampType": pa.array([0] * len(events), pa.int32()),
        }
    )
