"""Dagster Pipes by a volume: the context goes there, what the run reports comes from there, whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

from dagster import AssetExecutionContext, OpExecutionContext, PipesSession, open_pipes_session
from dagster_databricks.pipes import (
    PipesUnityCatalogVolumesContextInjector,
)
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.base import DatabricksError

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.runs.reporting.message_reader import VolumeMessageReader
from fitness_assets.databricks.runs.volume_files import remove_folder
from fitness_assets.errors import WorkspaceError
from fitness_assets.settings.databricks import DatabricksSettings


@contextmanager
def pipes_session(
    context: OpExecutionContext | AssetExecutionContext, client: Client, settings: DatabricksSettings, token: str
) -> Iterator[PipesSession]:
    """A session of its own for each run: a reader counts the messages of one run only."""
    workspace_client = cast(WorkspaceClient, client)
    folder = message_folder(settings, token)
    reader = VolumeMessageReader(min(settings.poll_seconds, 2.0), workspace_client, folder)
    injector = PipesUnityCatalogVolumesContextInjector(client=workspace_client, volume_path=folder)
    with open_pipes_session(context, injector, reader) as session:
        try:
            yield session
        finally:
            reader.end_run()
    # What stays here, as it does where the session did not end well, a later run removes.
    with suppress(DatabricksError, WorkspaceError):
        remove_folder(client.files, folder)


def message_folder(settings: DatabricksSettings, token: str = "") -> str:
    """The folder of a run's messages; without a token that of all runs."""
    return f"{settings.messages}/runs/{token}".rstrip("/")
