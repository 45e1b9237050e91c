"""Dagster Pipes by a volume: the context goes there, what the run tells comes from there, whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from dagster import AssetExecutionContext, OpExecutionContext, PipesSession, open_pipes_session
from dagster_databricks.pipes import (
    PipesUnityCatalogVolumesContextInjector,
    PipesUnityCatalogVolumesMessageReader,
    delete_volume_directory_recursive,
)
from dagster_pipes import PipesParams
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.errors.platform import NotFound
from databricks.sdk.service.files import FilesAPI

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.patience import patiently
from fitness_assets.databricks.settings import DatabricksSettings
from fitness_assets.errors import WorkspaceError

_READ_WITHIN_SECONDS = 60.0


class VolumeReader(PipesUnityCatalogVolumesMessageReader):
    """The stock reader takes any failure for "not yet" and can lose the last messages; this one takes only a 404."""

    def download_messages_chunk(self, index: int, params: PipesParams) -> str | None:
        try:
            return whole_file(self.files_client, f"{params['path']}/{index}.json").decode("utf-8")
        except NotFound:
            return None


def whole_file(files: FilesAPI, path: str) -> bytes:
    """The content of a file in a volume; a connection that is cut while it comes is tried again.

    Raises:
        NotFound: it is not there.
        WorkspaceError: the workspace does not answer.
    """

    def read() -> bytes:
        with cast(Any, files.download(path).contents) as contents:
            return cast(bytes, contents.read())

    return patiently(read, _READ_WITHIN_SECONDS, f"the reading of {path}")


@contextmanager
def pipes_session(
    context: OpExecutionContext | AssetExecutionContext, client: Client, settings: DatabricksSettings, token: str
) -> Iterator[PipesSession]:
    """A session of its own for each run: a reader counts the messages of one run only."""
    workspace = cast(WorkspaceClient, client)
    folder = messages_of(settings, token)
    reader = VolumeReader(
        interval=min(settings.poll_seconds, 2.0),
        client=workspace,
        volume_path=folder,
        # What is printed there says nothing that is not told as well, and takes seconds to come.
        include_stdio_in_messages=False,
    )
    injector = PipesUnityCatalogVolumesContextInjector(client=workspace, volume_path=folder)
    with open_pipes_session(context, injector, reader) as session:
        yield session
    # What stays here, as it does where the session did not end well, a later run removes.
    with suppress(DatabricksError, WorkspaceError):
        remove(client.files, folder)


def messages_of(settings: DatabricksSettings, token: str = "") -> str:
    """The folder of a run's messages; without a token that of all runs."""
    return f"{settings.messages}/runs/{token}".rstrip("/")


def remove(files: FilesAPI, folder: str) -> None:
    """Remove a folder with all that is in it, which another run may be doing too."""
    with suppress(NotFound):
        delete_volume_directory_recursive(files, folder)
