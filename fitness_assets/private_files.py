"""Files and folders that no other user of the machine may read, change or put something in place of."""

import os
import stat
import tempfile
from pathlib import Path

_OTHERS = 0o077


def keep_new_files_private() -> None:
    """From now on what this process and its children make is for their user alone."""
    os.umask(_OTHERS)


def close_to_others(path: Path) -> bool:
    """Take from everybody else the rights on what is ours; whether there were any to take.

    What belongs to somebody else stays as it is, and so does everything on a file system that keeps no rights.
    """
    try:
        status = path.stat()
        if status.st_uid != os.getuid() or not status.st_mode & _OTHERS:
            return False
        path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)
        return not path.stat().st_mode & _OTHERS
    except OSError:
        return False


def private_temporary_folder() -> Path:
    """Our user's folder among the temporary files of the machine, the same in every process.

    Raises:
        OSError: it cannot be made, or somebody else has made one of this name.
    """
    folder = Path(tempfile.gettempdir()) / f"fitness_assets_{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise PermissionError(f"{folder} was made by somebody else. Remove it, or let TMPDIR name a folder of yours.")
    close_to_others(folder)
    return folder


def write_private(file: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    unfinished = file.with_name(f"{file.name}.tmp")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    unfinished.replace(file)


def make_public_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, that everybody may read, whatever else is private."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        each.chmod(0o755)
