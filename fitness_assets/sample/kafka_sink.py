"""Events of the three topics to a Kafka broker."""

import time
from collections.abc import Mapping, Sequence

from confluent_kafka import KafkaError as BrokerError
from confluent_kafka import KafkaException as BrokerException
from confluent_kafka import Message, Producer

from fitness_assets.errors import KafkaError, SettingError
from fitness_assets.kafka.client_errors import error_text
from fitness_assets.sample.landing_files import record_key
from fitness_assets.sample.people import Event

_DEFAULTS: dict[str, object] = {
    "log_level": 0,
    "linger.ms": 20,
    "compression.type": "lz4",
    "queue.buffering.max.messages": 500_000,
    "message.timeout.ms": 30_000,
}


class KafkaSink:
    """Each event to the topic it names, keyed by user or device so that one person's events keep their order."""

    def __init__(self, client: Mapping[str, str], timeout_seconds: float = 8) -> None:
        """
        Args:
            client: settings of librdkafka, `bootstrap.servers` at least.
            timeout_seconds: in which the broker must answer.

        Raises:
            SettingError: a setting is missing or not known.
            KafkaError: the broker does not answer or refuses us.
        """
        self.address = client.get("bootstrap.servers", "")
        if not self.address:
            raise SettingError(
                "No Kafka broker is named: set KAFKA_BOOTSTRAP_SERVERS, such as localhost:9092. For that of the live "
                'stack: eval "$(fitness-assets kafka --exports)".'
            )
        self._sent = 0
        self._undelivered = 0
        self._connection_error = ""
        self._first_loss = ""
        self._has_failed = False
        required = {
            "enable.idempotence": True,
            # A call of Python for each record would halve the pace; those that arrive are counted as sent and gone.
            "delivery.report.only.error": True,
            "on_delivery": self._on_delivery,
            "error_cb": self._on_error,
        }
        try:
            self._producer = Producer({**_DEFAULTS, **client, **required})
        except BrokerException as error:
            raise SettingError(f"The settings for Kafka at {self.address}: {error_text(error)}.") from error
        try:
            self._producer.list_topics(timeout=timeout_seconds)
        except BrokerException as error:
            self._producer.poll(0)  # for the reason, which comes as an event
            reason = self._connection_error or error_text(error)
            raise KafkaError(
                f"Kafka at {self.address} does not answer within {timeout_seconds:g} s: {reason}. "
                f"Is it running, and are KAFKA_BOOTSTRAP_SERVERS and security.protocol right?"
            ) from error

    def send(self, events: Sequence[Event]) -> None:
        produce = self._producer.produce
        for _, topic, text in events:
            try:
                produce(topic, text, record_key(text))
            except BufferError:
                self._produce_when_there_is_room(topic, text)
        self._sent += len(events)
        self._producer.poll(0)
        self._raise_losses()

    def close(self) -> None:
        while self._producer.flush(1):
            self._raise_losses()
        self._raise_losses()

    def delivered(self) -> dict[str, int]:
        return {"kafka": max(0, self._sent - self._undelivered - len(self._producer))}

    def _produce_when_there_is_room(self, topic: str, text: str) -> None:
        """Wait until the broker has taken some of what waits for it; it has half a minute for that."""
        while True:
            self._producer.poll(0.05)
            self._raise_losses()
            try:
                return self._producer.produce(topic, text, record_key(text))
            except BufferError:
                time.sleep(0.01)

    def _on_delivery(self, error: BrokerError | None, message: Message) -> None:
        if error is not None:
            if not self._undelivered:
                self._first_loss = f"topic {message.topic()}: {error.str()}"
            self._undelivered += 1

    def _on_error(self, error: BrokerError) -> None:
        # The last word, "all brokers are down", says less than those before it.
        if error.code() != BrokerError._ALL_BROKERS_DOWN or not self._connection_error:
            self._connection_error = error.str()

    def _raise_losses(self) -> None:
        if self._undelivered and not self._has_failed:
            self._has_failed = True
            # Nothing more is tried, or closing would wait half a minute for what is as little wanted.
            self._producer.purge()
            raise KafkaError(f"Kafka at {self.address} did not take all records: {self._first_loss}.")
