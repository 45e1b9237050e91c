"""What a machine does in the middle of an update: it dies, its disk is full or may not be written, its power goes."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from fitness_assets.lakehouse.local.commits import transaction
from fitness_assets.lakehouse.local.commits.data_files import DataFileWriter
from fitness_assets.storage import FolderStorage
from fitness_assets_tests.durability.simulated_disk import PowerCutError, SimulatedDisk

COMMITS, NOTES, FILES = "commits", "notes", "files"
"""What a process writes."""


class KilledError(BaseException):
    """The process is gone."""


@contextmanager
def killed_at(number: int, is_after: bool = True, kinds: tuple[str, ...] = (COMMITS, NOTES)) -> Iterator[None]:
    """Let the process die before or after its n-th write of a commit or a note."""

    def dies(count: int, write: Callable[[], object]) -> object:
        if count > number:
            if is_after:
                write()
            raise KilledError
        return write()

    with _each_write(dies, kinds):
        yield


@contextmanager
def refused_at(number: int, reason: int) -> Iterator[None]:
    """Let the disk refuse the n-th write and all after it: `errno.ENOSPC` is full, `errno.EROFS` is read only."""

    def refuses(count: int, write: Callable[[], object]) -> object:
        if count > number:
            raise OSError(reason, os.strerror(reason))
        return write()

    with _each_write(refuses, (COMMITS, NOTES, FILES)):
        yield


def is_refusal(error: BaseException | None) -> bool:
    """Whether an error, or what it came from, is that of `refused_at`."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EROFS):
            return True
        error = error.__cause__ or error.__context__
    return False


def cut_power(base: Path, sync: int, update: Callable[[], object]) -> bool:
    """Cut the power at that sync of an update; the folder is then what the disk has. Whether it came to that."""
    store, left = base.with_name("synced"), base.with_name("left")
    disk = SimulatedDisk(base, store)
    is_cut = True
    with disk.cut_at(sync), suppress(PowerCutError):
        update()
        is_cut = False
    if is_cut:
        disk.left_after(left)
        shutil.rmtree(base)
        left.rename(base)
    disk.close()
    shutil.rmtree(store)
    return is_cut


@contextmanager
def _each_write(instead: Callable[[int, Callable[[], object]], object], kinds: tuple[str, ...]) -> Iterator[None]:
    """Put a function in the place of each write; it is given the write's number, from 1, and the write itself."""
    count = [0]

    def counted(write: Callable[..., object]) -> Callable[..., object]:
        def written(*arguments: object, **options: object) -> object:
            count[0] += 1
            return instead(count[0], lambda: write(*arguments, **options))

        return written

    with pytest.MonkeyPatch.context() as patch:
        if COMMITS in kinds:
            patch.setattr(transaction, "put_if_absent", counted(transaction.put_if_absent))
        if NOTES in kinds:
            patch.setattr(FolderStorage, "put", counted(FolderStorage.put))
        if FILES in kinds:
            patch.setattr(DataFileWriter, "write", counted(DataFileWriter.write))
            patch.setattr(DataFileWriter, "close", counted(DataFileWriter.close))
        yield
