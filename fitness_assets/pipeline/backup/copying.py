"""Copying a file so that it lasts, and knowing what was copied."""

import hashlib
import os
import shutil
from pathlib import Path

from fitness_assets.pipeline.backup.manifest import BackupFile
from fitness_assets.storage import make_folder

_CHUNK_BYTES = 4 * 1024 * 1024
_DIGEST_BYTES = 16
_ATTEMPTS = 5
"""So often is a file copied that does not hold still; the last copy has the times of its beginning, and is copied anew
by the next backup."""


def copied(source: Path, target: Path) -> BackupFile:
    """Copy a file with its times, onto the disk. One that is written to meanwhile is copied as it is then.

    Raises:
        FileNotFoundError: it is gone.
    """
    make_folder(target.parent)
    for _ in range(_ATTEMPTS):
        digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
        with source.open("rb") as original:
            before = os.fstat(original.fileno())
            with target.open("wb") as copy:
                while chunk := original.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    copy.write(chunk)
                copy.flush()
                os.fsync(copy.fileno())
            known = BackupFile(before.st_size, before.st_mtime_ns, digest.hexdigest(), before.st_ctime_ns)
            if known.is_of(os.fstat(original.fileno())):
                break
    shutil.copystat(source, target, follow_symlinks=False)
    return known


def digest_of(file: Path) -> str:
    """What the bytes of a file are, as a text."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
