"""Kafka's lag, asked for in a thread of its own, so that no page waits for a broker."""

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from threading import Lock
from typing import Literal
from weakref import WeakKeyDictionary

from fitness_assets.dashboard.table_reader.reader import TableReader
from fitness_assets.errors import error_summary
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.kafka.lag import LagMonitor
from fitness_assets.settings import KafkaSettings

POLL_SECONDS = 2.0


@dataclass(frozen=True)
class TopicBacklog:
    """The records of one topic that were not read yet.

    Attributes:
        seconds: for how long some have been waiting, as far as this process has seen.
    """

    topic: str
    records: int
    seconds: float
    partitions: int


@dataclass(frozen=True)
class KafkaLag:
    """The unread records of all topics.

    Attributes:
        status: "no broker": none is set, records come as files. "connecting": there is no answer yet. "unavailable":
            the last try failed.
        broker: its address.
        topics: as of `answered_at`; kept when the broker is unavailable later.
        answered_at: when the broker last answered, UTC.
        problem: what is wrong and what to do, where something is.
    """

    status: Literal["no broker", "connecting", "connected", "unavailable"]
    broker: str | None = None
    topics: tuple[TopicBacklog, ...] = ()
    answered_at: datetime | None = None
    problem: str | None = None

    @property
    def records(self) -> int:
        return sum(topic.records for topic in self.topics)


class _LagPoller:
    """One broker, asked again and again; its last answer is kept."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._pool = ThreadPoolExecutor(1, "kafka lag")
        self._monitor: LagMonitor | None = None
        self._latest = KafkaLag("connecting", broker=settings.servers)
        self._polled_at = -POLL_SECONDS
        self._poll: Future[None] | None = None
        self._lock = Lock()

    def latest(self, timeout: float) -> KafkaLag:
        with self._lock:
            is_idle = self._poll is None or self._poll.done()
            if is_idle and time.monotonic() - self._polled_at >= POLL_SECONDS:
                self._polled_at = time.monotonic()
                self._poll = self._pool.submit(self._ask_broker)
            poll = self._poll
        if poll is not None and self._latest.status == "connecting":
            wait([poll], timeout)
        return self._latest

    def _ask_broker(self) -> None:
        try:
            monitor = self._monitor or LagMonitor(Cluster(self._settings), self._settings)
            self._monitor = monitor
            topics = tuple(
                TopicBacklog(topic=lag.topic, records=lag.records, seconds=lag.age_seconds, partitions=lag.partitions)
                for lag in monitor.measure()
            )
        except Exception as error:  # whatever it is, the page must show it
            self._latest = replace(self._latest, status="unavailable", problem=error_summary(error))
        else:
            self._latest = KafkaLag(
                "connected", broker=self._settings.servers, topics=topics, answered_at=datetime.now(timezone.utc)
            )


_POLLERS: WeakKeyDictionary[TableReader, _LagPoller] = WeakKeyDictionary()
_POLLERS_LOCK = Lock()


def get_kafka_lag(reader: TableReader, timeout: float = 0.3) -> KafkaLag:
    """How many records of each topic were not read yet.

    The broker is asked in a thread of its own, at most every two seconds; what is given is its latest answer.

    Args:
        timeout: the seconds to wait for a first answer.
    """
    settings = reader.settings.kafka
    if settings is None:
        return KafkaLag("no broker")
    with _POLLERS_LOCK:
        poller = _POLLERS.get(reader) or _POLLERS.setdefault(reader, _LagPoller(settings))
    return poller.latest(timeout)
