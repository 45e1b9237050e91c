"""A batch of records of the topics, read by Spark."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from fitness_assets.errors import KafkaError
from fitness_assets.kafka.offsets import OffsetRange
from fitness_assets.settings import KafkaSettings

_TIMEOUT_MS = "30000"


def read_batch(spark: SparkSession, batch: Sequence[OffsetRange], settings: KafkaSettings) -> DataFrame:
    """The records of these ranges of offsets, with the columns of Spark's Kafka source."""
    assigned: dict[str, list[int]] = {}
    begin: dict[str, dict[str, int]] = {}
    end: dict[str, dict[str, int]] = {}
    for offset_range in batch:
        assigned.setdefault(offset_range.topic, []).append(offset_range.partition)
        begin.setdefault(offset_range.topic, {})[str(offset_range.partition)] = offset_range.start
        end.setdefault(offset_range.topic, {})[str(offset_range.partition)] = offset_range.end
    return (
        spark.read.format("kafka")
        .options(**settings.for_spark)
        .option("assign", json.dumps(assigned))
        .option("startingOffsets", json.dumps(begin))
        .option("endingOffsets", json.dumps(end))
        .option("failOnDataLoss", "true")
        .option("kafka.isolation.level", "read_committed")
        .option("kafkaConsumer.pollTimeoutMs", _TIMEOUT_MS)
        .option("kafka.request.timeout.ms", _TIMEOUT_MS)
        .option("kafka.default.api.timeout.ms", _TIMEOUT_MS)
        .load()
    )


_OF_THE_BROKER = re.compile(r"org\.apache\.kafka|kafka010|KAFKA_")
"""What Spark's messages have where its Kafka source failed; the table's own name has `kafka` too."""


@contextmanager
def broker_failures_as_errors(settings: KafkaSettings) -> Iterator[None]:
    """Turn what Spark says when the broker fails it into a `KafkaError`."""
    try:
        yield
    except PySparkException as error:
        line = next((line for line in str(error).splitlines() if _OF_THE_BROKER.search(line)), None)
        if line is None:
            raise
        raise KafkaError(
            f"Spark could not read from the Kafka broker {settings.servers}: {line.strip()[:300]}. "
            f"Nothing is lost; the next update reads it again."
        ) from error
