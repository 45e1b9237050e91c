"""Files and folders that no other user of the machine may read, change or put something in place of."""

import os
import stat
import tempfile
from pathlib import Path

_OTHERS, _WRITABLE, _EXECUTABLE = 0o077, 0o022, 0o011
_ZONES = ("data_zone", "chkpt_zone")


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


def close_base(base: Path, landing_zone: Path) -> bool | None:
    """Close a base folder that others can look into: whether that was done; None where somebody opened it on purpose.

    On purpose it is open where others, or a group, may write to it or to its landing zone, or where it is more than a
    base folder: a home, or one that everybody uses.
    """
    try:
        mode = base.stat().st_mode
        is_inside = landing_zone.is_dir() and landing_zone.is_relative_to(base)
        landing_mode = landing_zone.stat().st_mode if is_inside else 0
    except OSError:
        return False
    if not mode & _OTHERS:
        return False
    is_base = any((base / name).is_dir() for name in _ZONES) or not any(base.iterdir())
    if (mode | landing_mode) & _WRITABLE or mode & stat.S_ISVTX or base == Path.home() or not is_base:
        return None
    return close_to_others(base)


def make_shared_folder(folder: Path) -> None:
    """Make a folder with the rights that the one above it gives to others, if that was there."""
    if not folder.exists():
        has_parent = folder.parent.exists()
        folder.mkdir(parents=True, exist_ok=True)
        if has_parent:
            share_like_parent(folder)


def share_like_parent(path: Path) -> None:
    """Give others the rights on a file or folder that they have on the folder that it lies in."""
    others = path.parent.stat().st_mode & (_OTHERS if path.is_dir() else _OTHERS & ~_EXECUTABLE)
    if others:
        path.chmod(stat.S_IMODE(path.stat().st_mode) | others)


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
