"""What the broker holds and what was committed to our group. Every call ends within a bounded time."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from confluent_kafka import Consumer, IsolationLevel, TopicCollection, TopicPartition
from confluent_kafka import KafkaError as BrokerError
from confluent_kafka import KafkaException as BrokerException
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # documented, not in __all__

from fitness_assets.errors import KafkaError
from fitness_assets.kafka.client_errors import ClientErrors, error_text
from fitness_assets.settings import KafkaSettings

_HUNG_UP = "closed by peer"
CALL_TIMEOUT_SECONDS = 8.0
_REQUEST_TIMEOUT_SECONDS = 4.0
_RETRY_PAUSE_SECONDS = 0.2
_SHORTEST_TIMEOUT_SECONDS = 0.1
_TRANSIENT = {
    BrokerError.NOT_COORDINATOR,
    BrokerError.COORDINATOR_NOT_AVAILABLE,
    BrokerError.COORDINATOR_LOAD_IN_PROGRESS,
    BrokerError.LEADER_NOT_AVAILABLE,
    BrokerError.NOT_LEADER_FOR_PARTITION,
    BrokerError._NOENT,
}
"""What a broker answers for a moment while it starts or hands over."""
_NO_ANSWER = {BrokerError._TIMED_OUT, BrokerError._TRANSPORT}

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Watermarks:
    """The records that a partition holds: from offset `low` up to, and without, `high`.

    Records of a transaction that is still open are not counted yet.
    """

    low: int
    high: int


@dataclass(frozen=True)
class Topic:
    """A topic as it is now, its partitions by number. Made anew under its old name it has another id."""

    name: str
    id: str
    partitions: Mapping[int, Watermarks]


PartitionOffsets = Mapping[tuple[str, int], int]
"""By topic and partition: the offset of the next record to read."""


class Cluster:
    """A view of one Kafka cluster through our settings."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._client_errors = ClientErrors()
        config: dict[str, Any] = {"log_level": 0, **settings.for_librdkafka, "error_cb": self._client_errors}
        try:
            self._admin = AdminClient(config)
        except BrokerException as error:
            raise KafkaError(f"The FITNESS_KAFKA_ settings are refused: {error_text(error)}") from error
        self._deadline = 0.0

    def describe_topics(self, names: Iterable[str]) -> dict[str, Topic]:
        """The topics of these names that are there, by name.

        Raises:
            KafkaError: the broker does not answer or refuses us.
        """
        return self._within_deadline(lambda: self._describe_topics(list(names)))

    def committed(self, topics: Iterable[Topic]) -> PartitionOffsets:
        """The offsets of these topics that our group was given.

        Raises:
            KafkaError: as for `describe_topics`.
        """
        partitions = [TopicPartition(topic.name, number) for topic in topics for number in topic.partitions]
        return self._within_deadline(lambda: self._committed(partitions)) if partitions else {}

    def commit(self, offsets: PartitionOffsets) -> None:
        """Give our group these offsets, for other tools to see how far we are.

        Raises:
            KafkaError: as for `describe_topics`.
        """
        if offsets:
            self._within_deadline(lambda: self._commit(offsets))

    def _describe_topics(self, names: list[str]) -> dict[str, Topic]:
        partitions_of: dict[str, tuple[str, list[int]]] = {}
        futures = self._admin.describe_topics(TopicCollection(names), request_timeout=_REQUEST_TIMEOUT_SECONDS)
        for name, future in futures.items():
            try:
                description = future.result(self._remaining_seconds())
            except BrokerException as error:
                if error.args[0].code() != BrokerError.UNKNOWN_TOPIC_OR_PART:
                    raise
                continue
            topic_id = _without_separators(str(description.topic_id))
            partitions_of[name] = topic_id, [partition.id for partition in description.partitions]
        partitions = [
            TopicPartition(name, number) for name, (_, numbers) in partitions_of.items() for number in numbers
        ]
        low = self._list_offsets(partitions, OffsetSpec.earliest())  # type: ignore[no-untyped-call]  # theirs
        high = self._list_offsets(partitions, OffsetSpec.latest())  # type: ignore[no-untyped-call]  # theirs
        return {
            name: Topic(
                name, topic_id, {number: Watermarks(low[name, number], high[name, number]) for number in numbers}
            )
            for name, (topic_id, numbers) in partitions_of.items()
        }

    def _list_offsets(self, partitions: list[TopicPartition], spec: OffsetSpec) -> dict[tuple[str, int], int]:
        if not partitions:
            return {}
        futures = self._admin.list_offsets(
            dict.fromkeys(partitions, spec),
            isolation_level=IsolationLevel.READ_COMMITTED,
            request_timeout=_REQUEST_TIMEOUT_SECONDS,
        )
        return {
            (partition.topic, partition.partition): future.result(self._remaining_seconds()).offset
            for partition, future in futures.items()
        }

    def _committed(self, partitions: list[TopicPartition]) -> PartitionOffsets:
        with self._group_consumer() as consumer:
            committed = consumer.committed(partitions, timeout=self._remaining_seconds())
        return {
            (partition.topic, partition.partition): partition.offset for partition in committed if partition.offset >= 0
        }

    def _commit(self, offsets: PartitionOffsets) -> None:
        partitions = [TopicPartition(topic, number, offset) for (topic, number), offset in offsets.items()]
        with self._group_consumer() as consumer:
            for partition in consumer.commit(offsets=partitions, asynchronous=False) or []:
                if partition.error is not None:
                    raise BrokerException(partition.error)

    @contextmanager
    def _group_consumer(self) -> Iterator[Consumer]:
        """A consumer of our group that takes no records. (The admin client's calls for groups crash the process
        when a broker that has just started answers that it is not ready.)"""
        group = {"group.id": self._settings.group, "enable.auto.commit": "false", "log_level": 0}
        timeouts = {
            "session.timeout.ms": int(CALL_TIMEOUT_SECONDS * 1000),
            "socket.timeout.ms": int(_REQUEST_TIMEOUT_SECONDS * 1000),
        }
        consumer = Consumer({**self._settings.for_librdkafka, **group, **timeouts})
        try:
            yield consumer
        finally:
            consumer.close()

    def _remaining_seconds(self) -> float:
        return max(self._deadline - time.monotonic(), _SHORTEST_TIMEOUT_SECONDS)

    def _within_deadline(self, request: Callable[[], _Result]) -> _Result:
        self._deadline = time.monotonic() + CALL_TIMEOUT_SECONDS
        self._admin.poll(0)
        self._client_errors.refusal = ""
        while True:
            try:
                result = request()
            except BrokerException as error:
                code = error.args[0].code()
                pause = _RETRY_PAUSE_SECONDS + _SHORTEST_TIMEOUT_SECONDS
                if code in _TRANSIENT and time.monotonic() + pause < self._deadline:
                    time.sleep(_RETRY_PAUSE_SECONDS)
                    continue
                reason = self._no_answer(_REQUEST_TIMEOUT_SECONDS) if code in _NO_ANSWER else error_text(error)
                raise self._unusable(reason) from error
            except FutureTimeoutError as error:
                raise self._unusable(self._no_answer(CALL_TIMEOUT_SECONDS)) from error
            self._client_errors.connection_error = ""
            return result

    def _unusable(self, reason: str) -> KafkaError:
        self._admin.poll(0)
        return KafkaError(
            f"The Kafka broker {self._settings.servers} cannot be used: {self._client_errors.refusal or reason}. "
            f"Nothing is lost; what it holds is read once it answers."
        )

    def _no_answer(self, seconds: float) -> str:
        """That no answer came, with what may be to blame."""
        self._admin.poll(0)
        protocol = self._settings.client.get("security.protocol", "PLAINTEXT")
        question = f"is it a broker, and one that speaks {protocol}? See security.protocol"
        heard = self._client_errors.connection_error
        # A broker that wants another protocol may hang up without a word, or so early that TLS knows no reason.
        if heard.endswith(_HUNG_UP):
            heard = f"{heard}; {question}"
        return f"no answer within {seconds:.0f} s ({heard or question})"


def _without_separators(topic_id: str) -> str:
    """A topic id without the characters that separate the parts of an address."""
    return topic_id.replace("/", "_").replace("+", "-")
