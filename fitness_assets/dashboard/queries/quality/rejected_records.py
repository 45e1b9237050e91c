"""Records that a rule rejected, from quarantine: how many by reason, source and time, and the latest of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pyarrow as pa

from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.dashboard.queries.masking import mask_characters
from fitness_assets.dashboard.queries.query import query
from fitness_assets.dashboard.table_reader.predicates import Predicate, one_of, time_range
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

_QUARANTINE = "silver_db.quarantine"
_MAX_HOURLY_DAYS = 3


@dataclass(frozen=True)
class RejectedCounts:
    """How many records rules rejected.

    Attributes:
        total: all that match.
        loaded: all records of these sources that were loaded in that time, rejected or not: the whole of a share.
        by_reason: `reason, source_table, records, last_load` (when the latest was loaded, UTC)`, the most first.
        over_time: `time` (the begin of the hour or day of loading, UTC)`, reason, source_table, records`, sorted.
        unit: "hour" where all were loaded within three days, otherwise "day".
    """

    total: int
    loaded: int
    by_reason: pa.Table
    over_time: pa.Table
    unit: Literal["hour", "day"]


@query(_QUARANTINE, also_reads=tuple(FILE_FEEDS))
def count_rejected_records(
    transaction: ReadTransaction,
    since: datetime | None = None,
    until: datetime | None = None,
    reasons: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
) -> RejectedCounts:
    """Rejected records by reason and source over time, of those loaded at or after `since` and before `until` (UTC)."""
    loaded: dict[str, Predicate] = {"load_time": time_range(since, until)} if since or until else {}
    rows = transaction.scan(
        _QUARANTINE, "reason", "source_table", "load_time", **loaded, **_filter_predicates(reasons, sources)
    )
    by_reason = transaction.fetch_table(
        f"""
        SELECT reason, source_table, count(*)::INT AS records, max(load_time) AS last_load
        FROM {rows} GROUP BY ALL ORDER BY records DESC, reason, source_table
        """
    )
    totals = transaction.fetch_row(
        f"SELECT count(*)::INT AS total, max(load_time) - min(load_time) AS span FROM {rows}"
    )
    unit: Literal["hour", "day"] = "day"
    if totals["span"] is None or totals["span"].days < _MAX_HOURLY_DAYS:
        unit = "hour"
    over_time = transaction.fetch_table(
        f"""
        SELECT date_trunc('{unit}', load_time) AS "time", reason, source_table, count(*)::INT AS records
        FROM {rows} WHERE load_time IS NOT NULL GROUP BY ALL ORDER BY "time", reason, source_table
        """
    )
    bronze_tables = [table_name for table_name in sources or FILE_FEEDS if table_name in FILE_FEEDS]
    return RejectedCounts(
        total=totals["total"],
        loaded=sum(_count_loaded(transaction, table_name, loaded) for table_name in bronze_tables),
        by_reason=by_reason,
        over_time=over_time,
        unit=unit,
    )


@query(_QUARANTINE)
def list_rejected_records(
    transaction: ReadTransaction,
    reasons: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    limit: int = 100,
    unmasked: bool = False,
) -> pa.Table:
    """The latest rejected records: `load_time` (UTC)`, reason, source_table, source_file, record`.

    A masked record keeps its shape: but for the names of fields every letter is x, every digit 9.
    """
    columns = ("load_time", "reason", "source_table", "source_file", "record")
    rows = transaction.fetch_table(
        f"""
        SELECT * FROM {transaction.scan(_QUARANTINE, *columns, **_filter_predicates(reasons, sources))}
        ORDER BY load_time DESC NULLS LAST, source_table, reason, record LIMIT {int(limit)}
        """
    )
    records = [mask_characters(record, unmasked) for record in rows["record"].to_pylist()]
    return rows.set_column(columns.index("record"), "record", pa.array(records, pa.string()))


def _filter_predicates(reasons: tuple[str, ...], sources: tuple[str, ...]) -> dict[str, Predicate]:
    filters = {"reason": reasons, "source_table": sources}
    return {column: one_of(values) for column, values in filters.items() if values}


def _count_loaded(transaction: ReadTransaction, table_name: str, loaded: dict[str, Predicate]) -> int:
    """How many records of a bronze table were loaded then; of all times the log says it."""
    metadata = transaction.metadata(table_name)
    if metadata is None or not loaded:
        return metadata.row_count if metadata else 0
    rows = transaction.scan(table_name, "load_time", **loaded)
    return int(transaction.fetch_row(f"SELECT count(*) AS records FROM {rows}")["records"])
