"""All tables for as long as the run lasts."""

import time
from collections.abc import Iterator
from typing import Literal

from dagster import (
    AssetMaterialization,
    Config,
    Failure,
    Nothing,
    OpExecutionContext,
    Out,
    RunConfig,
    in_process_executor,
    job,
    op,
)
from pydantic import Field

from fitness_assets.defs.events import asset_materialization
from fitness_assets.defs.jobs.stream_reporter import StreamReporter
from fitness_assets.defs.updaters.updater import log_traceback, table_updater
from fitness_assets.errors import FitnessError
from fitness_assets.resources.lakehouse import LakehouseResource
from fitness_assets.resources.spark import SparkResource


class StreamConfig(Config):
    """How the tables are kept up to date."""

    mode: Literal["once", "stream"] = Field(
        default="stream", description="once: until nothing is new. stream: until the run is terminated."
    )
    processing_time: float = Field(
        default=1.0, gt=0, description="Seconds from the beginning of one interval to the next."
    )


@op(
    out=Out(Nothing),
    description="Keeps every table up to date, interval after interval, until the run is terminated.",
)
def stream_updates(
    context: OpExecutionContext, config: StreamConfig, spark: SparkResource, lakehouse: LakehouseResource
) -> Iterator[AssetMaterialization]:
    reporter = StreamReporter(context)

    def is_stopping(seconds: float) -> bool:
        time.sleep(seconds)
        return config.mode == "once" and reporter.is_idle

    context.log.info(f"Every table is kept up to date each {config.processing_time:g} s. Terminate the run to end it.")
    try:
        updater = table_updater(context, spark, lakehouse)
        stream = updater.stream_until_idle if config.mode == "once" else updater.stream
        for interval in stream(config.processing_time, is_stopping):
            reporter.report_interval(interval)
            for outcome in interval.outcomes:
                log_traceback(context, outcome)
                if outcome.result is not None and outcome.result.changed:
                    location = updater.location(outcome.table)
                    # What is yielded is recorded at once; an event that is only logged is kept in memory for a while.
                    yield asset_materialization(outcome.table, outcome.result, location)
                    reporter.report_checks(outcome)
    except FitnessError as error:
        reporter.problems.append(str(error))
    if reporter.problems:
        raise Failure("\n".join(reporter.problems), allow_retries=False)


def stream_run_config(processing_time: float) -> RunConfig:
    """Until the run is terminated.

    Args:
        processing_time: seconds from the beginning of one interval to the next.
    """
    return RunConfig(ops={stream_updates.name: StreamConfig(processing_time=processing_time)})


@job(
    description="Stream mode: every table kept up to date until the run is terminated; the same tables as by batch.",
    executor_def=in_process_executor,
    config=RunConfig(ops={stream_updates.name: StreamConfig()}),
)
def stream_all_tables() -> None:
    stream_updates()
