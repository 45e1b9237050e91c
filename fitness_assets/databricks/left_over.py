"""What a Dagster whose process was killed left on the workspace: its run goes on unwatched, its messages stay.

The next run ends and removes it. A Dagster run is only known to be dead once Dagster says that it is over, which run
monitoring finds out; what Dagsters with another storage submitted cannot be judged from here and is left alone.
"""

import hashlib

from dagster import AssetExecutionContext, DagsterInstance, OpExecutionContext
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.errors.platform import NotFound

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.pipes import messages_of, remove
from fitness_assets.databricks.run import RemoteRun
from fitness_assets.databricks.settings import DatabricksSettings

_LENGTH_OF_A_RUN_ID = 36


def token_of(context: OpExecutionContext | AssetExecutionContext) -> str:
    """The idempotency token of this try of this step, at most 64 characters. It begins with the Dagster run's id."""
    own = f"{context.run_id}/{context.op_handle}/{context.retry_number}"
    return f"{context.run_id}-{hashlib.sha256(own.encode()).hexdigest()[:27]}"


def end_left_over(
    context: OpExecutionContext | AssetExecutionContext, client: Client, settings: DatabricksSettings
) -> None:
    """Cancel the runs and remove the messages of Dagster runs that are over; a refusal is told and no more.

    Raises:
        WorkspaceError: the workspace does not answer.
    """
    try:
        for run in list(RemoteRun.going_on(client.jobs, settings.poll_seconds)):
            if _is_over(context.instance, run.token):
                context.log.warning(
                    f"Run {run.run_id} on the workspace goes on though the Dagster run that followed it is over "
                    f"({_dagster_run(run.token)}). It is cancelled; what it committed stays. {run.address}"
                )
                run.cancel()
        for token in _with_messages(client, settings):
            if _is_over(context.instance, token):
                remove(client.files, messages_of(settings, token))
    except DatabricksError as error:
        context.log.warning(f"What earlier runs may have left on the workspace could not be ended: {error}")


def _is_over(instance: DagsterInstance, token: str) -> bool:
    run = instance.get_run_by_id(_dagster_run(token))
    return run is not None and run.is_finished


def _dagster_run(token: str) -> str:
    return token[:_LENGTH_OF_A_RUN_ID]


def _with_messages(client: Client, settings: DatabricksSettings) -> list[str]:
    try:
        return [entry.name or "" for entry in client.files.list_directory_contents(messages_of(settings))]
    except NotFound:
        return []
