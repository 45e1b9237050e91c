"""What Dagster's daemon makes of the runs that are not over, at once instead of each few seconds."""

import logging

from dagster import DagsterInstance, DagsterRunStatus

# Run monitoring has no public name: Dagster's daemon alone runs it.
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import EmptyWorkspaceTarget
from dagster._daemon.monitoring.run_monitoring import execute_run_monitoring_iteration


def status_after_monitoring(instance: DagsterInstance, run_id: str) -> DagsterRunStatus:
    with WorkspaceProcessContext(instance, EmptyWorkspaceTarget()) as workspace:
        assert set(execute_run_monitoring_iteration(workspace, logging.getLogger("monitoring"))) <= {None}
    return run_status(instance, run_id)


def run_status(instance: DagsterInstance, run_id: str) -> DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status
