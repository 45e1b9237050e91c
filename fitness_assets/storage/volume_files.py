"""Files of a mounted volume under their own names, as others read them: each written from its beginning to its end.

An object of the cloud's storage is there once its writing ends. A file system over it need not say so while the write
goes on, so whoever reads beside it must bear a file that is not whole yet; one that was cut short is put again.
"""

import shutil
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

from fitness_assets.storage.interface import LEASE_PATIENCE_SECONDS, ObjectInfo
from fitness_assets.storage.lease import machine_lease

VOLUMES = Path("/Volumes")


class VolumeFiles:
    """The files below one folder of a volume that is mounted here."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, name: str) -> bytes | None:
        try:
            return (self._root / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def put(self, name: str, content: bytes | Iterable[bytes]) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.writelines([content] if isinstance(content, bytes) else content)

    def list_objects(self, prefix: str = "") -> list[ObjectInfo]:
        folder = self._root / prefix
        if not folder.is_dir():
            return []
        files = [path for path in sorted(folder.iterdir()) if path.is_file()]
        return [ObjectInfo(str(path.relative_to(self._root)), path.stat().st_size) for path in files]

    def delete(self, name: str) -> None:
        path = self._root / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def lease(self, name: str, purpose: str, patience: float = LEASE_PATIENCE_SECONDS) -> AbstractContextManager[None]:
        return machine_lease(self.address(name), purpose, patience)

    def address(self, name: str = "") -> str:
        return str(self._root / name)


def is_volume(path: Path) -> bool:
    """Whether a path lies in a mounted volume, where nothing is renamed and times promise nothing."""
    return path.is_relative_to(VOLUMES)
