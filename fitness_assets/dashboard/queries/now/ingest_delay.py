"""How late the records of each source are loaded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.dashboard.queries.query import instant_or_now, query
from fitness_assets.dashboard.table_reader.predicates import between, equal_to, one_of
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

_TOPIC_RECORDS, _GYM_LOGINS = "bronz_db.kafka_multiplex_bz", "bronz_db.gym_logins_bz"


@dataclass(frozen=True)
class IngestDelay:
    """How long the records of one source take from happening to being loaded, over those loaded in the last minutes.

    Attributes:
        source: `bpm`, `workout` or `user_info` (by the Kafka record's time) or `gym_logins` (by login or logout).
        records: how many were loaded in the last minutes; the seconds are None where there were none.
        median_seconds: half of the records took less.
        p95_seconds: one in twenty took longer.
        last_load: when the latest record of the source was loaded, UTC, to the millisecond; None without any.
    """

    source: str
    records: int
    median_seconds: float | None
    p95_seconds: float | None
    last_load: datetime | None


@query(_TOPIC_RECORDS, _GYM_LOGINS)
def get_ingest_delays(
    transaction: ReadTransaction, now: datetime | None = None, minutes: int = 15
) -> tuple[IngestDelay, ...]:
    """For each source how late its records are loaded, over what was loaded in the last minutes."""
    now = instant_or_now(now)
    loaded = between(now - timedelta(minutes=minutes), now)
    records = transaction.scan(
        _TOPIC_RECORDS, "topic_group", "timestamp", "load_time", load_time=loaded, topic_group=one_of(TOPICS)
    )
    logins = transaction.scan(_GYM_LOGINS, "login", "logout", "load_time", load_time=loaded)
    rows = transaction.fetch_table(
        f"""
        SELECT source, count(*)::INT AS records, median(seconds) AS median_seconds,
            quantile_cont(seconds, 0.95) AS p95_seconds
        FROM (
            SELECT topic_group AS source, epoch(load_time)
                - CASE WHEN "timestamp" >= 1e11 THEN "timestamp" / 1e3 ELSE "timestamp" END AS seconds FROM {records}
            UNION ALL
            SELECT 'gym_logins', epoch(load_time) - coalesce(logout, login) FROM {logins}
        ) WHERE isfinite(seconds) GROUP BY source
        """
    )
    delays: dict[str, dict[str, Any]] = {row.pop("source"): row for row in rows.to_pylist()}
    no_records = {"records": 0, "median_seconds": None, "p95_seconds": None}
    last_loads = {
        topic: transaction.min_max(_TOPIC_RECORDS, "load_time", topic_group=equal_to(topic))[1]
        for topic in ("bpm", *TOPICS)
    }
    last_loads["gym_logins"] = transaction.min_max(_GYM_LOGINS, "load_time")[1]
    return tuple(
        IngestDelay(source, last_load=last_load, **delays.get(source, no_records))
        for source, last_load in last_loads.items()
    )
