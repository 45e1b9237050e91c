"""What happens by the clock, in UTC: ages of the new day, maintenance, the extraction from SQL."""

import os

from dagster import (
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
    schedule,
)

from fitness_assets.contracts.registry import all_tables
from fitness_assets.defs.automatic import schedule_status
from fitness_assets.defs.describe import key_of
from fitness_assets.defs.jobs import EXTRACT, MAINTAIN, UPDATE
from fitness_assets.pipeline.state.pending import downstream
from fitness_assets.sql_source.settings import URL_VARIABLE


def schedules() -> list[ScheduleDefinition]:
    return [ages_of_the_day, nightly_maintenance, extraction]


@schedule(
    name="ages_of_the_day",
    job_name=UPDATE,
    cron_schedule="2 0 * * *",
    execution_timezone="UTC",
    default_status=schedule_status(),
    description="Just after midnight UTC: the tables that depend on the day, and all downstream them.",
)
def ages_of_the_day(context: ScheduleEvaluationContext) -> RunRequest:
    daily = {table.full_name for table in all_tables().values() if table.depends_on_date}
    return RunRequest(asset_selection=[key_of(name) for name in sorted(downstream(daily))])


nightly_maintenance = ScheduleDefinition(
    name="nightly_maintenance",
    job_name=MAINTAIN,
    cron_schedule="30 3 * * *",
    execution_timezone="UTC",
    default_status=schedule_status(),
    description="At night: small files are put together, old ones removed.",
)


@schedule(
    name="extraction",
    job_name=EXTRACT,
    cron_schedule="* * * * *",
    execution_timezone="UTC",
    default_status=schedule_status(),
    description="Each minute: new and changed rows of the SQL source land as files.",
)
def extraction(context: ScheduleEvaluationContext) -> RunRequest | SkipReason:
    if not os.environ.get(URL_VARIABLE):
        return SkipReason(f"{URL_VARIABLE} is not set: there is no SQL source.")
    return RunRequest()
