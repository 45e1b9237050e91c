"""What a Dagster whose process was killed left on the workspace: its run goes on unwatched, its messages stay.

The next run ends and removes it. A Dagster run is only known to be dead once Dagster says that it is over, which run
monitoring finds out; what Dagsters with another storage submitted cannot be judged from here and is left alone.
"""

import hashlib

from dagster import AssetExecutionContext, DagsterInstance, OpExecutionContext
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.errors.platform import NotFound

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.runs.remote_run import RemoteRun
from fitness_assets.databricks.runs.reporting.pipes import message_folder
from fitness_assets.databricks.runs.volume_files import remove_folder
from fitness_assets.settings.databricks import DatabricksSettings

_DAGSTER_RUN_ID_LENGTH = 36


def idempotency_token(context: OpExecutionContext | AssetExecutionContext, number: int = 1) -> str:
    """The token of this try of this step, at most 64 characters. It begins with the Dagster run's id.

    Args:
        number: which run of the step it is, where one follows another.
    """
    attempt = f"{context.run_id}/{context.op_handle}/{context.retry_number}" + (f"/{number}" if number > 1 else "")
    return f"{context.run_id}-{hashlib.sha256(attempt.encode()).hexdigest()[:27]}"


def remove_orphans(
    context: OpExecutionContext | AssetExecutionContext, client: Client, settings: DatabricksSettings
) -> None:
    """Cancel the runs and remove the messages of Dagster runs that are over; a refusal is logged and no more.

    Raises:
        WorkspaceError: the workspace does not answer.
    """
    try:
        for run in list(RemoteRun.active_runs(client.jobs, settings.poll_seconds)):
            if _is_orphaned(context.instance, run.token):
                context.log.warning(
                    f"Run {run.run_id} on the workspace goes on though the Dagster run that followed it is over "
                    f"({_dagster_run_id(run.token)}). It is cancelled; what it committed stays. {run.page_url}"
                )
                run.cancel()
        for token in _tokens_with_messages(client, settings):
            if _is_orphaned(context.instance, token):
                remove_folder(client.files, message_folder(settings, token))
    except DatabricksError as error:
        context.log.warning(f"What earlier runs may have left on the workspace could not be ended: {error}")


def _is_orphaned(instance: DagsterInstance, token: str) -> bool:
    dagster_run = instance.get_run_by_id(_dagster_run_id(token))
    return dagster_run is not None and dagster_run.is_finished


def _dagster_run_id(token: str) -> str:
    return token[:_DAGSTER_RUN_ID_LENGTH]


def _tokens_with_messages(client: Client, settings: DatabricksSettings) -> list[str]:
    try:
        return [entry.name or "" for entry in client.files.list_directory_contents(message_folder(settings))]
    except NotFound:
        return []
