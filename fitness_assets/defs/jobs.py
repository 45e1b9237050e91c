"""The jobs: all tables once, all tables for as long as it runs, the extraction, and maintenance."""

import time
from typing import Literal

from dagster import (
    AssetSelection,
    Config,
    Failure,
    JobDefinition,
    OpExecutionContext,
    RunConfig,
    define_asset_job,
    in_process_executor,
    job,
    op,
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from pydantic import Field

from fitness_assets.defs.events import evaluation, materialization
from fitness_assets.defs.sql_source import extracted_keys
from fitness_assets.defs.updates import Updates, tell_trace
from fitness_assets.errors import FitnessError
from fitness_assets.pipeline.maintenance import RETENTION_HOURS
from fitness_assets.pipeline.quality.checks import CheckResult
from fitness_assets.pipeline.scheduler import TableOutcome, outcome_problem
from fitness_assets.pipeline.stream import Interval
from fitness_assets.resources.platform import LakehouseResource, SparkResource

UPDATE = "bring_everything_up_to_date"
STREAM = "keep_everything_up_to_date"
EXTRACT = "extract_from_sql"
MAINTAIN = "maintain_tables"
_TOLD_AGAIN_SECONDS = 60.0


class StreamConfig(Config):
    """How the tables are kept up to date."""

    mode: Literal["once", "stream"] = Field(
        default="stream", description="once: until nothing is new. stream: until the run is terminated."
    )
    processing_time: float = Field(
        default=1.0, gt=0, description="Seconds from the beginning of one interval to the next."
    )


class MaintenanceConfig(Config):
    """How old a version may be that can still be read."""

    retention_hours: int = Field(default=RETENTION_HOURS, ge=RETENTION_HOURS, description="Hours; a week or more.")


@op(description="Keeps every table up to date, interval after interval, until the run is terminated.")
def keep_tables_up_to_date(
    context: OpExecutionContext, config: StreamConfig, spark: SparkResource, lakehouse: LakehouseResource
) -> None:
    updates = Updates(context, spark, lakehouse)
    teller = _Teller(context)

    def stopping(seconds: float) -> bool:
        time.sleep(seconds)
        return config.mode == "once" and teller.nothing_new

    context.log.info(f"Every table is kept up to date each {config.processing_time:g} s. Terminate the run to end it.")
    rounds = updates.until_nothing_is_new if config.mode == "once" else updates.intervals
    try:
        for interval in rounds(config.processing_time, stopping):
            teller.tell(interval)
            for outcome in interval.outcomes:
                tell_trace(context, outcome)
                if outcome.result is not None and outcome.result.changed:
                    path = updates.address(outcome.table)
                    context.log_event(materialization(outcome.table, outcome.result, path))
                    teller.report_checks(outcome)
    except FitnessError as error:
        teller.troubles.append(str(error))
    if teller.troubles:
        raise Failure("\n".join(teller.troubles), allow_retries=False)


class _Teller:
    """Says what happens in a few lines: what is the same as a moment ago is not said again."""

    def __init__(self, context: OpExecutionContext) -> None:
        self._context = context
        self._told: dict[str, float] = {}
        self._checks: dict[tuple[str, str], bool] = {}
        self.troubles: list[str] = []
        self.nothing_new = False

    def tell(self, interval: Interval) -> None:
        changed = [one.result for one in interval.outcomes if one.result and one.result.changed]
        self.troubles = [found for one in interval.outcomes for found in [outcome_problem(one)] if found]
        self.nothing_new = not changed
        if changed:
            rows = sum(one.inserted + one.updated + one.deleted for one in changed)
            names = ", ".join(f"{one.table.split('.')[1]} {one.seconds:.1f} s" for one in changed)
            self._context.log.info(
                f"Interval {interval.number:,}: {rows:,} rows changed in {interval.seconds:.1f} s ({names})."
            )
        for one in changed:
            for told in one.told:
                self._context.log.warning(told)
        for found in self.troubles:
            if time.monotonic() - self._told.get(found, -_TOLD_AGAIN_SECONDS) >= _TOLD_AGAIN_SECONDS:
                self._context.log.error(f"{found} It is tried again.")
                self._told[found] = time.monotonic()

    def report_checks(self, outcome: TableOutcome) -> None:
        """Record what was checked where it is another verdict than before."""
        for check in outcome.checks:
            if self._is_news(outcome, check):
                self._context.instance.report_runless_asset_event(evaluation(outcome.table, check))

    def _is_news(self, outcome: TableOutcome, check: CheckResult) -> bool:
        key = (outcome.table.full_name, check.name)
        news = self._checks.get(key) is not check.passed
        self._checks[key] = check.passed
        return news


@op(description="Puts small files together and removes files that no version within retention needs.")
def maintain_all_tables(
    context: OpExecutionContext, config: MaintenanceConfig, spark: SparkResource, lakehouse: LakehouseResource
) -> None:
    wrong: list[str] = []
    try:
        for done in Updates(context, spark, lakehouse).maintained(config.retention_hours):
            context.log.info(done.line())
            wrong += [done.line()] if done.trouble else []
    except FitnessError as error:
        wrong.append(str(error))
    if wrong:
        raise Failure("\n".join(wrong), allow_retries=False)


@job(
    name=STREAM,
    description="Stream mode: every table kept up to date until the run is terminated; the same tables as by batch.",
    executor_def=in_process_executor,
    config=RunConfig(ops={"keep_tables_up_to_date": StreamConfig()}),
)
def keep_everything_up_to_date() -> None:
    keep_tables_up_to_date()


@job(
    name=MAINTAIN,
    description="Compaction, and vacuum within retention. No row changes.",
    executor_def=in_process_executor,
)
def maintain_tables() -> None:
    maintain_all_tables()


def jobs() -> list[JobDefinition | UnresolvedAssetJobDefinition]:
    return [
        define_asset_job(
            UPDATE,
            AssetSelection.groups("bronze", "silver", "gold"),
            description="Every table, from what landed to gold; what has nothing new is left as it is.",
        ),
        define_asset_job(
            EXTRACT,
            AssetSelection.assets(*extracted_keys()),
            description="New and changed rows of the SQL source, landed as files.",
        ),
        keep_everything_up_to_date,
        maintain_tables,
    ]
