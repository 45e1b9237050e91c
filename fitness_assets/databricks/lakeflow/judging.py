"""The judges of records as functions for Spark to call: a file, or a record of a broker, gives its rows of bronze.

They are functions on single values: a query function of a pipeline may not ask Spark for the columns of a DataFrame, as
`mapInArrow` does.
"""

import gzip
import zlib
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa

from fitness_assets.contracts.feeds import FILE_FEEDS, GZIP_SUFFIX, KAFKA_RECORDS, TOPICS, FileFeed
from fitness_assets.pipeline.landing.listing import is_unfinished
from fitness_assets.pipeline.landing.names import zone_name
from fitness_assets.pipeline.strategies.ingestion.kafka_rows import KAFKA_SCHEME
from fitness_assets.transforms.records import (
    BrokerRecord,
    BrokerRecordJudge,
    BronzeRows,
    SourceFile,
    open_judge,
    split_lines,
)
from fitness_assets.transforms.records.file_judge import KEPT_OF_FILE

Row = tuple[Any, ...]


def file_judge(table: str, landing: str) -> Callable[[str, bytes], list[Row]]:
    """What gives the rows of a file by its path and content; none where it is no file of the feed, or unfinished."""

    # It goes to the workers with what it names: functions go by name, and find there the feeds that their judges know.
    def judge(path: str, content: bytes) -> list[Row]:
        return rows_of_file(table, landing, path, content)

    return judge


def record_judge() -> Callable[..., list[Row]]:
    """What gives the row of a record of a broker by its key, value, topic, partition, offset and timestamp in ms."""

    def judge(*record: Any) -> list[Row]:
        return rows_of_record(*record)

    return judge


def rows_of_file(table: str, landing: str, path: str, content: bytes) -> list[Row]:
    """The rows of one file, in the order of the table's columns."""
    feed = FILE_FEEDS[table]
    name = path.partition(f"{landing}/{feed.name}/")[2] or path
    if any(map(is_unfinished, name.split("/"))) or not feed.reads(name):
        return []
    return _rows(judged_file(feed, zone_name(name.encode()), content))


def rows_of_record(*record: Any) -> list[Row]:
    """The one row of a record, likewise."""
    rows = BronzeRows(KAFKA_RECORDS, datetime.now(timezone.utc))
    sources = {topic: f"{KAFKA_SCHEME}{topic}" for topic in TOPICS}
    BrokerRecordJudge(rows, sources).take([BrokerRecord(*record)])
    return _rows(rows.take())


def judged_file(feed: FileFeed, name: str, content: bytes) -> pa.Table:
    """The rows of one file. One that cannot be read gives one row that says why."""
    rows, source = BronzeRows(feed, datetime.now(timezone.utc)), SourceFile(f"{feed.name}/{name}")
    try:
        unpacked = gzip.decompress(content) if name.lower().endswith(GZIP_SUFFIX) else content
    except (EOFError, zlib.error, gzip.BadGzipFile):
        open_judge(feed, rows, source, b"").refuse_file("bad_gzip")
        return rows.take()
    judge = open_judge(feed, rows, source, unpacked[:KEPT_OF_FILE])
    for lines in split_lines([unpacked]):
        judge.take(lines)
        if judge.refusal:
            break
    judge.finish()
    return rows.take()


def _rows(table: pa.Table) -> list[Row]:
    return [tuple(row.values()) for row in table.to_pylist()]
