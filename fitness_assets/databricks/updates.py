"""Updates that happen on the workspace, told table by table as they happen there."""

from collections.abc import Iterator

from dagster import AssetExecutionContext, OpExecutionContext

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.left_over import end_left_over
from fitness_assets.databricks.messages import read
from fitness_assets.databricks.pipes import pipes_session
from fitness_assets.databricks.run import RemoteRun, finish
from fitness_assets.databricks.settings import DatabricksSettings
from fitness_assets.databricks.submission import Work, submission, uploaded_wheel
from fitness_assets.pipeline.maintenance import MaintenanceResult
from fitness_assets.pipeline.scheduler import TableOutcome
from fitness_assets.pipeline.stream import Interval

Told = TableOutcome | Interval | MaintenanceResult


def told_by_workspace(
    context: OpExecutionContext | AssetExecutionContext, work: Work, settings: DatabricksSettings, token: str
) -> Iterator[Told]:
    """Do the work as one run and give what it tells, as soon as it is told. What a killed Dagster left ends first.

    Closing the iterator, or an interrupt, cancels the run.

    Args:
        token: the same for every try to submit this run, and for no other run.

    Raises:
        SettingError: something that is needed is not set.
        WorkspaceError: the workspace refuses the run or does not answer.
        RemoteError: the run is no success, or did not tell of every table.
    """
    client = Client.from_env(settings.patience_seconds)
    end_left_over(context, client, settings)
    wheel = uploaded_wheel(client.files, settings)
    run = RemoteRun(client.jobs, token, settings.poll_seconds)
    missing = set(work.tables)
    seen = 0
    over = False
    with pipes_session(context, client, settings, token) as session:

        def news() -> Iterator[Told]:
            nonlocal seen
            messages = session.get_custom_messages()
            for message in messages[seen:]:
                seen += 1
                told = read(message)
                missing.discard(told.table if isinstance(told, MaintenanceResult) else _table_of(told))
                yield told

        try:
            pipes = [part for pair in session.get_bootstrap_cli_arguments().items() for part in pair]
            run.submit(submission(settings, wheel, [*work.parameters(settings), *pipes]))
            for last in run.follow():
                context.log.debug(f"Run {run.run_id}: {last.run_page_url}")
                yield from news()
            over = True
        finally:
            if not over:
                run.cancel()
    # The session is closed, so whatever the run told has been read.
    yield from news()
    finish(run, last, lambda: sorted(missing))


def _table_of(told: TableOutcome | Interval) -> str:
    return told.table.full_name if isinstance(told, TableOutcome) else ""
