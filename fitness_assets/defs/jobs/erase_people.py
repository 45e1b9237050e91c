"""People forgotten who were asked for."""

from dagster import Failure, OpExecutionContext, in_process_executor, job, op

from fitness_assets.defs.updaters.updater import table_updater
from fitness_assets.errors import FitnessError
from fitness_assets.resources.lakehouse import LakehouseResource
from fitness_assets.resources.spark import SparkResource


@op(description="Forgets everybody whom `fitness-assets erase --later` asked for; says how much went, and not whose.")
def erase_requested_people(context: OpExecutionContext, spark: SparkResource, lakehouse: LakehouseResource) -> None:
    problems: list[str] = []
    try:
        for erased in table_updater(context, spark, lakehouse).erase():
            context.log.info(erased.line())
            problems += [erased.line()] if erased.found else []
    except FitnessError as error:
        problems.append(str(error))
    if problems:
        raise Failure("\n".join(problems), allow_retries=False)


@job(
    description="Forgets people, in every table, version and landed file (GDPR, article 17).",
    executor_def=in_process_executor,
)
def erase_people() -> None:
    erase_requested_people()
