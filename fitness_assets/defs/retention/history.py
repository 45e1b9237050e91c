"""Runs and events that are older than people look back: removed, but for what is shown as the latest of an asset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import sqlalchemy as db
from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

# The tables of Dagster's storage, and the id of no run, have no public name; its version is pinned.
from dagster._core.instance import RUNLESS_RUN_ID
from dagster._core.storage.event_log.schema import AssetEventTagsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from fitness_assets.defs.retention.databases import shrink_databases
from fitness_assets.defs.retention.latest_runs import latest_event_ids, latest_finished_run_ids, latest_run_ids
from fitness_assets.defs.retention.removal import FINISHED, can_forget, remove_run

RETENTION_DAYS = 30
_RUNS_A_NIGHT, _RUNS_A_TICK = 5_000, 200
"""More wait for the next night, or the next tick, which has a minute."""
_ASKED_FOR = {"dagster/partition", "dagster/backfill", "dagster/run_key"}
_EVENTS = SqlEventLogStorageTable.c


@dataclass(frozen=True)
class RemovedHistory:
    """What was removed.

    Attributes:
        runs: how many runs, with all that each left.
        events: how many events that belong to no run, such as what sensors observed.
        freed_bytes: by how much the databases became smaller on disk.
        locked: the databases that somebody else used; the next time makes them smaller.
    """

    runs: int
    events: int
    freed_bytes: int
    locked: tuple[str, ...] = ()

    def line(self) -> str:
        waiting = f"; in use, and left as they are: {', '.join(self.locked)}" if self.locked else ""
        return f"{self.runs:,} runs and {self.events:,} events removed, {self.freed_bytes:,} bytes freed{waiting}"


def remove_history(instance: DagsterInstance, before: datetime) -> RemovedHistory:
    """Remove the runs that finished before an instant, and events before it that belong to no run.

    A run that goes on stays, and so does one that made the latest materialization, observation or check of an asset.

    Raises:
        SQLAlchemyError: a database cannot be written, because it is locked for long, say.
        OSError: a file cannot be removed.
    """
    if not can_forget(instance):
        return RemovedHistory(0, 0, 0)
    old_runs = instance.get_run_ids(RunsFilter(statuses=FINISHED, updated_before=before))
    runs = _remove_oldest(instance, old_runs, _RUNS_A_NIGHT)
    events = _remove_events_of_no_run(instance, before.astimezone(timezone.utc).replace(tzinfo=None))
    shrunk = shrink_databases(instance)
    return RemovedHistory(runs, events, shrunk.freed_bytes, shrunk.locked)


def remove_surplus_runs(instance: DagsterInstance, most: int) -> int:
    """Remove the oldest runs that succeeded where there are more than `most`, but for those that are shown as the
    latest; how many were removed. A tick takes some of them, the next ones the others. What failed stays for its days.

    Raises:
        SQLAlchemyError: a database cannot be written, because it is locked for long, say.
        OSError: a file cannot be removed.
    """
    if not can_forget(instance):
        return 0
    succeeded = instance.get_run_ids(RunsFilter(statuses=[DagsterRunStatus.SUCCESS]))
    return _remove_oldest(instance, succeeded[most:], _RUNS_A_TICK) if len(succeeded) > most else 0


def _remove_oldest(instance: DagsterInstance, newest_first: Sequence[str], at_most: int) -> int:
    shown = latest_run_ids(instance) | latest_finished_run_ids(instance)
    removed = 0
    for run_id in reversed(newest_first):
        if removed == at_most:
            break
        if run_id not in shown and not _is_needed(instance, run_id):
            remove_run(instance, run_id)
            removed += 1
    return removed


def _is_needed(instance: DagsterInstance, run_id: str) -> bool:
    """Whether Dagster still asks for a run: that of a partition, of a backfill, or of a sensor that must not ask twice.
    None of ours is one; somebody else's may be."""
    run = instance.get_run_by_id(run_id)
    return run is not None and bool(_ASKED_FOR & run.tags.keys())


def _remove_events_of_no_run(instance: DagsterInstance, before: datetime) -> int:
    """Remove what sensors and Dagster itself recorded of assets beside any run; how many events there were.

    Args:
        before: UTC, as the storage writes it, without a zone.
    """
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        return 0
    is_old = db.and_(_EVENTS.run_id == RUNLESS_RUN_ID, _EVENTS.timestamp < before)
    is_superseded = db.and_(is_old, _EVENTS.id.not_in(latest_event_ids()))
    with storage.index_connection() as connection:
        superseded = db.select(_EVENTS.id).where(is_superseded)
        connection.execute(db.delete(AssetEventTagsTable).where(AssetEventTagsTable.c.event_id.in_(superseded)))
        removed = connection.execute(db.delete(SqlEventLogStorageTable).where(is_superseded)).rowcount
    if isinstance(storage, SqliteEventLogStorage) and Path(storage.path_for_shard(RUNLESS_RUN_ID)).exists():
        # There they are a second time; whoever asks for the latest of an asset asks the index.
        with storage.run_connection(RUNLESS_RUN_ID) as connection:
            connection.execute(db.delete(SqlEventLogStorageTable).where(is_old))
    return int(removed)
