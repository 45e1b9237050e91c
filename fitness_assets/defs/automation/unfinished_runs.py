"""Which runs are not over."""

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from fitness_assets.defs.jobs.stream_all_tables import stream_all_tables
from fitness_assets.defs.jobs.update_all_tables import update_all_tables

UNFINISHED = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]
"""The statuses of a run that is queued, going, or being ended."""


def unfinished_update(instance: DagsterInstance) -> str | None:
    """Why no run is to be asked for now: one that brings tables up to date is queued or going."""
    for job_name in (stream_all_tables.name, update_all_tables.name):
        records = instance.get_run_records(RunsFilter(job_name=job_name, statuses=UNFINISHED), limit=1)
        if records:
            run = records[0].dagster_run
            return (
                f"{job_name} is {run.status.value.lower()} (run {run.run_id[:8]}); "
                f"what waits is its, or the next one's."
            )
    return None
