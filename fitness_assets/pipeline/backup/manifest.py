"""What is in a backup. It is written last: a folder without one is a backup that was not finished."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from fitness_assets.errors import BackupError
from fitness_assets.storage import FolderStorage

_FILE = "manifest.json"


@dataclass(frozen=True)
class BackupFile:
    """A file of a backup.

    Attributes:
        modified_ns: when the original was written, as its own disk says.
        digest: its bytes, as a text.
    """

    size: int
    modified_ns: int
    digest: str


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
        FolderStorage(self.folder).put(_FILE, json.dumps(content, indent=1, ensure_ascii=False).encode())


def backups_in(destination: Path) -> list[Backup]:
    """The finished backups below a folder, the oldest first."""
    if not destination.is_dir():
        return []
    folders = sorted(folder for folder in destination.iterdir() if (folder / _FILE).is_file())
    return [_read(folder) for folder in folders]


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
        raise BackupError(f"{folder / _FILE} cannot be read: {error}. Take another backup.") from error
