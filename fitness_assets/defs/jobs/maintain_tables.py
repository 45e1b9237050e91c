"""Maintenance, of the tables and of what Dagster remembers."""

from datetime import datetime, timedelta, timezone

from dagster import Config, Failure, OpExecutionContext, in_process_executor, job, op
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from fitness_assets.defs.retention.history import RETENTION_DAYS, remove_history
from fitness_assets.defs.updaters.updater import table_updater
from fitness_assets.errors import FitnessError
from fitness_assets.pipeline.maintenance import RETENTION_HOURS
from fitness_assets.resources.lakehouse import LakehouseResource
from fitness_assets.resources.spark import SparkResource


class MaintenanceConfig(Config):
    """How old a version may be that can still be read."""

    retention_hours: int = Field(default=RETENTION_HOURS, ge=RETENTION_HOURS, description="Hours; a week or more.")


class HistoryConfig(Config):
    """How long Dagster remembers a run."""

    days: int = Field(
        default=RETENTION_DAYS,
        ge=1,
        description="Days that a finished run is kept, with its events and logs. The latest materialization, "
        "observation and checks of each asset stay in any case.",
    )


@op(
    description="Lets go of records that are older than their contract keeps them, puts small files together, and "
    "removes files that no version within retention needs."
)
def compact_and_vacuum(
    context: OpExecutionContext, config: MaintenanceConfig, spark: SparkResource, lakehouse: LakehouseResource
) -> None:
    problems: list[str] = []
    try:
        for maintained in table_updater(context, spark, lakehouse).maintain(config.retention_hours):
            context.log.info(maintained.line())
            problems += [maintained.line()] if maintained.problem else []
    except FitnessError as error:
        problems.append(str(error))
    if problems:
        raise Failure("\n".join(problems), allow_retries=False)


@op(description="Removes runs that nobody looks back at any more, with their events and logs.")
def remove_old_runs(context: OpExecutionContext, config: HistoryConfig) -> None:
    if context.instance.is_ephemeral:
        context.log.info("This instance ends with its process: there is nothing to remove.")
        return
    before = datetime.now(timezone.utc) - timedelta(days=config.days)
    try:
        context.log.info(f"Dagster: {remove_history(context.instance, before).line()}.")
    except (SQLAlchemyError, OSError) as error:
        raise Failure(f"Not all old runs were removed; the next night goes on: {error}", allow_retries=False) from error


@job(
    description="What is too old by its contract goes; compaction, vacuum; old runs of Dagster go, too.",
    executor_def=in_process_executor,
)
def maintain_tables() -> None:
    compact_and_vacuum()
    remove_old_runs()
