"""A platform whose records come from a real broker, and a foreign client that sends to it."""

import json
import time
from dataclasses import replace

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from fitness_assets.kafka.cluster import Cluster
from fitness_assets.kafka.settings import KafkaSettings
from fitness_assets.live.broker import Broker
from fitness_assets.pipeline.result import UpdateResult
from fitness_assets_tests.lines import NOON, reading
from fitness_assets_tests.platform import Platform

KAFKA = "bronz_db.kafka_multiplex_bz"
HEART = "silver_db.heart_rate"
_PATIENCE_SECONDS = 30.0


class Desk:
    """A platform with a broker, and a foreign client that sends to it."""

    def __init__(self, platform: Platform, broker: Broker) -> None:
        self.kafka = KafkaSettings(broker.address, "desk")
        platform.settings = replace(platform.settings, kafka=self.kafka)
        platform.lake.settings = platform.settings
        self.platform = platform
        self.admin = AdminClient({"bootstrap.servers": broker.address, "log_level": 0})

    def make(self, topic: str = "bpm", partitions: int = 1, **config: str) -> None:
        new = NewTopic(topic, num_partitions=partitions, replication_factor=1, config=config)
        for future in self.admin.create_topics([new]).values():
            future.result(10)

    def drop(self, *topics: str) -> None:
        for future in self.admin.delete_topics(list(topics)).values():
            future.result(10)
        until = time.monotonic() + _PATIENCE_SECONDS
        while set(topics) & set(self.admin.list_topics(timeout=5).topics):
            assert time.monotonic() < until, f"{', '.join(topics)} did not go away"
            time.sleep(0.1)

    def send(self, *values: str | bytes | None, topic: str = "bpm", **settings: str) -> None:
        producer = Producer({"bootstrap.servers": self.kafka.servers, "log_level": 0, **settings})
        transactional = "transactional.id" in settings
        if transactional:
            producer.init_transactions(20)
            producer.begin_transaction()
        for value in values:
            producer.produce(topic, value, key="k")
        if transactional:
            producer.commit_transaction(20)
        assert producer.flush(20) == 0

    def update(self) -> UpdateResult:
        return self.platform.update(KAFKA)[KAFKA]

    def values(self) -> list[object]:
        return [value for (value,) in self.platform.rows(KAFKA, "value")]

    def lag(self) -> int:
        """What `kafka-consumer-groups` shows: the ends of the partitions less what the group was given."""
        cluster = Cluster(self.kafka)
        topics = cluster.topics(["bpm"]).values()
        committed = cluster.committed(topics)
        ends = {(topic.name, number): held.end for topic in topics for number, held in topic.partitions.items()}
        return sum(end - committed.get(key, 0) for key, end in ends.items())


def events(begin: int, end: int) -> list[str]:
    return [str(json.loads(reading(1, NOON + at, 60.0))["value"]) for at in range(begin, end)]
