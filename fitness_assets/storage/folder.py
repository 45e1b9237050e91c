"""Objects as files of a folder of this machine: written beside their place, synced, and then renamed into it."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from fitness_assets.private_files import make_shared_folder, share_like_parent
from fitness_assets.storage.interface import LEASE_PATIENCE_SECONDS, ObjectInfo
from fitness_assets.storage.lease import acquire_file, file_lease, is_same_file


class FolderStorage:
    """The files below one folder.

    Args:
        is_shared: whether what is made here has the rights that the folder above it gives to others.
    """

    def __init__(self, root: Path, is_shared: bool = False) -> None:
        self._root = root
        self._is_shared = is_shared

    def get(self, name: str) -> bytes | None:
        try:
            return (self._root / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def put(self, name: str, content: bytes | Iterable[bytes]) -> None:
        path = self._root / name
        if self._is_shared:
            make_shared_folder(path.parent)
        make_folder(path.parent)
        unfinished = path.with_name(f"_{path.name}.tmp")
        with _exclusive(unfinished) as file:
            file.truncate(0)
            file.writelines([content] if isinstance(content, bytes) else content)
            file.flush()
            os.fsync(file.fileno())
            if self._is_shared:
                share_like_parent(unfinished)
            unfinished.replace(path)
        sync_folder(path.parent)

    def list_objects(self, prefix: str = "") -> list[ObjectInfo]:
        folder = self._root / prefix
        if not folder.is_dir():
            return []
        objects = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file() and not (entry.name.startswith("_") and entry.name.endswith(".tmp")):
                    name = f"{prefix}/{entry.name}" if prefix else entry.name
                    objects.append(ObjectInfo(name, entry.stat().st_size))
        return sorted(objects, key=lambda info: info.name)

    def delete(self, name: str) -> None:
        path = self._root / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            sync_folder(path.parent)

    def lease(self, name: str, purpose: str, patience: float = LEASE_PATIENCE_SECONDS) -> AbstractContextManager[None]:
        return file_lease(self._root / name, purpose, patience)

    def address(self, name: str = "") -> str:
        return str(self._root / name)


@contextmanager
def _exclusive(path: Path) -> Iterator[BinaryIO]:
    """A file that nobody else writes meanwhile, also where two processes put the same object.

    Each would write into the other's file otherwise, or find it gone. What a killed process left is taken over.
    """
    while True:
        with path.open("ab") as file:
            acquire_file(file.fileno(), path, is_waiting=True)
            if is_same_file(file.fileno(), path):
                yield file
                return


def sync_file(file: Path) -> None:
    """Put a file's content on the disk that somebody else wrote."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing; each lasts."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync_folder(each.parent)


def sync_folder(folder: Path) -> None:
    """Put on the disk which files a folder has: a rename, or a link, lasts once that is done."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
