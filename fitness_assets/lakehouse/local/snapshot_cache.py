"""Snapshots of the tables in folders: each log is read once, and from then on only what was committed since.

Opening a table anew costs as much as all its commits since the last checkpoint.
"""

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from threading import Lock
from urllib.parse import unquote

from deltalake.exceptions import TableNotFoundError

from fitness_assets.lakehouse.local.log_files import (
    CommitId,
    commit_digest,
    commit_file,
    commit_id,
    latest_number,
    log_folder,
    read_actions,
)
from fitness_assets.lakehouse.local.snapshot import Snapshot, added_file, open_snapshot
from fitness_assets.lakehouse.transaction_log import Version

_ATTEMPTS = 20
_MAX_TABLES = 256


class CachedSnapshot:
    """The latest snapshot of one table. Safe for threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = log_folder(path)
        self._cached: tuple[CommitId, Snapshot] | None = None
        self._lock = Lock()

    def latest(self) -> Snapshot | None:
        """The table as it is now, None where there is none. The same object as long as nothing was committed."""
        with self._lock:
            if self._cached and commit_id(self._log, self._cached[0].number) == self._cached[0]:
                self._cached = self._advance(*self._cached)
            else:
                self._cached = self._open()
            return self._cached[1] if self._cached else None

    def _advance(self, commit: CommitId, snapshot: Snapshot) -> tuple[CommitId, Snapshot] | None:
        """The snapshot with the commits since then applied to it."""
        if (next_commit := commit_id(self._log, commit.number + 1)) is None:
            return commit, snapshot
        files = dict(snapshot.files)
        while next_commit is not None:
            removed, added = set(), {}
            for action in read_actions(commit_file(self._log, next_commit.number)):
                if "metaData" in action or "protocol" in action:
                    return self._open()
                if "remove" in action:
                    removed.add(unquote(action["remove"]["path"]))
                if "add" in action:
                    file = added_file(self._path, action["add"], snapshot.columns)
                    added[file.path] = file
            files = {path: file for path, file in files.items() if path not in removed} | added
            commit, next_commit = next_commit, commit_id(self._log, next_commit.number + 1)
        digest = commit_digest(self._log, commit.number)
        version = Version(snapshot.version.table_id, commit.number, digest)
        return commit, replace(snapshot, version=version, files=files)

    def _open(self) -> tuple[CommitId, Snapshot] | None:
        for _ in range(_ATTEMPTS):
            before = commit_id(self._log, latest_number(self._log))
            if before is None:
                return None
            try:
                snapshot = open_snapshot(self._path)
            except TableNotFoundError:
                continue
            # The commit is the same as before, so no table was made anew in between.
            if snapshot.version.number == before.number and commit_id(self._log, before.number) == before:
                return before, snapshot
        return None


_snapshots: OrderedDict[Path, CachedSnapshot] = OrderedDict()
_lock = Lock()


def cached_snapshot(path: Path) -> CachedSnapshot:
    """The table of that folder, shared by all who read it in this process."""
    with _lock:
        cached = _snapshots.pop(path, None) or CachedSnapshot(path)
        _snapshots[path] = cached
        if len(_snapshots) > _MAX_TABLES:
            _snapshots.popitem(last=False)
        return cached
