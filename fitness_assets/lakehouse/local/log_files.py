"""The files of a table's transaction log: their names, what tells one commit from another, and what is in one."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fitness_assets.errors import TableUnreadableError

_DIGEST_BYTES = 8
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
    """The actions of one commit's file, in its order.

    Raises:
        TableUnreadableError: it is torn, or no commit at all.
    """
    with commit.open(encoding="utf-8") as lines:
        try:
            for line in lines:
                yield json.loads(line)
        except ValueError as error:
            raise TableUnreadableError(
                f"The commit {commit} is damaged: {error}. Where it is the last one of its table, remove it: the next "
                f"run does again what it did. Otherwise put the table back from a backup (fitness-assets restore)."
            ) from error


def commit_digest(log: Path, number: int) -> str:
    """What the commit of that number is, as a text; empty where the log does not have it.

    A table that is put back from a backup, or is restored, can have another commit of the same number.
    """
    try:
        content = commit_file(log, number).read_bytes()
    except FileNotFoundError:
        return ""
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
