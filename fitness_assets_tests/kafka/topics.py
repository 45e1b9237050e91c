"""Topics of the tests' broker, made and deleted as any Kafka tool would."""

from confluent_kafka.admin import AdminClient, NewTopic

from fitness_assets.live.broker.server import Broker
from fitness_assets_tests.waiting import wait_until

_TIMEOUT_SECONDS = 30.0


def create_topic(broker: Broker, name: str, partitions: int = 1, **config: str) -> None:
    new = NewTopic(name, num_partitions=partitions, replication_factor=1, config=config)
    # Held until it has answered: what nobody holds any more is closed.
    admin = admin_client(broker)
    for future in admin.create_topics([new]).values():
        future.result(10)


def delete_topics(broker: Broker, *names: str) -> None:
    """Delete these topics, or all but Kafka's own, and wait until they are gone."""
    admin = admin_client(broker)
    deleted = set(names) or {name for name in admin.list_topics(timeout=10).topics if not name.startswith("__")}
    if deleted:
        for future in admin.delete_topics(list(deleted)).values():
            future.result(10)
        wait_until(lambda: not deleted & set(admin.list_topics(timeout=5).topics), _TIMEOUT_SECONDS)


def admin_client(broker: Broker) -> AdminClient:
    return AdminClient({"bootstrap.servers": broker.address, "log_level": 0})
