"""A run taken out of Dagster with everything that it left: its record, events, results of checks, and logs."""

import shutil
from pathlib import Path

import sqlalchemy as db
from dagster import DagsterInstance, DagsterRunStatus

# The tables and files of Dagster's storage have no public name; its version is pinned.
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sql_run_storage import SqlRunStorage

FINISHED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
"""The statuses of a run that writes nothing any more."""


def can_forget(instance: DagsterInstance) -> bool:
    """Whether runs, events and ticks can be removed: where the instance keeps them in databases of its own. That of
    Dagster+ is kept by others, who have a retention of theirs."""
    storages = (instance.event_log_storage, SqlEventLogStorage), (instance.run_storage, SqlRunStorage)
    return all(isinstance(storage, kind) for storage, kind in storages)


def remove_run(instance: DagsterInstance, run_id: str) -> None:
    """Remove a finished run. One that was removed halfway, or meanwhile, is no error.

    `DagsterInstance.delete_run` alone leaves the results of checks, an empty database a run, and the captured output.

    Raises:
        SQLAlchemyError: a database cannot be written, because it is locked for long, say.
        OSError: a file cannot be removed.
    """
    storage = instance.event_log_storage
    if isinstance(storage, SqlEventLogStorage):
        with storage.index_connection() as connection:
            connection.execute(db.delete(AssetCheckExecutionsTable).where(AssetCheckExecutionsTable.c.run_id == run_id))
    instance.delete_run(run_id)
    if isinstance(storage, SqliteEventLogStorage):
        for ending in ("", "-wal", "-shm"):
            Path(f"{storage.path_for_shard(run_id)}{ending}").unlink(missing_ok=True)
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    shutil.rmtree(Path(instance.storage_directory()) / run_id, ignore_errors=True)
