"""Objects in a volume of the workspace from outside it, by the Files API: whole objects, and nothing but whole objects.

The API puts a file at one stroke, in the place of the one of that name. Our own objects lie as `VolumeStorage` lays
them, so that a run on the workspace and this machine read and write the same ones.
"""

import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import IO, BinaryIO, cast

from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.errors.platform import NotFound
from databricks.sdk.service.files import FilesAPI

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.errors import first_line
from fitness_assets.databricks.runs.volume_files import list_files, read_file, remove_folder
from fitness_assets.errors import WorkspaceError
from fitness_assets.settings.databricks import DatabricksSettings
from fitness_assets.sql_source.zones import Zones
from fitness_assets.storage import LEASE_PATIENCE_SECONDS, ObjectInfo, machine_lease
from fitness_assets.storage.sealing import CHECKSUM_BYTES, Seal, unsealed
from fitness_assets.storage.volume import is_write_of, number_of, object_of, write_name


def workspace_zones(settings: DatabricksSettings) -> Zones:
    """The zones of the workspace for an extraction on this machine.

    Raises:
        SettingError: the workspace is not named, or there is no way to sign in.
    """
    files = Client.from_env(settings.patience_seconds).files
    return Zones(
        checkpoints=WorkspaceObjects(files, settings.checkpoint_zone),
        landing=lambda feed: WorkspaceFiles(files, f"{settings.landing_zone}/{feed.name}"),
    )


class WorkspaceFiles:
    """The files below one folder of a volume, under their own names."""

    def __init__(self, files: FilesAPI, root: str) -> None:
        self._files = files
        self._root = root

    def get(self, name: str) -> bytes | None:
        with self._told("read", name), suppress(NotFound):
            return read_file(self._files, self.address(name))
        return None

    def put(self, name: str, content: bytes | Iterable[bytes]) -> None:
        with tempfile.TemporaryFile() as body:
            body.writelines([content] if isinstance(content, bytes) else content)
            self._upload(name, body)

    def list_objects(self, prefix: str = "") -> list[ObjectInfo]:
        with self._told("list", prefix):
            files = sorted(list_files(self._files, self.address(prefix)))
        return [ObjectInfo(f"{prefix}/{file}" if prefix else file, size) for file, size in files]

    def delete(self, name: str) -> None:
        with self._told("delete", name):
            with suppress(NotFound):
                self._files.delete(self.address(name))
                return
            remove_folder(self._files, self.address(name))

    def lease(self, name: str, purpose: str, patience: float = LEASE_PATIENCE_SECONDS) -> AbstractContextManager[None]:
        return machine_lease(f"{self._root}/{name}", purpose, patience)

    def address(self, name: str = "") -> str:
        return f"{self._root}/{name}".rstrip("/")

    def _upload(self, name: str, body: IO[bytes]) -> None:
        body.seek(0)
        with self._told("write", name):
            self._files.upload(self.address(name), cast(BinaryIO, body), overwrite=True)

    @contextmanager
    def _told(self, action: str, name: str) -> Iterator[None]:
        """Say of a refusal what was refused.

        Raises:
            WorkspaceError: the workspace does not do it.
        """
        try:
            yield
        except DatabricksError as error:
            raise WorkspaceError(
                f"The workspace does not {action} {self.address(name)}: {first_line(error)}. Look at the privileges of "
                f"whom this machine signs in as: it reads and writes the volumes of the zones."
            ) from error


class WorkspaceObjects(WorkspaceFiles):
    """The objects that `VolumeStorage` keeps below one folder.

    Args:
        keeps_contents: what was read is kept in memory, and not downloaded again: a later write has another file name.
    """

    def __init__(self, files: FilesAPI, root: str, keeps_contents: bool = False) -> None:
        super().__init__(files, root)
        self._keeps_contents = keeps_contents
        self._contents: dict[str, tuple[str, bytes]] = {}

    def get(self, name: str) -> bytes | None:
        for write in reversed(self._writes(name)):
            kept = self._contents.get(name)
            if kept is not None and kept[0] == write:
                return kept[1]
            written = super().get(write)
            if written is None:  # a later write has removed it meanwhile
                return self.get(name)
            content = unsealed(written)
            if content is not None:
                if self._keeps_contents:
                    self._contents[name] = write, content
                return content
        return None

    def put(self, name: str, content: bytes | Iterable[bytes]) -> None:
        older = self._writes(name)
        newest = write_name(name, max(time.time_ns(), max(map(number_of, older), default=0) + 1))
        seal = Seal()
        with tempfile.TemporaryFile() as body:
            body.writelines(map(seal.passed, [content] if isinstance(content, bytes) else content))
            body.write(seal.checksum())
            self._upload(newest, body)
        for write in older:
            super().delete(write)

    def list_objects(self, prefix: str = "") -> list[ObjectInfo]:
        writes = {object_of(info.name): info.size - CHECKSUM_BYTES for info in super().list_objects(prefix)}
        return [ObjectInfo(name, size) for name, size in writes.items() if name.rpartition("/")[2]]

    def delete(self, name: str) -> None:
        for write in self._writes(name):
            super().delete(write)
        with self._told("delete", name):
            remove_folder(self._files, self.address(name))

    def _writes(self, name: str) -> list[str]:
        """The files that hold the object, oldest first; more than one only where a `put` was cut short."""
        folder, _, object_name = name.rpartition("/")
        files = (info.name for info in super().list_objects(folder))
        return [file for file in files if is_write_of(file.rpartition("/")[2], object_name)]
