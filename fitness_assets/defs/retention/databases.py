"""The databases of an instance of one machine, made smaller on disk: SQLite itself keeps what was freed for later."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dagster import DagsterInstance

# The names of the files have no public name; Dagster's version is pinned.
from dagster._core.instance import RUNLESS_RUN_ID
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage

_WORTH_SHRINKING_BYTES = 1024 * 1024
_WORTH_SHRINKING_SHARE = 0.25
_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class ShrunkDatabases:
    """By how much databases became smaller, and those that somebody else used."""

    freed_bytes: int
    locked: tuple[str, ...]


def shrink_databases(instance: DagsterInstance) -> ShrunkDatabases:
    """Write those databases anew of which a good part is free. They stay as they are where somebody uses them."""
    freed_bytes, locked = 0, []
    for file in _files(instance):
        try:
            freed_bytes += _shrink(file)
        except sqlite3.OperationalError:  # locked for long, or no room on the disk for a second one
            locked.append(file.name)
    return ShrunkDatabases(freed_bytes, tuple(locked))


def _files(instance: DagsterInstance) -> list[Path]:
    """The databases that last; those of single runs go with their run."""
    storage = instance.event_log_storage
    if not isinstance(storage, SqliteEventLogStorage):
        return []
    index = Path(storage.path_for_shard(INDEX_SHARD_NAME))
    history = index.parent.parent
    files = [
        index,
        Path(storage.path_for_shard(RUNLESS_RUN_ID)),
        history / "runs.db",
        history.parent / "schedules" / "schedules.db",
    ]
    return [file for file in files if file.exists()]


def _shrink(file: Path) -> int:
    """Write one database anew where that is worth it; by how many bytes it is smaller.

    Raises:
        sqlite3.OperationalError: somebody else uses it.
    """
    before = file.stat().st_size
    with closing(sqlite3.connect(file, timeout=_PATIENCE_SECONDS, isolation_level=None)) as connection:
        free = _pragma(connection, "freelist_count") * _pragma(connection, "page_size")
        if free < max(_WORTH_SHRINKING_BYTES, before * _WORTH_SHRINKING_SHARE):
            return 0
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return before - file.stat().st_size


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    ((value,),) = connection.execute(f"PRAGMA {name}").fetchall()
    return int(value)
