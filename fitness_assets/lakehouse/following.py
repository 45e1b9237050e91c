"""Tables in folders that this process looks at again and again: each log is read once, and from then on only what was
committed since. Opening a table anew costs as much as all its commits since the last checkpoint."""

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from fitness_assets.lakehouse.transaction_log import Version

_TRIES = 20
_MOST_TABLES = 256


@dataclass(frozen=True)
class DataFile:
    """A file of a table as the log has it.

    Attributes:
        written: milliseconds since 1970.
        least: the smallest value by column, where it is known: a value or its text, times cut to the millisecond.
        most: the greatest value.
    """

    rows: int
    written: int
    partition: Mapping[str, str | None]
    least: Mapping[str, Any]
    most: Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """One version of a table.

    Attributes:
        columns: with their Delta types.
        files: by their paths within the table's folder.
    """

    version: Version
    columns: Mapping[str, str]
    files: Mapping[str, DataFile]

    def row_count(self, partition: Mapping[str, str] | None = None) -> int:
        """How many rows there are, in all or in one partition."""
        wanted = (partition or {}).items()
        return sum(file.rows for file in self.files.values() if wanted <= file.partition.items())


Mark = tuple[int, int, int]
_latest: dict[Path, int] = {}


def mark(log: Path, number: int) -> Mark | None:
    """What tells a commit from one of the same number in a table made anew; None where there is none."""
    try:
        found = commit_file(log, number).stat()
    except OSError:
        return None
    return number, found.st_ino, found.st_mtime_ns


def commit_file(log: Path, number: int) -> Path:
    return log / f"{number:020d}.json"


def latest_number(log: Path) -> int:
    """The number of the latest commit, by the names of the log's files alone; -1 where there is none.

    A log of a hundred thousand commits is listed once: from then on only the next name is looked for.
    """
    at = _latest.get(log, -1)
    if at >= 0 and commit_file(log, at).exists():
        while commit_file(log, at + 1).exists():
            at += 1
        _latest[log] = at
        return at
    names = (file.name for file in log.iterdir()) if log.is_dir() else iter(())
    at = max((int(name[:20]) for name in names if name[:20].isdigit() and name.endswith(".json")), default=-1)
    _latest[log] = at
    return at


class Followed:
    """One table's log. Safe for threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path / "_delta_log"
        self._known: tuple[Mark, State] | None = None
        self._lock = Lock()

    def latest(self) -> State | None:
        """The table as it is now, None where it is not there."""
        with self._lock:
            if self._known and mark(self._log, self._known[0][0]) == self._known[0]:
                self._known = self._go_on(*self._known)
            else:
                self._known = self._open()
            return self._known[1] if self._known else None

    def _go_on(self, at: Mark, state: State) -> tuple[Mark, State] | None:
        files = dict(state.files)
        while (later := mark(self._log, at[0] + 1)) is not None:
            removed, added = set(), {}
            for action in actions(commit_file(self._log, later[0])):
                if "metaData" in action or "protocol" in action:
                    return self._open()
                if "remove" in action:
                    removed.add(unquote(action["remove"]["path"]))
                if "add" in action:
                    added[unquote(action["add"]["path"])] = _written(self._path, action["add"])
            files = {path: file for path, file in files.items() if path not in removed} | added
            at = later
        if at[0] == state.version.number:
            return at, state
        return at, State(Version(state.version.table_id, at[0]), state.columns, files)

    def _open(self) -> tuple[Mark, State] | None:
        for _ in range(_TRIES):
            before = mark(self._log, latest_number(self._log))
            if before is None:
                return None
            try:
                state = opened(self._path)
            except TableNotFoundError:
                continue
            # The commit is the same as before, so no table was made anew in between.
            if state.version.number == before[0] and mark(self._log, before[0]) == before:
                return before, state
        return None


def opened(path: Path, version: int | None = None) -> State:
    """A version of the table in a folder, the latest if none is given.

    Raises:
        TableNotFoundError: there is no table.
    """
    delta = DeltaTable(str(path), version=version)
    columns = {field["name"]: field["type"] for field in json.loads(delta.schema().to_json())["fields"]}
    files = dict(_held(path, pa.table(delta.get_add_actions(flatten=True))))
    return State(Version(str(delta.metadata().id), delta.version()), columns, files)


_followed: OrderedDict[Path, Followed] = OrderedDict()
_lock = Lock()


def followed(path: Path) -> Followed:
    """The table of that folder, shared by all who look at it in this process."""
    with _lock:
        found = _followed.pop(path, None) or Followed(path)
        _followed[path] = found
        if len(_followed) > _MOST_TABLES:
            _followed.popitem(last=False)
        return found


def actions(commit: Path) -> Iterator[dict[str, Any]]:
    """What one commit's file says, in its order."""
    with commit.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _written(folder: Path, add: Mapping[str, Any]) -> DataFile:
    stats = json.loads(add.get("stats") or "{}")
    return DataFile(
        _rows(stats.get("numRecords"), folder, add["path"]),
        add["modificationTime"],
        add.get("partitionValues") or {},
        stats.get("minValues", {}),
        stats.get("maxValues", {}),
    )


def _held(folder: Path, adds: pa.Table) -> Iterator[tuple[str, DataFile]]:
    for row in adds.to_pylist():
        rows = _rows(row.get("num_records"), folder, row["path"])
        parts = (_part(row, prefix) for prefix in ("partition.", "min.", "max."))
        yield unquote(row["path"]), DataFile(rows, row["modification_time"], *parts)


def _rows(told: int | None, folder: Path, path: str) -> int:
    """How many rows a file has; where its writer did not say, the file itself does."""
    return int(pq.read_metadata(folder / unquote(path)).num_rows) if told is None else told


def _part(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}
