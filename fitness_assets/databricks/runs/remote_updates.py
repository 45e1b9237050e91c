"""Updates that happen on the workspace, reported table by table as they happen there."""

import atexit
from collections.abc import Iterator

from dagster import AssetExecutionContext, OpExecutionContext

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.runs.job_spec import JobRequest, build_job_spec, upload_wheels
from fitness_assets.databricks.runs.orphans import remove_orphans
from fitness_assets.databricks.runs.remote_run import RemoteRun, require_success
from fitness_assets.databricks.runs.reporting.messages import Report, parse_message
from fitness_assets.databricks.runs.reporting.pipes import pipes_session
from fitness_assets.pipeline.maintenance import MaintenanceResult
from fitness_assets.pipeline.scheduler import TableOutcome
from fitness_assets.settings.databricks import DatabricksSettings


def run_on_workspace(
    context: OpExecutionContext | AssetExecutionContext, request: JobRequest, settings: DatabricksSettings, token: str
) -> Iterator[Report]:
    """Do what is asked as one run and give its reports, as soon as they come. What a killed Dagster left ends first.

    Closing the iterator, or an interrupt, cancels the run.

    Args:
        token: the same for every try to submit this run, and for no other run.

    Raises:
        SettingError: something that is needed is not set.
        WorkspaceError: the workspace refuses the run or does not answer.
        RemoteError: the run is no success, or did not report every table.
    """
    client = Client.from_env(settings.patience_seconds)
    remove_orphans(context, client, settings)
    uploaded = upload_wheels(client.files, settings)
    run = RemoteRun(client.jobs, token, settings.poll_seconds)
    unreported = set(request.tables)
    read_messages = 0
    is_over = False
    with pipes_session(context, client, settings, token) as session:

        def new_reports() -> Iterator[Report]:
            nonlocal read_messages
            messages = session.get_custom_messages()
            for message in messages[read_messages:]:
                read_messages += 1
                report = parse_message(message)
                unreported.discard(_table_name(report))
                yield report

        # An interrupt may come while Dagster has the floor. Then nobody closes this generator before the process ends.
        atexit.register(run.cancel)
        try:
            pipes_arguments = [part for pair in session.get_bootstrap_cli_arguments().items() for part in pair]
            parameters = [*request.parameters(settings), *pipes_arguments]
            run.submit(build_job_spec(settings, uploaded, parameters, has_fixed_size=request.is_stream))
            for polled in run.follow():
                context.log.debug(f"Run {run.run_id}: {polled.run_page_url}")
                yield from new_reports()
            is_over = True
        finally:
            if not is_over:
                run.cancel()
            atexit.unregister(run.cancel)
    # The session is closed, so whatever the run reported has been read.
    yield from new_reports()
    require_success(run, polled, sorted(unreported))


def _table_name(report: Report) -> str:
    """The table of a report; that of a whole interval is none's."""
    if isinstance(report, TableOutcome):
        return report.table.full_name
    return report.table if isinstance(report, MaintenanceResult) else ""
