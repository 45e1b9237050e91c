"""What is in a backup. It is written last: a folder without one is a backup that was not finished."""

import json
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from fitness_assets.errors import BackupError
from fitness_assets.storage import FolderStorage

log = logging.getLogger("fitness_assets")

_FILE = "manifest.json"
_DAMAGED = "damaged.json"


@dataclass(frozen=True)
class BackupFile:
    """A file of a backup.

    Attributes:
        modified_ns: when the original was written, as its own disk says.
        changed_ns: when the disk noted its last change.
        digest: its bytes, as a text.
    """

    size: int
    modified_ns: int
    digest: str
    changed_ns: int = 0

    def is_of(self, status: os.stat_result) -> bool:
        """Whether a file that looks so still is the original."""
        known = (self.size, self.modified_ns, self.changed_ns)
        return known == (status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@dataclass(frozen=True)
class Backup:
    """A finished backup.

    Attributes:
        folder: where it lies; its name is the instant, UTC.
        files: by their paths in the folder.
    """

    folder: Path
    files: Mapping[str, BackupFile]

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files.values())

    def write(self) -> None:
        """Make it a finished one."""
        content = {name: asdict(file) for name, file in sorted(self.files.items())}
        FolderStorage(self.folder).put(_FILE, json.dumps(content, indent=1).encode())


def backups_in(destination: Path) -> list[Backup]:
    """The finished backups below a folder, the oldest first."""
    if not destination.is_dir():
        return []
    found = []
    for folder in sorted(folder for folder in destination.iterdir() if (folder / _FILE).is_file()):
        try:
            found.append(_read(folder))
        except BackupError as error:
            # The others are as good as before.
            log.warning("%s", error)
    return found


def damaged_files(backup: Backup) -> frozenset[str]:
    """The files of a backup that were found damaged when it was verified last: none of them is linked again."""
    content = FolderStorage(backup.folder).get(_DAMAGED)
    return frozenset(json.loads(content)) if content else frozenset()


def note_damaged(backup: Backup, names: Iterable[str]) -> None:
    """Keep which files of a backup are damaged."""
    FolderStorage(backup.folder).put(_DAMAGED, json.dumps(sorted(names)).encode())


def newest_backup(destination: Path, name: str = "") -> Backup:
    """The newest backup below a folder, or the one of that name.

    Raises:
        BackupError: there is none.
    """
    found = [backup for backup in backups_in(destination) if name in ("", backup.folder.name)]
    if not found:
        which = f"no backup {name}" if name else "no finished backup"
        raise BackupError(f"There is {which} in {destination}. fitness-assets backup {destination} takes one.")
    return found[-1]


def _read(folder: Path) -> Backup:
    try:
        content = json.loads((folder / _FILE).read_bytes())
        return Backup(folder, {name: BackupFile(**file) for name, file in content.items()})
    except (ValueError, TypeError, AttributeError) as error:
        raise BackupError(f"{folder / _FILE} cannot be read, and it is passed over: {error}.") from error
