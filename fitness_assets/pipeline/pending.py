"""What waits to be brought up to date, by progress and folders alone: no Spark, no broker, milliseconds."""

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fitness_assets.contracts.feeds import FILE_FEEDS, FileFeed
from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.landing.listing import FileListing, feed_folder, is_of_no_files, modified_ns, scan_folder
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.pipeline.strategies import ZoneView, strategies_of

_SETTLED_SECONDS = 2.0
"""A folder's time is trusted only once it is older: two files may land within one tick of the file system's clock."""
_RESCAN_SECONDS = 30.0
"""A file that is written over in place leaves the folder's time as it was."""


@dataclass(frozen=True)
class PendingWork:
    """What waits.

    Attributes:
        table_names: the tables that have something to do.
        digest: a text that is another one after any update that did something.
    """

    table_names: frozenset[str]
    digest: str


def pending_work(view: ZoneView) -> PendingWork:
    """What waits in a zone."""
    names = pending_tables(view)
    return PendingWork(frozenset(names), progress_digest(view, names) if names else "")


def pending_tables(view: ZoneView) -> set[str]:
    """The tables for which something landed, or that have not used all of their sources."""
    return {
        table.full_name
        for table in all_tables().values()
        if any(strategy.is_pending(table, view) for strategy in strategies_of(table))
    }


def progress_digest(view: ZoneView, table_names: Iterable[str]) -> str:
    """How far these tables are, as a text that is another one after any update that did something."""
    digest = hashlib.sha256()
    for name in sorted(table_names):
        digest.update(f"{name} {view.progress(get_table(name))}\n".encode())
    return digest.hexdigest()


def file_fingerprints(view: ZoneView) -> dict[str, str]:
    """What lies in each folder of the landing zone that is not empty, as a text that changes with it."""
    fingerprints = {feed.name: view.fingerprint(feed) for feed in FILE_FEEDS.values()}
    return {name: fingerprint for name, fingerprint in fingerprints.items() if not is_of_no_files(fingerprint)}


@dataclass(frozen=True)
class _Scan:
    """What a walk found.

    Attributes:
        listing: without the files themselves.
    """

    listing: FileListing
    at: float

    def is_valid(self, now: float) -> bool:
        """Whether nothing has come or gone since then."""
        return now - self.at < _RESCAN_SECONDS and all(
            _modified_ns(folder) == modified for folder, modified in self.listing.folders.items()
        )


class LocalZoneView:
    """The zones as they lie here; each folder is scanned only when something in it may have changed.

    Args:
        asks_engine: ask an engine for versions that only one can tell; otherwise those of the last updates count.
    """

    def __init__(self, lake: Lakehouse, asks_engine: bool = False) -> None:
        self._lake = lake
        self._asks_engine = asks_engine
        self._store = ProgressStore.from_settings(lake.settings)
        self._scans: dict[Path, _Scan] = {}

    def progress(self, table: Table) -> Progress | None:
        return self._store.read(table)

    def latest_version(self, table: Table) -> int:
        hint = self._lake.latest_version_hint(table)
        if hint is not None:
            return hint
        if self._asks_engine:
            return self._lake.log(table).latest_number()
        progress = self.progress(table)
        return progress.table.number if progress else -1

    def has_new_files(self, table: Table, feed: FileFeed) -> bool:
        progress, now = self.progress(table), self.fingerprint(feed)
        ingested = progress.files_fingerprint if progress else None
        return now != ingested and not (is_of_no_files(now) and ingested is None)

    def fingerprint(self, feed: FileFeed) -> str:
        return self._scan(feed).fingerprint

    def left_alone(self, feed: FileFeed) -> Mapping[str, str]:
        """What lies in the folder of a feed and is not read, by name, and why."""
        return self._scan(feed).left_alone

    def _scan(self, feed: FileFeed) -> FileListing:
        folder = feed_folder(self._lake.settings, feed)
        began = time.time()
        scan = self._scans.get(folder)
        if scan and scan.listing.folders and scan.is_valid(began):
            return scan.listing
        listing = scan_folder(folder, feed)
        if began - max(listing.folders.values(), default=0) / 1e9 > _SETTLED_SECONDS:
            self._scans[folder] = _Scan(listing, began)
        return listing


def _modified_ns(folder: bytes) -> int | None:
    try:
        return modified_ns(folder)
    except OSError:
        return None
