"""Dagster Pipes by a volume: the context goes there, what the run reports comes from there, whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

from dagster import AssetExecutionContext, OpExecutionContext, PipesSession, open_pipes_session
from dagster_databricks.pipes import (
    PipesUnityCatalogVolumesContextInjector,
    PipesUnityCatalogVolumesMessageReader,
)
from dagster_pipes import PipesParams
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.errors.platform import NotFound

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.runs.volume_files import read_file, remove_folder
from fitness_assets.errors import WorkspaceError
from fitness_assets.settings.databricks import DatabricksSettings
from fitness_assets.storage.sealing import unsealed


class VolumeMessageReader(PipesUnityCatalogVolumesMessageReader):
    """The stock reader takes any failure for "not yet" and can lose the last messages; this one takes only a 404,
    and a file that is not whole yet."""

    def download_messages_chunk(self, index: int, params: PipesParams) -> str | None:
        try:
            content = unsealed(read_file(self.files_client, f"{params['path']}/{index}.json"))
        except NotFound:
            return None
        return None if content is None else content.decode("utf-8")


@contextmanager
def pipes_session(
    context: OpExecutionContext | AssetExecutionContext, client: Client, settings: DatabricksSettings, token: str
) -> Iterator[PipesSession]:
    """A session of its own for each run: a reader counts the messages of one run only."""
    workspace_client = cast(WorkspaceClient, client)
    folder = message_folder(settings, token)
    reader = VolumeMessageReader(
        interval=min(settings.poll_seconds, 2.0),
        client=workspace_client,
        volume_path=folder,
        # What is printed there says nothing that is not reported as well, and takes seconds to come.
        include_stdio_in_messages=False,
    )
    injector = PipesUnityCatalogVolumesContextInjector(client=workspace_client, volume_path=folder)
    with open_pipes_session(context, injector, reader) as session:
        yield session
    # What stays here, as it does where the session did not end well, a later run removes.
    with suppress(DatabricksError, WorkspaceError):
        remove_folder(client.files, folder)


def message_folder(settings: DatabricksSettings, token: str = "") -> str:
    """The folder of a run's messages; without a token that of all runs."""
    return f"{settings.messages}/runs/{token}".rstrip("/")
