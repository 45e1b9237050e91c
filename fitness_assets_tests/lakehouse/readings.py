"""Heart rates for tests of tables, one a second, of a device of its own number each."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
from pyspark.sql import SparkSession

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import CHANGE_TYPE, RowSet
from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse
from fitness_assets.settings import Settings

HEART_RATE = get_table("silver_db.heart_rate")
NOON = datetime(2026, 2, 28, 12, tzinfo=timezone.utc)


def readings(devices: Iterable[int], heartrate: float = 60.0) -> pa.Table:
    """A reading of each device; its number says how many seconds after noon."""
    rows = [
        {"device_id": number, "time": NOON + timedelta(seconds=number), "heartrate": heartrate, "valid": True}
        for number in devices
    ]
    return pa.Table.from_pylist(rows, arrow_schema(HEART_RATE))


def lake_without_spark(base: Path) -> LocalLakehouse:
    """Tables in folders, for tests of what starts no engine."""
    return LocalLakehouse(Settings(base_dir=base), no_spark)


def no_spark() -> SparkSession:
    raise AssertionError("few rows of tables in folders are read and written without Spark")


def in_process(rows: pa.Table) -> RowSet:
    return RowSet.in_process(no_spark, rows)


def append(lake: LocalLakehouse, rows: pa.Table, user_metadata: str = "{}") -> None:
    """Append readings in one commit."""
    assert lake.append(HEART_RATE, in_process(rows), rows.num_rows, user_metadata) == rows.num_rows


def changes(rows: pa.Table, what: Sequence[str]) -> RowSet:
    """What to do with each row."""
    return in_process(rows.append_column(CHANGE_TYPE, [list(what)]))
