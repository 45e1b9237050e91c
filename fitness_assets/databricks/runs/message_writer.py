"""Pipes messages into a volume, where nothing can be renamed: each file is sealed, and read once it is whole."""

from io import StringIO
from pathlib import Path

from dagster_pipes import PipesBlobStoreMessageWriter, PipesBlobStoreMessageWriterChannel, PipesParams

from fitness_assets.errors import RemoteError
from fitness_assets.storage.sealing import sealed

_INTERVAL_SECONDS = 1


class VolumeMessageWriter(PipesBlobStoreMessageWriter["VolumeMessageChannel"]):
    """Writes a file of messages about once a second."""

    def __init__(self) -> None:
        super().__init__(interval=_INTERVAL_SECONDS)

    def make_channel(self, params: PipesParams) -> "VolumeMessageChannel":
        """The folder of this run's messages.

        Raises:
            RemoteError: an earlier attempt of the same run has written there.
        """
        folder = Path(str(params["path"]))
        if any(folder.glob("*.json")):
            raise RemoteError(
                "This is a second attempt of the run, which the workspace began by itself, and the first one has "
                "reported already: nothing is done, as its reports would be taken for those of the first. Start the "
                "run again from Dagster."
            )
        return VolumeMessageChannel(folder)


class VolumeMessageChannel(PipesBlobStoreMessageWriterChannel):
    """One folder of numbered files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(interval=_INTERVAL_SECONDS)
        self._folder = folder

    def upload_messages_chunk(self, payload: StringIO, index: int) -> None:
        (self._folder / f"{index}.json").write_bytes(sealed(payload.read().encode()))
