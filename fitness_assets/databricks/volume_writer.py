"""Pipes messages into a volume, each file there whole or not at all."""

from io import StringIO
from pathlib import Path

from dagster_pipes import PipesBlobStoreMessageWriter, PipesBlobStoreMessageWriterChannel, PipesParams

_EVERY_SECONDS = 1


class VolumeWriter(PipesBlobStoreMessageWriter["VolumeChannel"]):
    """Writes a file of messages about once a second."""

    def __init__(self) -> None:
        super().__init__(interval=_EVERY_SECONDS)

    def make_channel(self, params: PipesParams) -> "VolumeChannel":
        return VolumeChannel(Path(str(params["path"])))


class VolumeChannel(PipesBlobStoreMessageWriterChannel):
    """One folder of numbered files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(interval=_EVERY_SECONDS)
        self._folder = folder

    def upload_messages_chunk(self, payload: StringIO, index: int) -> None:
        new = self._folder / f"{index}.json.tmp"
        new.write_text(payload.read(), encoding="utf-8")
        new.replace(self._folder / f"{index}.json")
