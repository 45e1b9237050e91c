"""Failed runs, failed checks, stale tables and silent automation, as a Dagster instance has them.

They are states that are read, and no events that a sensor would have to catch: what happened while nothing looked is
seen all the same, and what is over is seen to be over.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone

from dagster import AssetCheckKey, AssetKey, DagsterEventType, DagsterInstance, DagsterRunStatus, RunsFilter

# What tells the state of a check, of freshness and of ticks is public in Dagster's UI alone.
from dagster._core.definitions.freshness import FreshnessState
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import InstigatorState, SensorInstigatorData, TickStatus
from dagster._core.storage.asset_check_execution_record import (
    COMPLETED_ASSET_CHECK_EXECUTION_RECORD_STATUSES,
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)

from fitness_assets.alerts import Automation, FailedCheck, FailedRun, StaleTable
from fitness_assets.contracts.registry import all_tables
from fitness_assets.defs.asset_keys import table_asset_key
from fitness_assets.pipeline.quality.checks import check_descriptions, is_blocking

_FINISHED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE]
_DAEMON_INTERVAL_SECONDS = 30.0
_TICKS = 3
_MESSAGE_LINES, _MESSAGE_LENGTH = 3, 400


def failed_runs(instance: DagsterInstance, job_names: Iterable[str]) -> Iterator[FailedRun]:
    """The jobs whose latest finished run failed; one that was cancelled counts as neither."""
    for job_name in job_names:
        for run in instance.get_runs(RunsFilter(job_name=job_name, statuses=_FINISHED), limit=1):
            if run.status is DagsterRunStatus.FAILURE:
                yield FailedRun(job_name, run.run_id, _failure(instance, run.run_id))


def failed_checks(instance: DagsterInstance) -> Iterator[FailedCheck]:
    """The checks that did not pass when they were last made."""
    for table in all_tables().values():
        keys = {AssetCheckKey(table_asset_key(table.full_name), name): name for name in check_descriptions(table)}
        latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(keys))
        for key, record in latest.items():
            completed = _completed(instance, key, record)
            if completed and completed.status is AssetCheckExecutionRecordStatus.FAILED:
                description = check_descriptions(table)[keys[key]]
                yield FailedCheck(table.full_name, keys[key], description, is_blocking(table, keys[key]))


def stale_tables(instance: DagsterInstance) -> Iterator[StaleTable]:
    """The tables that Dagster's freshness daemon finds late."""
    names = {table_asset_key(name): name for name in all_tables()}
    for key, record in instance.get_freshness_state_records(list(names)).items():
        if record.freshness_state is FreshnessState.FAIL:
            yield StaleTable(names[key], _materialized_at(instance, key))


def automations(instance: DagsterInstance) -> Iterator[Automation]:
    """The sensors and schedules that are on, and Dagster's daemons."""
    for state in instance.all_instigator_state():
        if state.is_running and state.instigator_type in (InstigatorType.SENSOR, InstigatorType.SCHEDULE):
            yield _automation(instance, state)
    for daemon_type, heartbeat in instance.get_daemon_heartbeats().items():
        if daemon_type in instance.get_required_daemon_types():
            yield Automation(daemon_type, _instant(heartbeat.timestamp), _DAEMON_INTERVAL_SECONDS)


def _automation(instance: DagsterInstance, state: InstigatorState) -> Automation:
    data = state.instigator_data
    ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=_TICKS + 1)
    finished = [tick for tick in ticks if tick.status is not TickStatus.STARTED][:_TICKS]
    failures = next((n for n, tick in enumerate(finished) if tick.status is not TickStatus.FAILURE), len(finished))
    problem = finished[0].error.message if failures and finished[0].error else ""
    if not isinstance(data, SensorInstigatorData):
        # A schedule ticks when its time has come; whether the scheduler looks for that, its heartbeat says.
        return Automation(state.name, datetime.now(timezone.utc), 0.0, failures, _shortened(problem))
    started = [data.last_sensor_start_timestamp or 0.0, *(tick.timestamp for tick in ticks[:1])]
    last_tick = _instant(max(started)) if any(started) else None
    return Automation(state.name, last_tick, float(data.min_interval or 0), failures, _shortened(problem))


def _completed(
    instance: DagsterInstance, key: AssetCheckKey, latest: AssetCheckExecutionRecord
) -> AssetCheckExecutionRecord | None:
    """The last execution that came to an end: the latest one may still be going."""
    if latest.status is not AssetCheckExecutionRecordStatus.PLANNED:
        return latest
    records = instance.event_log_storage.get_asset_check_execution_history(
        key, limit=1, status=COMPLETED_ASSET_CHECK_EXECUTION_RECORD_STATUSES
    )
    return records[0] if records else None


def _failure(instance: DagsterInstance, run_id: str) -> str:
    """Why a run failed, in its own words."""
    for event_type in (DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE):
        for record in instance.get_records_for_run(run_id, of_type=event_type, limit=1).records:
            event = record.event_log_entry.dagster_event
            if event is None:
                continue
            data = event.step_failure_data if event_type is DagsterEventType.STEP_FAILURE else None
            if data and data.user_failure_data and data.user_failure_data.description:
                return _shortened(data.user_failure_data.description)
            return _shortened((data.error.message if data and data.error else event.message) or "")
    return "it says nothing more."


def _materialized_at(instance: DagsterInstance, key: AssetKey) -> datetime | None:
    event = instance.get_latest_materialization_event(key)
    return _instant(event.timestamp) if event else None


def _shortened(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return " ".join(lines[:_MESSAGE_LINES])[:_MESSAGE_LENGTH]


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
