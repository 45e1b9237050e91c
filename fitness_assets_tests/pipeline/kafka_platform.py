"""A platform whose records come from a real broker, and a foreign client that sends to it."""

import json

from confluent_kafka import Producer

from fitness_assets.kafka.cluster import Cluster
from fitness_assets.live.broker.server import Broker
from fitness_assets.pipeline.result import UpdateResult
from fitness_assets.settings import KafkaSettings
from fitness_assets_tests.kafka.topics import admin_client, create_topic, delete_topics
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import NOON, reading

KAFKA = "bronz_db.kafka_multiplex_bz"
HEART = "silver_db.heart_rate"


class KafkaPlatform:
    """A platform with a broker, and a foreign client that sends to it."""

    def __init__(self, platform: Platform, broker: Broker) -> None:
        self.kafka = KafkaSettings(servers=broker.address, group="kafka_platform")
        platform.settings = platform.settings.model_copy(update={"kafka": self.kafka})
        platform.lake.settings = platform.settings
        self.platform = platform
        self.broker = broker
        self.admin = admin_client(broker)

    def make(self, topic: str = "bpm", partitions: int = 1, **config: str) -> None:
        create_topic(self.broker, topic, partitions, **config)

    def drop(self, *topics: str) -> None:
        delete_topics(self.broker, *topics)

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
        topics = cluster.describe_topics(["bpm"]).values()
        committed = cluster.committed(topics)
        ends = {(topic.name, number): held.high for topic in topics for number, held in topic.partitions.items()}
        return sum(end - committed.get(key, 0) for key, end in ends.items())


def events(begin: int, end: int) -> list[str]:
    return [str(json.loads(reading(1, NOON + at, 60.0))["value"]) for at in range(begin, end)]
