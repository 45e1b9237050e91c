"""Pipes messages into a volume, where nothing can be renamed: each file is sealed, and read once it is whole."""

from io import StringIO
from pathlib import Path

from dagster_pipes import PipesBlobStoreMessageWriter, PipesBlobStoreMessageWriterChannel, PipesParams

from fitness_assets.errors import RemoteError
from fitness_assets.storage.sealing import sealed

ATTEMPT_REFERENCE = "{{task.execution_count}}"
"""What the workspace puts the number of the attempt in the place of, in a task's parameters: 1, and 1 more each time it
runs the task (https://docs.databricks.com/en/jobs/parameter-value-references.html). One that it does not know stays."""
_INTERVAL_SECONDS = 1


class VolumeMessageWriter(PipesBlobStoreMessageWriter["VolumeMessageChannel"]):
    """Writes a file of messages about once a second, each attempt of a run into a folder of its own.

    Args:
        attempt: the number of this attempt; anything else counts as the first.
    """

    def __init__(self, attempt: str) -> None:
        super().__init__(interval=_INTERVAL_SECONDS)
        self._attempt = int(attempt) if attempt.isdecimal() else 1

    def make_channel(self, params: PipesParams) -> "VolumeMessageChannel":
        """The folder of this attempt's messages.

        Raises:
            RemoteError: an earlier attempt has written there, as the workspace did not say which attempt this is.
        """
        folder = Path(str(params["path"]), str(self._attempt))
        if any(folder.glob("*.json")):
            raise RemoteError(
                "This is a second attempt of the run, which the workspace began by itself without saying so, and the "
                "first one has reported already: nothing is done, as its reports would be taken for those of the "
                "first. Start the run again from Dagster."
            )
        folder.mkdir(exist_ok=True)
        return VolumeMessageChannel(folder)


class VolumeMessageChannel(PipesBlobStoreMessageWriterChannel):
    """One folder of numbered files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(interval=_INTERVAL_SECONDS)
        self._folder = folder

    def upload_messages_chunk(self, payload: StringIO, index: int) -> None:
        (self._folder / f"{index}.json").write_bytes(sealed(payload.read().encode()))
