"""What the broker holds and what was committed to our group. Every call ends within a bounded time."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from confluent_kafka import Consumer, IsolationLevel, TopicCollection, TopicPartition
from confluent_kafka import KafkaError as BrokerError
from confluent_kafka import KafkaException as BrokerException
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # documented, not in __all__

from fitness_assets.errors import KafkaError
from fitness_assets.kafka.settings import KafkaSettings

ANSWERS_WITHIN_SECONDS = 8.0
_A_REQUEST_SECONDS = 4.0
_MOMENTARY = {
    BrokerError.NOT_COORDINATOR,
    BrokerError.COORDINATOR_NOT_AVAILABLE,
    BrokerError.COORDINATOR_LOAD_IN_PROGRESS,
    BrokerError.LEADER_NOT_AVAILABLE,
    BrokerError.NOT_LEADER_FOR_PARTITION,
    BrokerError._NOENT,
}
"""What a broker answers for a moment while it starts or hands over."""
_SILENT = {BrokerError._TIMED_OUT, BrokerError._TRANSPORT}

_AFTER = re.compile(r" \(after \d+ms in state \w+\)$")

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Held:
    """The records that a partition holds: from `first` up to, and without, `end`.

    Records of a transaction that is still open are not counted yet.
    """

    first: int
    end: int


@dataclass(frozen=True)
class Topic:
    """A topic as it is now. Made anew under its old name it has another id."""

    name: str
    id: str
    partitions: Mapping[int, Held]


Offsets = Mapping[tuple[str, int], int]
"""By topic and partition: the offset of the next record to read."""


class Cluster:
    """A view of one Kafka cluster through our settings."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._refusal = _Refusal()
        client: dict[str, Any] = {"log_level": 0, **settings.for_librdkafka, "error_cb": self._refusal}
        try:
            self._admin = AdminClient(client)
        except BrokerException as error:
            raise KafkaError(f"The FITNESS_KAFKA_ settings are refused: {_said(error)}") from error
        self._deadline = 0.0

    def topics(self, names: Iterable[str]) -> dict[str, Topic]:
        """The topics of these names that are there.

        Raises:
            KafkaError: the broker does not answer or refuses us.
        """
        return self._bounded(lambda: self._topics(list(names)))

    def committed(self, topics: Iterable[Topic]) -> Offsets:
        """The offsets of these topics that our group was given.

        Raises:
            KafkaError: as for `topics`.
        """
        wanted = [TopicPartition(topic.name, number) for topic in topics for number in topic.partitions]
        return self._bounded(lambda: self._committed(wanted)) if wanted else {}

    def commit(self, offsets: Offsets) -> None:
        """Give our group these offsets, for other tools to see how far we are.

        Raises:
            KafkaError: as for `topics`.
        """
        if offsets:
            self._bounded(lambda: self._commit(offsets))

    def _topics(self, names: list[str]) -> dict[str, Topic]:
        ids: dict[str, tuple[str, list[int]]] = {}
        asked = self._admin.describe_topics(TopicCollection(names), request_timeout=_A_REQUEST_SECONDS)
        for name, answer in asked.items():
            try:
                described = answer.result(self._left())
            except BrokerException as error:
                if error.args[0].code() != BrokerError.UNKNOWN_TOPIC_OR_PART:
                    raise
                continue
            ids[name] = _readable(str(described.topic_id)), [partition.id for partition in described.partitions]
        wanted = [TopicPartition(name, number) for name, (_, numbers) in ids.items() for number in numbers]
        first = self._ends(wanted, OffsetSpec.earliest())  # type: ignore[no-untyped-call]  # theirs
        end = self._ends(wanted, OffsetSpec.latest())  # type: ignore[no-untyped-call]  # theirs
        return {
            name: Topic(name, id_, {number: Held(first[name, number], end[name, number]) for number in numbers})
            for name, (id_, numbers) in ids.items()
        }

    def _ends(self, wanted: list[TopicPartition], spec: OffsetSpec) -> dict[tuple[str, int], int]:
        if not wanted:
            return {}
        asked = self._admin.list_offsets(
            dict.fromkeys(wanted, spec),
            isolation_level=IsolationLevel.READ_COMMITTED,
            request_timeout=_A_REQUEST_SECONDS,
        )
        return {(one.topic, one.partition): answer.result(self._left()).offset for one, answer in asked.items()}

    def _committed(self, wanted: list[TopicPartition]) -> Offsets:
        with self._member() as consumer:
            found = consumer.committed(wanted, timeout=self._left())
        return {(one.topic, one.partition): one.offset for one in found if one.offset >= 0}

    def _commit(self, offsets: Offsets) -> None:
        given = [TopicPartition(topic, number, offset) for (topic, number), offset in offsets.items()]
        with self._member() as consumer:
            for one in consumer.commit(offsets=given, asynchronous=False) or []:
                if one.error is not None:
                    raise BrokerException(one.error)

    @contextmanager
    def _member(self) -> Iterator[Consumer]:
        """A consumer of our group that takes no records. (The admin client's calls for groups crash the process
        when a broker that has just started answers that it is not ready.)"""
        session = int(ANSWERS_WITHIN_SECONDS * 1000)
        ours = {"group.id": self._settings.group, "enable.auto.commit": "false", "log_level": 0}
        bounded = {"session.timeout.ms": session, "socket.timeout.ms": int(_A_REQUEST_SECONDS * 1000)}
        consumer = Consumer({**self._settings.for_librdkafka, **ours, **bounded})
        try:
            yield consumer
        finally:
            consumer.close()

    def _left(self) -> float:
        return max(self._deadline - time.monotonic(), 0.1)

    def _bounded(self, ask: Callable[[], _Result]) -> _Result:
        self._deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
        self._admin.poll(0)
        self._refusal.said = ""
        while True:
            try:
                answer = ask()
            except BrokerException as error:
                code = error.args[0].code()
                if code in _MOMENTARY and time.monotonic() + 0.3 < self._deadline:
                    time.sleep(0.2)
                    continue
                why = self._silence(_A_REQUEST_SECONDS) if code in _SILENT else _said(error)
                raise KafkaError(self._unreachable(why)) from error
            except FutureTimeoutError as error:
                raise KafkaError(self._unreachable(self._silence(ANSWERS_WITHIN_SECONDS))) from error
            self._refusal.trouble = ""
            return answer

    def _unreachable(self, why: str) -> str:
        self._admin.poll(0)
        return (
            f"The Kafka broker {self._settings.servers} cannot be used: {self._refusal.said or why}. "
            f"Nothing is lost; what it holds is read once it answers."
        )

    def _silence(self, seconds: float) -> str:
        """That no answer came, with what may be to blame."""
        self._admin.poll(0)
        protocol = self._settings.client.get("security.protocol", "PLAINTEXT")
        # A broker that wants another protocol may hang up without a word.
        blame = self._refusal.trouble or f"is it a broker, and one that speaks {protocol}? See security.protocol"
        return f"no answer within {seconds:.0f} s ({blame})"


class _Refusal:
    """What the client tells of the broker beside requests: it goes on trying, and a request alone says that time is up.

    Attributes:
        said: why the broker lets us in not at all.
        trouble: what went wrong last with a connection; it is told once, and holds until the broker answers.
    """

    _REASONS: ClassVar = {BrokerError._AUTHENTICATION, BrokerError._SSL}

    def __init__(self) -> None:
        self.said = ""
        self.trouble = ""

    def __call__(self, error: BrokerError) -> None:
        if error.code() in self._REASONS:
            self.said = _AFTER.sub("", error.str())
        elif error.code() != BrokerError._ALL_BROKERS_DOWN:
            self.trouble = _AFTER.sub("", error.str())


def _readable(id_: str) -> str:
    """A topic id without the characters that separate the parts of an address."""
    return id_.replace("/", "_").replace("+", "-")


def _said(error: BrokerException) -> str:
    said = error.args[0]
    return str(said.str()) if isinstance(said, BrokerError) else str(said)
