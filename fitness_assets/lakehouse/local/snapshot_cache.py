"""Snapshots of the tables in folders: each log is read once, and from then on only what was committed since.

Opening a table anew costs as much as all its commits since the last checkpoint.
"""

import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote

from deltalake.exceptions import TableNotFoundError

from fitness_assets.lakehouse.local.snapshot import Snapshot, added_file, open_snapshot
from fitness_assets.lakehouse.transaction_log import Version

_ATTEMPTS = 20
_MAX_TABLES = 256
_latest_numbers: dict[Path, int] = {}


@dataclass(frozen=True)
class CommitId:
    """What tells a commit from one of the same number in a table made anew."""

    number: int
    inode: int
    modified_ns: int


def commit_id(log: Path, number: int) -> CommitId | None:
    """The identity of the commit with that number; None where there is none."""
    try:
        status = commit_file(log, number).stat()
    except OSError:
        return None
    return CommitId(number, status.st_ino, status.st_mtime_ns)


def commit_file(log: Path, number: int) -> Path:
    return log / f"{number:020d}.json"


def log_folder(table: Path) -> Path:
    return table / "_delta_log"


def latest_number(log: Path) -> int:
    """The number of the latest commit, by the names of the log's files alone; -1 where there is none.

    A log of a hundred thousand commits is listed once: from then on only the next name is looked for.
    """
    number = _latest_numbers.get(log, -1)
    if number >= 0 and commit_file(log, number).exists():
        while commit_file(log, number + 1).exists():
            number += 1
        _latest_numbers[log] = number
        return number
    names = (file.name for file in log.iterdir()) if log.is_dir() else iter(())
    number = max((int(name[:20]) for name in names if name[:20].isdigit() and name.endswith(".json")), default=-1)
    _latest_numbers[log] = number
    return number


def read_actions(commit: Path) -> Iterator[dict[str, Any]]:
    """The actions of one commit's file, in its order."""
    with commit.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


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
        return commit, replace(snapshot, version=Version(snapshot.version.table_id, commit.number), files=files)

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
