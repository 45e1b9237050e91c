"""What waits in Kafka, asked in a thread of its own, so that no page waits for a broker."""

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from threading import Lock
from weakref import WeakKeyDictionary

from fitness_assets.dashboard.lake import Lake
from fitness_assets.errors import error_summary
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.kafka.lag import LagWatch
from fitness_assets.kafka.settings import KafkaSettings

ASKED_EVERY_SECONDS = 2.0


@dataclass(frozen=True)
class TopicLag:
    """The records of one topic that were not read yet.

    Attributes:
        seconds: for how long some have been waiting, as far as this process has seen.
    """

    topic: str
    records: int
    seconds: float
    partitions: int


@dataclass(frozen=True)
class KafkaState:
    """What waits in Kafka.

    Attributes:
        state: "no broker" (none is set, records come as files), "asking" (no answer yet), "answers", "trouble".
        topics: as of `looked`; kept when the broker is in trouble later.
        looked: when the broker last answered, UTC.
        trouble: what is wrong and what to do, where something is.
    """

    state: str
    broker: str | None
    topics: tuple[TopicLag, ...]
    looked: datetime | None
    trouble: str | None

    @property
    def records(self) -> int:
        return sum(topic.records for topic in self.topics)


class _Broker:
    """One broker, looked at again and again; what was known last stays known."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._pool = ThreadPoolExecutor(1, "kafka lag")
        self._watch: LagWatch | None = None
        self._known = KafkaState("asking", settings.servers, (), None, None)
        self._asked = -ASKED_EVERY_SECONDS
        self._asking: Future[None] | None = None
        self._lock = Lock()

    def state(self, patience: float) -> KafkaState:
        with self._lock:
            idle = self._asking is None or self._asking.done()
            if idle and time.monotonic() - self._asked >= ASKED_EVERY_SECONDS:
                self._asked = time.monotonic()
                self._asking = self._pool.submit(self._look)
            asking = self._asking
        if asking is not None and self._known.state == "asking":
            wait([asking], patience)
        return self._known

    def _look(self) -> None:
        try:
            watch = self._watch or LagWatch(Cluster(self._settings), self._settings)
            self._watch = watch
            topics = tuple(TopicLag(lag.topic, lag.records, lag.seconds, lag.partitions) for lag in watch.look())
        except Exception as error:  # whatever it is, the page must tell it
            self._known = replace(self._known, state="trouble", trouble=error_summary(error))
        else:
            self._known = KafkaState("answers", self._settings.servers, topics, datetime.now(timezone.utc), None)


_BROKERS: WeakKeyDictionary[Lake, _Broker] = WeakKeyDictionary()
_BROKERS_LOCK = Lock()


def kafka_lag(lake: Lake, patience: float = 0.3) -> KafkaState:
    """How many records of each topic were not read yet.

    The broker is asked in a thread of its own, at most every two seconds; the answer is the latest that is known.

    Args:
        patience: the seconds to wait for a first answer.
    """
    settings = lake.settings.kafka
    if settings is None:
        return KafkaState("no broker", None, (), None, None)
    with _BROKERS_LOCK:
        broker = _BROKERS.get(lake) or _BROKERS.setdefault(lake, _Broker(settings))
    return broker.state(patience)
