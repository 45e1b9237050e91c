"""The runs that Dagster shows something of as the latest: they stay, however old they are."""

import sqlalchemy as db
from dagster import DagsterInstance, DagsterRunStatus

# The tables of Dagster's storage have no public name; its version is pinned.
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.runs.schema import RunsTable
from dagster._core.storage.runs.sql_run_storage import SqlRunStorage

_EVENTS, _CHECKS = SqlEventLogStorageTable.c, AssetCheckExecutionsTable.c


def latest_run_ids(instance: DagsterInstance) -> frozenset[str]:
    """The runs of the latest event of each asset and kind, and of the latest result of each check and status.

    There are no more of them than assets and checks, times the few kinds and statuses. None where the storage is not
    one of SQL, of which nothing is removed either.
    """
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        return frozenset()
    of_checks = db.select(db.func.max(_CHECKS.id)).group_by(
        _CHECKS.asset_key, _CHECKS.check_name, _CHECKS.execution_status
    )
    queries = [
        db.select(_EVENTS.run_id).where(_EVENTS.id.in_(latest_event_ids())),
        db.select(_CHECKS.run_id).where(_CHECKS.id.in_(of_checks)),
    ]
    with storage.index_connection() as connection:
        rows = [row for query in queries for row in connection.execute(query.distinct())]
    return frozenset(run_id for (run_id,) in rows)


def latest_finished_run_ids(instance: DagsterInstance) -> frozenset[str]:
    """The latest run of each job that succeeded or failed: whether a job is well is told by it, and alerts are."""
    storage = instance.run_storage
    if not isinstance(storage, SqlRunStorage):
        return frozenset()
    is_finished = RunsTable.c.status.in_([DagsterRunStatus.SUCCESS.value, DagsterRunStatus.FAILURE.value])
    latest = db.select(db.func.max(RunsTable.c.id)).where(is_finished).group_by(RunsTable.c.pipeline_name)
    with storage.connect() as connection:
        rows = connection.execute(db.select(RunsTable.c.run_id).where(RunsTable.c.id.in_(latest))).all()
    return frozenset(run_id for (run_id,) in rows)


def latest_event_ids() -> "db.Select[tuple[int]]":
    """The ids of the latest event of each asset and kind: materialized, observed, planned, failed, fresh or not."""
    return (
        db.select(db.func.max(_EVENTS.id))
        .where(_EVENTS.asset_key.is_not(None))
        .group_by(_EVENTS.asset_key, _EVENTS.dagster_event_type)
    )
