"""How many heart rates arrive: readings a second, and the newest of all."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pyarrow as pa

from fitness_assets.dashboard.queries.now.latest_event import newest_time
from fitness_assets.dashboard.queries.query import instant_or_now, query
from fitness_assets.dashboard.table_reader.predicates import between, sql_literal
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

FRESH_READING_MINUTES = 2
"""Readings come a little late; up to this age of the newest one the rate is that up to it, not up to now."""
_BUCKETS = 90


@dataclass(frozen=True)
class IngestRate:
    """How many heart rates were measured in the last minutes, by the time of measurement.

    Attributes:
        per_second: readings a second over one minute: the one up to the newest reading where that is no more than 2
            minutes old, as some are always under way, otherwise the one up to now.
        wearables: how many different ones sent in that minute.
        invalid: readings of that minute that are not above zero (no contact with the skin).
        series: `time` (the begin of each bucket, UTC)`, per_second, wearables`; whole buckets up to the end of that
            minute, those without readings too, with zeros.
        bucket_seconds: how long each bucket is.
        newest_at: the time of the newest reading of all up to now, UTC.
    """

    per_second: float
    wearables: int
    invalid: int
    series: pa.Table
    bucket_seconds: int
    newest_at: datetime | None


@query("silver_db.heart_rate")
def get_ingest_rate(transaction: ReadTransaction, now: datetime | None = None, minutes: int = 15) -> IngestRate:
    """Readings a second over the last minutes. Opens only files that hold readings of that time."""
    now = instant_or_now(now)
    newest = newest_time(transaction, "silver_db.heart_rate", "time", now)
    is_fresh = newest is not None and now - newest <= timedelta(minutes=FRESH_READING_MINUTES)
    end = newest if newest is not None and is_fresh else now
    bucket = max(1, round(minutes * 60 / _BUCKETS))
    # Whole buckets of the clock, so that the bars do not change from one look to the next.
    series_end = int(end.timestamp() // bucket) * bucket
    series_begin = series_end - minutes * 60 // bucket * bucket
    begin = datetime.fromtimestamp(min(series_begin, int(end.timestamp()) - 61), timezone.utc)
    rows = transaction.scan("silver_db.heart_rate", "device_id", "time", "valid", time=between(begin, end))
    last_minute = transaction.fetch_row(
        f"""
        SELECT count(*)::INT AS readings, count(DISTINCT device_id)::INT AS wearables,
            count(*) FILTER (NOT valid)::INT AS invalid
        FROM {rows} WHERE "time" > {sql_literal(end - timedelta(minutes=1))}
        """
    )
    series = transaction.fetch_table(
        f"""
        SELECT to_timestamp(b.begin) AS "time", count(device_id) / {bucket} AS per_second,
            count(DISTINCT device_id)::INT AS wearables
        FROM range({series_begin}, {series_end}, {bucket}) b(begin)
        LEFT JOIN {rows} r ON epoch_us(r."time") // {bucket * 1_000_000} * {bucket} = b.begin
        GROUP BY b.begin ORDER BY b.begin
        """
    )
    return IngestRate(
        per_second=last_minute["readings"] / 60,
        wearables=last_minute["wearables"],
        invalid=last_minute["invalid"],
        series=series,
        bucket_seconds=bucket,
        newest_at=newest,
    )
