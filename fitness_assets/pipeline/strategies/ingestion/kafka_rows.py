"""Records of a broker to rows of bronze, a bounded number at a time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timezone

import pyarrow as pa
from confluent_kafka import Message

from fitness_assets.contracts.feeds import KAFKA_RECORDS
from fitness_assets.kafka.offsets import OffsetRange
from fitness_assets.kafka.reader import read_records
from fitness_assets.pipeline.landing.loading import BYTES_PER_TABLE, ROWS_PER_TABLE
from fitness_assets.pipeline.state.erased_rows import without_erased
from fitness_assets.pipeline.state.erasures import Erasures
from fitness_assets.settings import KafkaSettings
from fitness_assets.transforms.records import BrokerRecord, BrokerRecordJudge, BronzeRows

KAFKA_SCHEME = "kafka://"
"""How `source_file` begins where a record came from a broker; a topic made anew has another id."""


def broker_rows(
    ranges: Sequence[OffsetRange],
    settings: KafkaSettings,
    weeks: Mapping[date, str],
    erasures: Erasures,
    unknown_fields: set[str],
) -> Iterator[pa.Table]:
    """The rows of some ranges of offsets.

    Args:
        weeks: the week of each day of the calendar.
        erasures: whose records are left out.
        unknown_fields: takes the names of fields that the contract does not know.

    Raises:
        KafkaError: the broker does not give them all.
    """
    rows = BronzeRows(KAFKA_RECORDS, datetime.now(timezone.utc), weeks)
    judge = BrokerRecordJudge(rows, {one.topic: f"{KAFKA_SCHEME}{one.topic}/{one.topic_id}" for one in ranges})
    size = 0
    for messages in read_records(ranges, settings):
        judge.take([_record(message) for message in messages])
        size += sum(len(message) for message in messages)
        if rows.count >= ROWS_PER_TABLE or size >= BYTES_PER_TABLE:
            yield without_erased(KAFKA_RECORDS, rows.take(), erasures)[0]
            size = 0
    unknown_fields |= rows.unknown_fields
    if rows.count:
        yield without_erased(KAFKA_RECORDS, rows.take(), erasures)[0]


def _record(message: Message) -> BrokerRecord:
    return BrokerRecord(
        key=message.key(),
        value=message.value(),
        topic=str(message.topic()),
        partition=int(message.partition() or 0),
        offset=int(message.offset() or 0),
        timestamp=message.timestamp()[1],
    )
