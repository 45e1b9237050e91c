"""Failed runs, failed checks, stale tables and silent automation, as a Dagster instance has them.

They are states that are read, and no events that a sensor would have to catch: what happened while nothing looked is
seen all the same, and what is over is seen to be over.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timezone

from dagster import (
    AssetCheckKey,
    AssetKey,
    DagsterEventType,
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
    RunsFilter,
)

# What tells the state of a check, of freshness and of ticks is public in Dagster's UI alone.
from dagster._core.definitions.freshness import FreshnessState
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, SensorInstigatorData, TickStatus
from dagster._core.storage.asset_check_execution_record import (
    COMPLETED_ASSET_CHECK_EXECUTION_RECORD_STATUSES,
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)

from fitness_assets.alerts import Automation, FailedCheck, FailedRun, StaleTable
from fitness_assets.contracts.registry import all_tables
from fitness_assets.defs.asset_keys import table_asset_key
from fitness_assets.pipeline.quality.checks import check_descriptions, is_blocking
from fitness_assets.settings.dagster import DagsterSettings

_TELLING = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.STARTED]
_RUNS = 50
"""So many of a job's latest runs are looked at."""
_GOES_ON_SECONDS = 300.0
_DAEMON_INTERVAL_SECONDS = 30.0
_TICKS = 3
_MESSAGE_LINES, _MESSAGE_LENGTH = 3, 400


def failed_runs(instance: DagsterInstance, job_names: Iterable[str], now: datetime) -> Iterator[FailedRun]:
    """The jobs of which a run failed, and no later one did well what that one was to do.

    A run that was cancelled did neither. One that goes on for some minutes, as that of stream mode, does well.

    Args:
        now: UTC.
    """
    for job_name in job_names:
        failed = _failed_run(instance, job_name, now)
        if failed is not None:
            yield FailedRun(job_name, failed.run_id, _failure(instance, failed.run_id))


def _failed_run(instance: DagsterInstance, job_name: str, now: datetime) -> DagsterRun | None:
    # A run without a selection was to do all tables, and parts of it may be done one after the other.
    tables, done = frozenset(table_asset_key(name) for name in all_tables()), set[AssetKey]()
    for record in instance.get_run_records(RunsFilter(job_name=job_name, statuses=_TELLING), limit=_RUNS):
        run = record.dagster_run
        selected = run.asset_selection
        if run.status is DagsterRunStatus.STARTED:
            is_well = now.timestamp() - (record.start_time or now.timestamp()) >= _GOES_ON_SECONDS
        else:
            is_well = run.status is DagsterRunStatus.SUCCESS
        if is_well and not selected:
            return None  # whatever failed before, this one was to do all of it
        if is_well:
            done |= selected or set()
        elif run.status is DagsterRunStatus.FAILURE and not (selected or tables) <= done:
            return run
    return None


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


def automations(instance: DagsterInstance, names: Collection[str]) -> Iterator[Automation]:
    """Those of the named sensors and schedules that are on, and Dagster's daemons."""
    is_automatic = DagsterSettings.from_env().is_automatic
    for state in instance.all_instigator_state():
        # One that nobody clicked on is on where the environment says so.
        is_on = state.status is InstigatorStatus.RUNNING or (
            state.status is InstigatorStatus.DECLARED_IN_CODE and is_automatic
        )
        if is_on and state.name in names:
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
