"""Maintenance."""

from dagster import Config, Failure, OpExecutionContext, in_process_executor, job, op
from pydantic import Field

from fitness_assets.defs.updaters.updater import table_updater
from fitness_assets.errors import FitnessError
from fitness_assets.pipeline.maintenance import RETENTION_HOURS
from fitness_assets.resources.lakehouse import LakehouseResource
from fitness_assets.resources.spark import SparkResource


class MaintenanceConfig(Config):
    """How old a version may be that can still be read."""

    retention_hours: int = Field(default=RETENTION_HOURS, ge=RETENTION_HOURS, description="Hours; a week or more.")


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


@job(
    description="What is too old by its contract goes; compaction, and vacuum within retention.",
    executor_def=in_process_executor,
)
def maintain_tables() -> None:
    compact_and_vacuum()
