"""Copying a file so that it lasts, and knowing what was copied."""

import hashlib
import os
import shutil
from pathlib import Path

from fitness_assets.pipeline.backup.manifest import BackupFile
from fitness_assets.storage import make_folder

_CHUNK_BYTES = 4 * 1024 * 1024
_DIGEST_BYTES = 16


def copied(source: Path, target: Path) -> BackupFile:
    """Copy a file with its times, onto the disk.

    Raises:
        FileNotFoundError: it is gone.
    """
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    with source.open("rb") as original:
        make_folder(target.parent)
        with target.open("wb") as copy:
            while chunk := original.read(_CHUNK_BYTES):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        status = os.fstat(original.fileno())
    shutil.copystat(source, target, follow_symlinks=False)
    return BackupFile(status.st_size, status.st_mtime_ns, digest.hexdigest())


def digest_of(file: Path) -> str:
    """What the bytes of a file are, as a text."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
