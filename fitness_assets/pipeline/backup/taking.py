"""Taking a backup while updates go on.

Of each table its version and its notes are copied while nobody updates it; data files never change, so they are copied
afterwards. Tables come before what they are made from, and these before the landing zone: whatever a table has used is
in the backup too. What a backup before it has already is linked and not copied.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from graphlib import TopologicalSorter
from pathlib import Path

from fitness_assets.contracts.lineage import upstream
from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.errors import BackupError
from fitness_assets.lakehouse import Lakehouse, TableFiles, table_files
from fitness_assets.pipeline.backup.copying import copied
from fitness_assets.pipeline.backup.manifest import Backup, BackupFile, backups_in, damaged_files
from fitness_assets.pipeline.landing.listing import is_unfinished
from fitness_assets.pipeline.state.erasures import FOLDER as ERASURES
from fitness_assets.pipeline.state.locks import LOCK_NAME, table_lock
from fitness_assets.pipeline.state.progress import ProgressStore, state_prefix
from fitness_assets.storage import FolderStorage, sync_folder

DATA, CHECKPOINTS, LANDING = "data_zone", "chkpt_zone", "landing_zone"
"""The folders of a backup."""
_SQL_SOURCE = "sql_source"
_UNFINISHED = "_unfinished_backup_"
_LOCK = "backups.lock"
Tell = Callable[[str], None]


def take_backup(lake: Lakehouse, destination: Path, tell: Tell = lambda line: None) -> Backup:
    """Copy both zones and the landing zone into a folder of their own below `destination`.

    Args:
        tell: takes a line for each table.

    Raises:
        BackupError: the tables are those of a catalog, or a file that a table needs is gone.
    """
    if lake.settings.catalog is not None:
        raise BackupError(
            f"The tables of the catalog {lake.settings.catalog} are backed up by the workspace: a deep clone of each "
            f"table (docs/databricks.md). fitness-assets backup copies tables in folders."
        )
    # One at a time: the next one removes what a killed one left.
    with FolderStorage(destination).lease(_LOCK, f"backups in {destination}"):
        before = backups_in(destination)
        _remove_unfinished(destination)
        name = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
        taking = _Taking(lake, destination / f"{_UNFINISHED}{name}", before[-1] if before else None, tell)
        taken = taking.take()
        finished = destination / name
        taken.folder.rename(finished)
        sync_folder(destination)
    return replace(taken, folder=finished)


class _Taking:
    def __init__(self, lake: Lakehouse, folder: Path, before: Backup | None, tell: Tell) -> None:
        self._lake = lake
        self._settings = lake.settings
        self._folder = folder
        self._before = before
        self._damaged = damaged_files(before) if before else frozenset()
        self._tell = tell
        self._files: dict[str, BackupFile] = {}

    def take(self) -> Backup:
        storage = ProgressStore.from_settings(self._settings).storage
        for table in _dependents_first():
            with table_lock(storage, table):
                found = self._copy_state(table)
            rows = self._copy_data(found)
            self._tell(f"{table.full_name}: {rows}")
        for state in (_SQL_SOURCE, ERASURES):
            self._copy_all(self._settings.checkpoint_zone / state, f"{CHECKPOINTS}/{state}")
        self._copy_all(self._settings.landing_zone, LANDING)
        backup = Backup(self._folder, self._files)
        for folder in {(self._folder / name).parent for name in self._files}:
            sync_folder(folder)
        backup.write()
        return backup

    def _copy_state(self, table: Table) -> list[tuple[Path, str, TableFiles]]:
        """Copy the notes and the log of a table and of those with its state; what is left to copy of each."""
        notes = self._settings.checkpoint_zone / state_prefix(table)
        for file in sorted(notes.iterdir()) if notes.is_dir() else ():
            if file.is_file() and file.name != LOCK_NAME and not is_unfinished(file.name):
                self._copy(file, f"{CHECKPOINTS}/{state_prefix(table)}/{file.name}")
        places = [(Path(self._lake.address(table)), f"{DATA}/{table.layer.value}/{table.name}")]
        for state in table.state_tables:
            places.append((Path(self._lake.address(state)), f"{CHECKPOINTS}/{state_prefix(table)}/{state.state_name}"))
        found = []
        for folder, name in places:
            files = table_files(folder)
            if files is not None:
                for file in files.log:
                    self._copy(file, f"{name}/{file.relative_to(folder)}")
                found.append((folder, name, files))
        return found

    def _copy_data(self, found: Iterable[tuple[Path, str, TableFiles]]) -> str:
        count = 0
        for folder, name, files in found:
            for file in sorted(files.needed):
                try:
                    self._copy(file, f"{name}/{file.relative_to(folder)}")
                except FileNotFoundError as error:
                    raise BackupError(
                        f"{file} is gone, and the table needs it. Mend the table first: fitness-assets status, "
                        f"docs/operations.md."
                    ) from error
                count += 1
            for file in files.others:
                with suppress(FileNotFoundError):
                    self._copy(file, f"{name}/{file.relative_to(folder)}")
        return f"{count:,} files"

    def _copy_all(self, folder: Path, name: str) -> None:
        for path, folders, names in os.walk(folder):
            folders[:] = [each for each in folders if not is_unfinished(each)]
            for each in names:
                file = Path(path) / each
                try:
                    if not is_unfinished(each) and file.is_file() and not file.is_symlink():
                        self._copy(file, f"{name}/{file.relative_to(folder)}")
                except FileNotFoundError:  # taken away meanwhile
                    continue
                except PermissionError as error:
                    # Nobody here has read it either.
                    self._tell(f"left out: {os.fsencode(file)!r}: {error.strerror}")

    def _copy(self, file: Path, name: str) -> None:
        target, status = self._folder / name, file.stat()
        known = self._before.files.get(name) if self._before and name not in self._damaged else None
        if self._before and known and known.is_of(status):
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(OSError):  # another disk, or one without links
                os.link(self._before.folder / name, target)
                self._files[name] = known
                return
        self._files[name] = copied(file, target)


def _dependents_first() -> Iterator[Table]:
    order = list(TopologicalSorter({name: upstream(name) for name in all_tables()}).static_order())
    yield from (all_tables()[name] for name in reversed(order))


def _remove_unfinished(destination: Path) -> None:
    """Remove what backups that were killed left in a folder, and nothing else that lies there."""
    for folder in destination.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(folder)
