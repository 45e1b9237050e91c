"""Objects as files of a Unity Catalog volume, which takes whole sequential writes and promises nothing else.

A `put` writes the object under a name of its own and then removes the older ones. The newest that is whole counts: its
last bytes are the checksum of those before them.
"""

import shutil
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

from fitness_assets.storage.interface import LEASE_PATIENCE_SECONDS, ObjectInfo
from fitness_assets.storage.lease import machine_lease
from fitness_assets.storage.sealing import CHECKSUM_BYTES, sealed, unsealed

_SEPARATOR = "@"
_ATTEMPTS = 20


class VolumeStorage:
    """The files below one folder of a volume that is mounted here."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, name: str) -> bytes | None:
        for _ in range(_ATTEMPTS):
            try:
                return self._newest_whole(name)
            except FileNotFoundError:  # a later write has removed it meanwhile
                continue
        return self._newest_whole(name)

    def put(self, name: str, content: bytes | Iterable[bytes]) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        older = self._writes(name)
        last = max([number_of(write.name) for write in older], default=0)
        newest = path.with_name(write_name(path.name, max(time.time_ns(), last + 1)))
        newest.write_bytes(sealed(content if isinstance(content, bytes) else b"".join(content)))
        for write in older:
            write.unlink(missing_ok=True)

    def list_objects(self, prefix: str = "") -> list[ObjectInfo]:
        folder = self._root / prefix
        if not folder.is_dir():
            return []
        sizes: dict[str, int] = {}
        for path in sorted(folder.iterdir()):
            if path.is_file() and _SEPARATOR in path.name:
                sizes[object_of(path.name)] = path.stat().st_size - CHECKSUM_BYTES
        return [ObjectInfo(f"{prefix}/{name}" if prefix else name, size) for name, size in sorted(sizes.items())]

    def delete(self, name: str) -> None:
        path = self._root / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        for write in self._writes(name):
            write.unlink(missing_ok=True)

    def lease(self, name: str, purpose: str, patience: float = LEASE_PATIENCE_SECONDS) -> AbstractContextManager[None]:
        return machine_lease(self.address(name), purpose, patience)

    def address(self, name: str = "") -> str:
        return str(self._root / name)

    def _newest_whole(self, name: str) -> bytes | None:
        contents = (unsealed(path.read_bytes()) for path in reversed(self._writes(name)))
        return next((content for content in contents if content is not None), None)

    def _writes(self, name: str) -> list[Path]:
        """The files that hold the object, oldest first; more than one only where a `put` was cut short."""
        path = self._root / name
        if not path.parent.is_dir():
            return []
        return sorted(file for file in path.parent.iterdir() if is_write_of(file.name, path.name))


def write_name(object_name: str, number: int) -> str:
    """The name of the file that holds an object from this write on."""
    return f"{object_name}{_SEPARATOR}{number:020d}"


def object_of(file_name: str) -> str:
    """The name of the object that a file of a volume holds."""
    return file_name.rpartition(_SEPARATOR)[0]


def is_write_of(file_name: str, object_name: str) -> bool:
    """Whether a file of a volume holds the object of that name."""
    return _SEPARATOR in file_name and object_of(file_name) == object_name


def number_of(file_name: str) -> int:
    """The greater one is the later write."""
    number = file_name.rpartition(_SEPARATOR)[2]
    return int(number) if number.isdigit() else 0
