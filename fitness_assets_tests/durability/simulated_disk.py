"""A disk that has only what was synced: what is in a file once the file was, which files there are once the folder was.

It follows every `os.fsync` of this process. At a power cut the disk is what POSIX promises, and nothing more: a file
whose folder was synced but not its content is empty, a name whose folder was not synced is not there.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import pytest


class PowerCutError(BaseException):
    """The machine is off; nothing that a program does about it reaches the disk."""


class SimulatedDisk:
    """What would be left of a folder.

    Args:
        root: the folder, all of which is on the disk when it is simulated from.
        store: where the synced contents are kept.
    """

    def __init__(self, root: Path, store: Path) -> None:
        self._root = root.resolve()
        self._store = store
        self._contents: dict[int, Path] = {}
        self._folders: dict[int, dict[str, tuple[int, bool]]] = {}
        self._held: list[int] = []
        self._lock = Lock()
        self.syncs = 0
        store.mkdir(parents=True)
        for folder, _, files in os.walk(self._root):
            self._take(Path(folder))
            for name in files:
                self._take(Path(folder) / name)

    @contextmanager
    def cut_at(self, number: int | None) -> Iterator[None]:
        """Follow what is synced, up to the sync of that number, at which the power goes; None for never."""
        fsync = os.fsync

        def followed(descriptor: int) -> None:
            with self._lock:
                if number is not None and self.syncs >= number:
                    raise PowerCutError
                self.syncs += 1
                path = Path(f"/proc/self/fd/{descriptor}").readlink()
                if path.is_relative_to(self._root):
                    self._take(path)
            fsync(descriptor)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", followed)
            yield

    def left_after(self, target: Path) -> None:
        """Write what the disk has into another folder."""
        self._restore(self._root.stat().st_ino, True, target)

    def close(self) -> None:
        for descriptor in self._held:
            os.close(descriptor)

    def _take(self, path: Path) -> None:
        # Held open, so that no other file is given its number.
        descriptor = os.open(path, os.O_RDONLY)
        self._held.append(descriptor)
        inode = os.fstat(descriptor).st_ino
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            self._folders[inode] = {
                entry.name: (entry.inode(), entry.is_dir(follow_symlinks=False)) for entry in os.scandir(path)
            }
            self._contents.pop(inode, None)
        else:
            kept = self._store / str(inode)
            shutil.copyfile(f"/proc/self/fd/{descriptor}", kept)
            self._contents[inode] = kept

    def _restore(self, inode: int, is_folder: bool, target: Path) -> None:
        if is_folder:
            target.mkdir(parents=True, exist_ok=True)
            for name, (child, is_child_folder) in self._folders.get(inode, {}).items():
                self._restore(child, is_child_folder, target / name)
        elif inode in self._contents:
            shutil.copyfile(self._contents[inode], target)
        else:
            target.touch()
