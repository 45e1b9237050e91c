"""Pipes messages out of a volume, those of each attempt of a run."""

import json
from threading import Event

from dagster_databricks.pipes import PipesUnityCatalogVolumesMessageReader
from dagster_pipes import PipesParams
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.platform import NotFound

from fitness_assets.databricks.runs.volume_files import list_folders, read_file
from fitness_assets.storage.sealing import unsealed


class VolumeMessageReader(PipesUnityCatalogVolumesMessageReader):
    """Reads the messages of one run.

    The stock reader takes any failure for "not yet" and can lose the last messages; this one takes only a 404, and a
    file that is not whole yet. The stock one also ends with the first attempt, whose last message says that no more
    comes: here that message waits until the run is over.
    """

    def __init__(self, interval: float, client: WorkspaceClient, volume_path: str) -> None:
        super().__init__(
            interval=interval,
            client=client,
            volume_path=volume_path,
            # What is printed there says nothing that is not reported as well, and takes seconds to come.
            include_stdio_in_messages=False,
        )
        self._attempt, self._index = 1, 1
        self._last_message = ""
        self._is_run_over = Event()

    def end_run(self) -> None:
        """Nobody writes any more: what there is now is all."""
        self._is_run_over.set()

    def download_messages_chunk(self, index: int, params: PipesParams) -> str | None:
        # Asked first: what is missing after the end of the run will never come.
        is_run_over, folder = self._is_run_over.is_set(), str(params["path"])
        chunk = self._read(folder)
        if chunk is None and (later := self._later_attempts(folder)):
            # An attempt begins when the one before it is over. Its last file may have come since it was looked for.
            chunk = self._read(folder)
            if chunk is None:
                self._attempt, self._index = min(later), 1
                chunk = self._read(folder)
        if chunk is None:
            return self._last_message or None if is_run_over else None
        self._index += 1
        lines = chunk.split("\n")
        closing = [line for line in lines if json.loads(line)["method"] == "closed"]
        self._last_message = closing[-1] if closing else self._last_message
        # No message at all is no chunk, and would be asked for again.
        return "\n".join(line for line in lines if line not in closing) or "\n"

    def _read(self, folder: str) -> str | None:
        try:
            content = unsealed(read_file(self.files_client, f"{folder}/{self._attempt}/{self._index}.json"))
        except NotFound:
            return None
        return None if content is None else content.decode("utf-8")

    def _later_attempts(self, folder: str) -> list[int]:
        names = list_folders(self.files_client, folder)
        return [int(name) for name in names if name.isdecimal() and int(name) > self._attempt]
