"""Records between two offsets, read from the broker a bounded number at a time."""

import time
from collections.abc import Iterator, Sequence

from confluent_kafka import Consumer, Message, TopicPartition
from confluent_kafka import KafkaError as BrokerError
from confluent_kafka import KafkaException as BrokerException

from fitness_assets.errors import KafkaError
from fitness_assets.kafka.client_errors import ClientErrors, error_text
from fitness_assets.kafka.offsets import OffsetRange
from fitness_assets.settings import KafkaSettings

PATIENCE_SECONDS = 15.0
"""So long the broker may give nothing."""
_RECORDS_AT_ONCE = 10_000
_POLL_SECONDS = 1.0
_CONFIG = {
    "enable.auto.commit": "false",
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    # How the end of a range shows where it is not a record, but the mark of a transaction.
    "enable.partition.eof": "true",
    "fetch.wait.max.ms": "50",
    "queued.max.messages.kbytes": "65536",
    "log_level": 0,
}


def read_records(ranges: Sequence[OffsetRange], settings: KafkaSettings) -> Iterator[list[Message]]:
    """The records of some ranges of offsets. Offsets in them may hold no record: transactions, compaction.

    Raises:
        KafkaError: the broker does not give them all.
    """
    errors = ClientErrors()
    config = {**_CONFIG, **settings.for_librdkafka, "group.id": settings.group, "error_cb": errors}
    try:
        consumer = Consumer(config)
    except BrokerException as error:
        raise KafkaError(f"The FITNESS_KAFKA_ settings are refused: {error_text(error)}") from error
    try:
        consumer.assign([TopicPartition(one.topic, one.partition, one.start) for one in ranges])
        yield from _records(consumer, {(one.topic, one.partition): one.end for one in ranges}, settings, errors)
    finally:
        consumer.close()


def _records(
    consumer: Consumer, ends: dict[tuple[str, int], int], settings: KafkaSettings, errors: ClientErrors
) -> Iterator[list[Message]]:
    last_answer = time.monotonic()
    records: list[Message] = []
    while ends:
        messages, is_answered = _available(consumer), False
        for message in messages:
            error, key = message.error(), (str(message.topic()), int(message.partition() or 0))
            if error is not None and error.code() != BrokerError._PARTITION_EOF:
                raise _failed(settings, str(error.str()))
            end, offset = ends.get(key), int(message.offset() or 0)
            if end is None:
                continue
            if error is None and offset < end:
                records.append(message)
            is_answered = True
            if offset >= (end - 1 if error is None else end):
                del ends[key]
                # What goes on coming there must not hide that another partition is silent.
                consumer.pause([TopicPartition(*key)])
        if is_answered:
            last_answer = time.monotonic()
        elif time.monotonic() - last_answer > PATIENCE_SECONDS:
            reason = errors.refusal or errors.connection_error
            raise _failed(settings, reason or f"no record came within {PATIENCE_SECONDS:.0f} s")
        if records and (len(records) >= _RECORDS_AT_ONCE or not ends):
            yield records
            records = []


def _available(consumer: Consumer) -> list[Message]:
    """Waits for one message and takes what is there with it; `consume` alone waits for as many as it may give."""
    first = consumer.consume(1, timeout=_POLL_SECONDS)
    return [*first, *consumer.consume(_RECORDS_AT_ONCE, timeout=0)] if first else first


def _failed(settings: KafkaSettings, reason: str) -> KafkaError:
    return KafkaError(
        f"Reading from the Kafka broker {settings.servers} failed: {reason}. "
        f"The next update goes on where this one ended."
    )
