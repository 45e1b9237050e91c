"""Bronze from Kafka: each record of the topics is appended once.

How far the topics are read is said by the commit that appends their records, so the two cannot part:
a run that is killed at any instant goes on where the last commit ended. The offsets that the consumer group
is given afterwards are for other tools to look at, and are never read back.
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.contracts.model import Table
from fitness_assets.errors import KafkaError
from fitness_assets.kafka.cluster import Cluster, Topic
from fitness_assets.kafka.reading import Position, Range, Read, batches, due
from fitness_assets.kafka.settings import KafkaSettings
from fitness_assets.lakehouse.staging import Staged, at_hand
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.writes import append
from fitness_assets.pipeline.state.progress import Progress
from fitness_assets.pipeline.strategies.calendar import weeks
from fitness_assets.transforms.bronze import KAFKA_SCHEME, kafka_rows, topic_source_file

_POSITION = "kafka"
_SPARK_WAITS_MS = "30000"


@dataclass(frozen=True)
class Consumed:
    """How far one update read the topics.

    Attributes:
        gone: topics that the broker no longer has.
    """

    position: Position
    gone: tuple[str, ...]


class KafkaIngestion:
    """The topics as a source of one bronze table."""

    def __init__(self, lake: Lakehouse, table: Table, settings: KafkaSettings) -> None:
        self.lake = lake
        self.table = table
        self.settings = settings
        self.cluster = Cluster(settings)

    def position(self, noted: Progress) -> Position:
        """How far the topics are read: as noted, moved on by commits since; where that is lost, by the rows."""
        version = self.lake.log(self.table).version()
        found = Position.from_json(noted.kafka) if noted.kafka else None
        if version is not None:
            for commit in self.lake.log(self.table).commits(noted.table.number, version.number):
                if _POSITION in commit.user_metadata:
                    found = Position.from_json(commit.user_metadata[_POSITION])
        return found or self._from_rows()

    def consume(self, spark: Callable[[], SparkSession], position: Position) -> Consumed:
        """Append what the broker holds beyond the position, a bounded batch a commit, and tell the consumer group.

        Args:
            spark: gives the session; it is not called where there is nothing to read.

        Raises:
            KafkaError: the broker does not answer; the batches before that are in the table, and `position` finds them.
        """
        held = self.cluster.topics(TOPICS)
        todo = due(position, held)
        position = todo.position
        for batch in batches(todo.ranges, self.settings.records_a_batch):
            position = position.after(batch)
            mark = json.dumps({"update": uuid.uuid4().hex, _POSITION: position.as_json()})
            rows = kafka_rows(self._records(spark(), batch), weeks(self.lake, spark()), _sources(batch))
            most = sum(one.records for one in batch)
            with broker_failures(self.settings):
                found = at_hand(rows, most, at_most=True) if self.lake.few_here else Staged(rows, None)
                append(self.lake, self.table, found, most, mark)
        self._tell_group(position, held)
        return Consumed(position, todo.gone)

    def _tell_group(self, position: Position, held: Mapping[str, Topic]) -> None:
        """Give our consumer group the offsets up to which all is in the table, where it has others."""
        known = self.cluster.committed(held.values())
        there = {(topic.name, number) for topic in held.values() for number in topic.partitions}
        self.cluster.commit({key: at for key, at in position.offsets.items() if key in there and known.get(key) != at})

    def _records(self, spark: SparkSession, batch: list[Range]) -> DataFrame:
        assigned: dict[str, list[int]] = {}
        begin: dict[str, dict[str, int]] = {}
        end: dict[str, dict[str, int]] = {}
        for one in batch:
            assigned.setdefault(one.topic, []).append(one.partition)
            begin.setdefault(one.topic, {})[str(one.partition)] = one.begin
            end.setdefault(one.topic, {})[str(one.partition)] = one.end
        return (
            spark.read.format("kafka")
            .options(**self.settings.for_spark)
            .option("assign", json.dumps(assigned))
            .option("startingOffsets", json.dumps(begin))
            .option("endingOffsets", json.dumps(end))
            .option("failOnDataLoss", "true")
            .option("kafka.isolation.level", "read_committed")
            .option("kafkaConsumer.pollTimeoutMs", _SPARK_WAITS_MS)
            .option("kafka.request.timeout.ms", _SPARK_WAITS_MS)
            .option("kafka.default.api.timeout.ms", _SPARK_WAITS_MS)
            .load()
        )

    def _from_rows(self) -> Position:
        topics: dict[str, Read] = {}
        if self.lake.log(self.table).row_count():
            with self.lake.look() as look:
                rows = look.rows(self.table)
                place, next_ = rows.names(("topic", "source_file", "partition")), f"max({rows.name('offset')}) + 1"
                found = rows.fetch(
                    f"SELECT {place}, {next_}, max(load_time) AS latest FROM {rows.all_rows} "
                    f"WHERE source_file LIKE '{KAFKA_SCHEME}%' GROUP BY {place} ORDER BY latest"
                )
            for topic, source, partition, at, _ in found:
                id_ = source.rpartition("/")[2]
                known = topics[topic].next if topic in topics and topics[topic].id == id_ else {}
                topics[topic] = Read(id_, {**known, partition: at})
        return Position(topics)


def _sources(batch: list[Range]) -> dict[str, str]:
    return {one.topic: topic_source_file(one.topic, one.topic_id) for one in batch}


_OF_THE_BROKER = re.compile(r"org\.apache\.kafka|kafka010|KAFKA_")
"""What Spark's messages have where its Kafka source failed; the table's own name has `kafka` too."""


class broker_failures:
    """Turns what Spark says when the broker fails it into a `KafkaError`."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, value: BaseException | None, trace: object) -> None:
        if isinstance(value, PySparkException) and _OF_THE_BROKER.search(str(value)):
            first = next(line for line in str(value).splitlines() if _OF_THE_BROKER.search(line))
            raise KafkaError(
                f"Spark could not read from the Kafka broker {self._settings.servers}: {first.strip()[:300]}. "
                f"Nothing is lost; the next update reads it again."
            ) from value
