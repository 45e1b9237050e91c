"""Data quality: refused records, freshness of each table, checks, and what waits in Kafka."""

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.dashboard.lake import View
from fitness_assets.dashboard.questions.answer import question
from fitness_assets.dashboard.questions.checked import Check, checks
from fitness_assets.dashboard.questions.freshness import TableState, tables
from fitness_assets.dashboard.questions.masks import shape
from fitness_assets.dashboard.questions.unread import KafkaState, TopicLag, kafka_lag
from fitness_assets.lakehouse.predicates import Between, Condition, OneOf

__all__ = [
    "Check",
    "KafkaState",
    "Refused",
    "TableState",
    "TopicLag",
    "checks",
    "kafka_lag",
    "refused",
    "refused_records",
    "tables",
]

_QUARANTINE = "silver_db.quarantine"
_BY_THE_HOUR_DAYS = 3


@dataclass(frozen=True)
class Refused:
    """Records that a rule refused.

    Attributes:
        total: all that match.
        records: all records of these sources that were loaded in that time, refused or not: a share can be told.
        by_reason: `reason, source_table, records, last` (when the latest was loaded, UTC)`, the most first.
        over_time: `time` (the begin of the hour or day of loading, UTC)`, reason, source_table, records`, sorted.
        step: "hour" where all were loaded within three days, otherwise "day".
    """

    total: int
    records: int
    by_reason: pa.Table
    over_time: pa.Table
    step: str


@question(_QUARANTINE, also=tuple(FILE_FEEDS))
def refused(
    view: View,
    since: datetime | None = None,
    until: datetime | None = None,
    reasons: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
) -> Refused:
    """Refused records by reason and source over time, of those loaded at or after `since` and before `until` (UTC)."""
    loaded: dict[str, Condition] = {"load_time": Between(since, until, open=True)} if since or until else {}
    where = loaded | _where(reasons, sources)
    rows = view.rows(_QUARANTINE, "reason", "source_table", "load_time", **where)
    by_reason = view.ask(
        f"""
        SELECT reason, source_table, count(*)::INT AS records, max(load_time) AS last
        FROM {rows} GROUP BY ALL ORDER BY records DESC, reason, source_table
        """
    )
    ends = view.one(f"SELECT count(*)::INT AS total, max(load_time) - min(load_time) AS span FROM {rows}")
    step = "hour" if ends["span"] is None or ends["span"].days < _BY_THE_HOUR_DAYS else "day"
    over_time = view.ask(
        f"""
        SELECT date_trunc('{step}', load_time) AS "time", reason, source_table, count(*)::INT AS records
        FROM {rows} WHERE load_time IS NOT NULL GROUP BY ALL ORDER BY "time", reason, source_table
        """
    )
    landed = sum(_loaded(view, name, loaded) for name in sources or FILE_FEEDS if name in FILE_FEEDS)
    return Refused(ends["total"], landed, by_reason, over_time, step)


@question(_QUARANTINE)
def refused_records(
    view: View,
    reasons: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    most: int = 100,
    unmasked: bool = False,
) -> pa.Table:
    """The latest refused records: `load_time` (UTC)`, reason, source_table, source_file, record`.

    A masked record keeps its shape: but for the names of fields every letter is x, every digit 9.
    """
    names = ("load_time", "reason", "source_table", "source_file", "record")
    found = view.ask(
        f"""
        SELECT * FROM {view.rows(_QUARANTINE, *names, **_where(reasons, sources))}
        ORDER BY load_time DESC NULLS LAST, source_table, reason, record LIMIT {int(most)}
        """
    )
    records = [shape(record, unmasked) for record in found["record"].to_pylist()]
    return found.set_column(names.index("record"), "record", pa.array(records, pa.string()))


def _where(reasons: tuple[str, ...], sources: tuple[str, ...]) -> dict[str, Condition]:
    named = {"reason": reasons, "source_table": sources}
    return {column: OneOf(values) for column, values in named.items() if values}


def _loaded(view: View, table: str, loaded: dict[str, Condition]) -> int:
    """How many records of a bronze table were loaded then; of all times the log knows it."""
    snapshot = view.snapshots[table]
    if snapshot is None or not loaded:
        return snapshot.row_count if snapshot else 0
    return int(view.one(f"SELECT count(*) AS records FROM {view.rows(table, 'load_time', **loaded)}")["records"])
