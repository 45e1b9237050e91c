"""The status of each table: when it changed, what it waits for. From logs and notes alone, no row is read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.queries.query import instant_or_now
from fitness_assets.dashboard.table_reader.predicates import between
from fitness_assets.dashboard.table_reader.reader import TableReader
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction, TableMetadata
from fitness_assets.pipeline.state.progress import Progress
from fitness_assets.pipeline.strategies import strategies_of

NEW_FILES, NEW_DAY = "new files in the landing zone", "a new day"
_EVENT_TIMES = ("time", "end_time", "logout", "login", "updated", "registration_timestamp")

Status = Literal["up to date", "waiting", "empty", "not there"]


@dataclass(frozen=True)
class TableStatus:
    """One table at the moment.

    Attributes:
        description: what it holds, from its contract.
        version: None where it is not there yet.
        changed_at: when its rows last changed, UTC (compaction and vacuum change none).
        age_seconds: from then until now.
        operation: what the last change was, e.g. MERGE.
        newest_event: the newest event time in it, UTC, from file statistics; None where it has none.
        waits_for: the sources that changed since the table was brought up to date; also "new files in the landing
            zone", and "a new day" where ages are counted anew.
        status: "waiting" where an update is due.
    """

    table_name: str
    layer: str
    description: str
    version: int | None
    rows: int
    files: int
    bytes: int
    changed_at: datetime | None
    age_seconds: float | None
    operation: str | None
    newest_event: datetime | None
    waits_for: tuple[str, ...]
    status: Status


def get_table_statuses(reader: TableReader, now: datetime | None = None) -> tuple[TableStatus, ...]:
    """The status of every table, sources first. Reads logs and notes alone."""
    now = instant_or_now(now)
    with reader.begin(tuple(all_tables())) as transaction:
        statuses = []
        for name, table in all_tables().items():
            waits_for = _changed_sources(reader, transaction, table, reader.zone.progress(table))
            if name in FILE_FEEDS and reader.zone.has_new_files(table, FILE_FEEDS[name]):
                waits_for += (NEW_FILES,)
            metadata = transaction.metadata(name)
            changed_at = metadata.changed_at if metadata else None
            statuses.append(
                TableStatus(
                    table_name=name,
                    layer=table.layer.value,
                    description=table.description,
                    version=metadata.version.number if metadata else None,
                    rows=metadata.row_count if metadata else 0,
                    files=metadata.file_count if metadata else 0,
                    bytes=metadata.size_bytes if metadata else 0,
                    changed_at=changed_at,
                    age_seconds=max((now - changed_at).total_seconds(), 0.0) if changed_at else None,
                    operation=metadata.operation if metadata else None,
                    newest_event=_newest_event(transaction, table, now),
                    waits_for=waits_for,
                    status=_status(metadata, waits_for),
                )
            )
    return tuple(statuses)


def _status(metadata: TableMetadata | None, waits_for: tuple[str, ...]) -> Status:
    if metadata is None:
        return "not there"
    if waits_for:
        return "waiting"
    return "up to date" if metadata.row_count else "empty"


def _changed_sources(
    reader: TableReader, transaction: ReadTransaction, table: Table, progress: Progress | None
) -> tuple[str, ...]:
    """The sources that changed since the table used them, and the day where the table depends on it."""
    strategy = strategies_of(table)[0]
    if not strategy.reflects_versions:
        return ()
    progress = strategy.committed_progress(reader.lakehouse, table, progress)
    changed = []
    for source in table.sources:
        metadata = transaction.metadata(source.table)
        if metadata is None or metadata.changed_in is None:
            continue
        used = progress.sources.get(source.table) if progress else None
        # A later version that changed no row (a compaction) is nothing to wait for.
        if used is None or used.table_id != metadata.version.table_id or used.number < metadata.changed_in:
            changed.append(source.table)
    if table.depends_on_date and progress and progress.as_of != reader.settings.as_of.isoformat():
        changed.append(NEW_DAY)
    return tuple(changed)


def _newest_event(transaction: ReadTransaction, table: Table, now: datetime) -> datetime | None:
    """The newest event time by the statistics; what a wrong clock puts into the future does not count."""
    if not strategies_of(table)[0].is_keyed:
        return None
    greatest: list[Any] = [
        transaction.min_max(table.full_name, column, **{column: between(None, now)})[1] for column in _EVENT_TIMES
    ]
    return max((time for time in greatest if time is not None and time <= now), default=None)
