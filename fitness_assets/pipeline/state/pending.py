"""What waits to be brought up to date, told from notes and folders alone: no Spark, no broker, milliseconds."""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from fitness_assets.contracts.feeds import FILE_FEEDS, FileFeed
from fitness_assets.contracts.model import Table, UpdateStrategy
from fitness_assets.contracts.registry import all_tables, tables_updated_by
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.landing_zone import fingerprint
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets.pipeline.strategies.file_ingestion import feed_folder

_SETTLED_SECONDS = 2.0
"""A folder's time is trusted only once it is older: two files may land within one tick of the file system's clock."""
_LOOK_AGAIN_SECONDS = 30.0
"""A file that is written over in place leaves the folder's time as it was."""


@dataclass(frozen=True)
class PendingWork:
    """What waits.

    Attributes:
        names: the tables that have something to do.
        state: a text that is another one after any update that did something.
    """

    names: frozenset[str]
    state: str


@dataclass(frozen=True)
class _Look:
    folder_time: int
    found: str
    at: float


class LandingZoneWatcher:
    """The landing folders, each scanned only when something in it may have changed."""

    def __init__(self, lake: Lakehouse) -> None:
        self._lake = lake
        self._looks: dict[Path, _Look] = {}

    def waiting(self) -> PendingWork:
        """The bronze tables with something new, and tables that were left behind."""
        names = self.changed() | stale_tables(self._lake)
        return PendingWork(frozenset(names), progress_digest(self._lake, names) if names else "")

    def changed(self) -> set[str]:
        """The bronze tables whose folder holds something that was not read."""
        store = ProgressStore(self._lake.settings)
        found: set[str] = set()
        for table in tables_updated_by(UpdateStrategy.APPEND):
            folder = FILE_FEEDS[table.full_name]
            now, noted = self._fingerprint(folder), store.read(table)
            empty = now.startswith("0-")
            if now != (noted.landed if noted else None) and not (empty and (noted is None or noted.landed is None)):
                found.add(table.full_name)
        return found

    def _fingerprint(self, folder: FileFeed) -> str:
        path = feed_folder(self._lake, folder)
        began = time.time()
        folder_time = path.stat().st_mtime_ns if path.is_dir() else 0
        look = self._looks.get(path)
        if look and look.folder_time == folder_time and began - look.at < _LOOK_AGAIN_SECONDS:
            return look.found
        found = fingerprint(path, folder)
        if began - folder_time / 1e9 > _SETTLED_SECONDS:
            self._looks[path] = _Look(folder_time, found, began)
        return found


def downstream(names: set[str]) -> set[str]:
    """These tables and all that are made from them, directly or not."""
    found = set(names)
    for table in all_tables().values():
        if any(source.table in found for source in table.sources):
            found.add(table.full_name)
    return found


def stale_tables(lake: Lakehouse) -> set[str]:
    """Tables that have not used all of their sources, because an update failed or was ended."""
    store = ProgressStore(lake.settings)
    return {table.full_name for table in all_tables().values() if _behind(lake, store, table)}


def progress_digest(lake: Lakehouse, names: set[str]) -> str:
    """How far these tables are, as a text that is another one after any update that did something."""
    store, digest = ProgressStore(lake.settings), hashlib.sha256()
    for name in sorted(names):
        digest.update(f"{name} {store.read(all_tables()[name])}\n".encode())
    return digest.hexdigest()


def _behind(lake: Lakehouse, store: ProgressStore, table: Table) -> bool:
    if table.strategy is UpdateStrategy.APPEND:
        return False
    noted = store.read(table)
    for source in table.sources:
        latest = lake.log(all_tables()[source.table]).latest_number()
        used = noted.sources.get(source.table) if noted else None
        if latest > 0 and (used is None or used.number < latest):
            return True
    return False
