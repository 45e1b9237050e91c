"""Which runs are not over."""

from dagster import DagsterRunStatus

UNFINISHED = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]
"""The statuses of a run that is queued, going, or being ended."""
