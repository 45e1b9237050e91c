"""Heart rates for tests of tables, one a second, of a device of its own number each."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

import pyarrow as pa

from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse.schemas import arrow_schema
from fitness_assets.lakehouse.writes import CHANGE_TYPE

HEART_RATE = get_table("silver_db.heart_rate")
NOON = datetime(2026, 2, 28, 12, tzinfo=timezone.utc)


def readings(devices: Iterable[int], heartrate: float = 60.0) -> pa.Table:
    """A reading of each device; its number says how many seconds after noon."""
    rows = [
        {"device_id": number, "time": NOON + timedelta(seconds=number), "heartrate": heartrate, "valid": True}
        for number in devices
    ]
    return pa.Table.from_pylist(rows, arrow_schema(HEART_RATE))


def ops(rows: pa.Table, what: Sequence[str]) -> pa.Table:
    """What to do with each row."""
    return rows.append_column(CHANGE_TYPE, [list(what)])
