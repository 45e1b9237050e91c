"""What waits to be brought up to date, told from notes and folders alone: no Spark, no broker, milliseconds."""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from fitness_assets.contracts.catalog import tables, tables_of
from fitness_assets.contracts.landing import FOLDERS, Folder
from fitness_assets.contracts.model import Kind, Table
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.landed import landing_folder
from fitness_assets.pipeline.landing_zone import fingerprint
from fitness_assets.pipeline.progress import ProgressStore

_SETTLED_SECONDS = 2.0
"""A folder's time is trusted only once it is older: two files may land within one tick of the file system's clock."""
_LOOK_AGAIN_SECONDS = 30.0
"""A file that is written over in place leaves the folder's time as it was."""


@dataclass(frozen=True)
class Waiting:
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


class LandingWatch:
    """The landing folders, each scanned only when something in it may have changed."""

    def __init__(self, lake: Lakehouse) -> None:
        self._lake = lake
        self._looks: dict[Path, _Look] = {}

    def waiting(self) -> Waiting:
        """The bronze tables with something new, and tables that were left behind."""
        names = self.changed() | left_behind(self._lake)
        return Waiting(frozenset(names), how_far(self._lake, names) if names else "")

    def changed(self) -> set[str]:
        """The bronze tables whose folder holds something that was not read."""
        store = ProgressStore(self._lake.settings)
        found: set[str] = set()
        for table in tables_of(Kind.LANDED):
            folder = FOLDERS[table.full_name]
            now, noted = self._fingerprint(folder), store.read(table)
            empty = now.startswith("0-")
            if now != (noted.landed if noted else None) and not (empty and (noted is None or noted.landed is None)):
                found.add(table.full_name)
        return found

    def _fingerprint(self, folder: Folder) -> str:
        path = landing_folder(self._lake, folder)
        began = time.time()
        folder_time = path.stat().st_mtime_ns if path.is_dir() else 0
        look = self._looks.get(path)
        if look and look.folder_time == folder_time and began - look.at < _LOOK_AGAIN_SECONDS:
            return look.found
        found = fingerprint(path, folder)
        if began - folder_time / 1e9 > _SETTLED_SECONDS:
            self._looks[path] = _Look(folder_time, found, began)
        return found


def below(names: set[str]) -> set[str]:
    """These tables and all that are made from them, directly or not."""
    found = set(names)
    for table in tables().values():
        if any(source.table in found for source in table.sources):
            found.add(table.full_name)
    return found


def left_behind(lake: Lakehouse) -> set[str]:
    """Tables that have not used all of their sources, because an update failed or was ended."""
    store = ProgressStore(lake.settings)
    return {table.full_name for table in tables().values() if _behind(lake, store, table)}


def how_far(lake: Lakehouse, names: set[str]) -> str:
    """How far these tables are, as a text that is another one after any update that did something."""
    store, digest = ProgressStore(lake.settings), hashlib.sha256()
    for name in sorted(names):
        digest.update(f"{name} {store.read(tables()[name])}\n".encode())
    return digest.hexdigest()


def _behind(lake: Lakehouse, store: ProgressStore, table: Table) -> bool:
    if table.kind is Kind.LANDED:
        return False
    noted = store.read(table)
    for source in table.sources:
        latest = lake.log(tables()[source.table]).latest_number()
        used = noted.sources.get(source.table) if noted else None
        if latest > 0 and (used is None or used.number < latest):
            return True
    return False
