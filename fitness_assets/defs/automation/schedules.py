"""What happens by the clock, in UTC: ages of the new day, maintenance, the extraction from SQL."""

from dagster import (
    DefaultScheduleStatus,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
    schedule,
)

from fitness_assets.contracts.lineage import downstream
from fitness_assets.contracts.registry import all_tables
from fitness_assets.defs.asset_keys import table_asset_key
from fitness_assets.defs.jobs.extract_from_sql import extract_from_sql
from fitness_assets.defs.jobs.maintain_tables import maintain_tables
from fitness_assets.defs.jobs.update_all_tables import update_all_tables
from fitness_assets.resources.sql_source import SqlSourceResource


def schedules(default_status: DefaultScheduleStatus) -> list[ScheduleDefinition]:
    return [
        _daily_age_refresh(default_status),
        _nightly_maintenance(default_status),
        _minutely_sql_extraction(default_status),
    ]


def _daily_age_refresh(default_status: DefaultScheduleStatus) -> ScheduleDefinition:
    @schedule(
        job=update_all_tables,
        cron_schedule="2 0 * * *",
        execution_timezone="UTC",
        default_status=default_status,
        description="Just after midnight UTC: the tables that depend on the day, and all downstream them.",
    )
    def daily_age_refresh() -> RunRequest:
        daily = {table.full_name for table in all_tables().values() if table.depends_on_date}
        return RunRequest(asset_selection=[table_asset_key(table_name) for table_name in sorted(downstream(daily))])

    return daily_age_refresh


def _nightly_maintenance(default_status: DefaultScheduleStatus) -> ScheduleDefinition:
    return ScheduleDefinition(
        name="nightly_maintenance",
        job=maintain_tables,
        cron_schedule="30 3 * * *",
        execution_timezone="UTC",
        default_status=default_status,
        description="At night: small files are put together, old ones and old runs of Dagster removed.",
    )


def _minutely_sql_extraction(default_status: DefaultScheduleStatus) -> ScheduleDefinition:
    @schedule(
        job=extract_from_sql,
        cron_schedule="* * * * *",
        execution_timezone="UTC",
        default_status=default_status,
        description="Each minute: new and changed rows of the SQL source land as files. Where its tables have a "
        "rowversion, only once some changed.",
    )
    def minutely_sql_extraction(
        context: ScheduleEvaluationContext, sql_source: SqlSourceResource
    ) -> RunRequest | SkipReason:
        if not sql_source.is_configured:
            return SkipReason("FITNESS_SQL_URL is not set: there is no SQL source.")
        if not sql_source.may_have_news():
            return SkipReason("No row of the SQL source is newer than the last extraction.")
        return RunRequest()

    return minutely_sql_extraction
