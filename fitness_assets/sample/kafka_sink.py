"""Events of the three topics to a Kafka broker."""

import time
from collections.abc import Mapping, Sequence

from confluent_kafka import KafkaError as Reason
from confluent_kafka import KafkaException, Message, Producer

from fitness_assets.errors import KafkaError, SettingError
from fitness_assets.sample.landing import record_key
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

    def __init__(self, client: Mapping[str, str], patience: float = 8) -> None:
        """
        Args:
            client: settings of librdkafka, `bootstrap.servers` at least.
            patience: the seconds in which the broker must answer.

        Raises:
            SettingError: a setting is missing or not known.
            KafkaError: the broker does not answer or refuses us.
        """
        self.where = client.get("bootstrap.servers", "")
        if not self.where:
            raise SettingError("No Kafka broker is named: set KAFKA_BOOTSTRAP_SERVERS, such as localhost:9092.")
        self._sent = 0
        self._lost = 0
        self._trouble = ""
        self._first_loss = ""
        self._failed = False
        required = {
            "enable.idempotence": True,
            # A call of Python for each record would halve the pace; those that arrive are counted as sent and gone.
            "delivery.report.only.error": True,
            "on_delivery": self._on_delivery,
            "error_cb": self._on_error,
        }
        try:
            self._producer = Producer({**_DEFAULTS, **client, **required})
        except KafkaException as error:
            raise SettingError(f"The settings for Kafka at {self.where}: {_said(error)}.") from error
        try:
            self._producer.list_topics(timeout=patience)
        except KafkaException as error:
            self._producer.poll(0)  # for the reason, which comes as an event
            raise KafkaError(
                f"Kafka at {self.where} does not answer within {patience:g} s: {self._trouble or _said(error)}. "
                f"Is it running, and are KAFKA_BOOTSTRAP_SERVERS and security.protocol right?"
            ) from error

    def send(self, events: Sequence[Event]) -> None:
        produce = self._producer.produce
        for _, topic, text in events:
            try:
                produce(topic, text, record_key(text))
            except BufferError:
                self._when_there_is_room(topic, text)
        self._sent += len(events)
        self._producer.poll(0)
        self._refuse_losses()

    def close(self) -> None:
        while self._producer.flush(1):
            self._refuse_losses()
        self._refuse_losses()

    def delivered(self) -> dict[str, int]:
        return {"kafka": max(0, self._sent - self._lost - len(self._producer))}

    def _when_there_is_room(self, topic: str, text: str) -> None:
        """Wait until the broker has taken some of what waits for it; it has half a minute for that."""
        while True:
            self._producer.poll(0.05)
            self._refuse_losses()
            try:
                return self._producer.produce(topic, text, record_key(text))
            except BufferError:
                time.sleep(0.01)

    def _on_delivery(self, reason: Reason | None, message: Message) -> None:
        if reason is not None:
            if not self._lost:
                self._first_loss = f"topic {message.topic()}: {reason.str()}"
            self._lost += 1

    def _on_error(self, reason: Reason) -> None:
        # The last word, "all brokers are down", says less than those before it.
        if reason.code() != Reason._ALL_BROKERS_DOWN or not self._trouble:
            self._trouble = reason.str()

    def _refuse_losses(self) -> None:
        if self._lost and not self._failed:
            self._failed = True
            # Nothing more is tried, or closing would wait half a minute for what is as little wanted.
            self._producer.purge()
            raise KafkaError(f"Kafka at {self.where} did not take all records: {self._first_loss}.")


def _said(error: KafkaException) -> str:
    return str(error.args[0].str())
