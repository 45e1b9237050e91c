"""Log files of bounded size, of processes that know nothing of it.

A child writes to a file that was opened to append, so it goes on at the new end when the file is cut under it.
"""

import os
import shutil
from itertools import pairwise
from pathlib import Path

MAX_LOG_BYTES = 2 * 1024 * 1024
KEPT_LOGS = 2
"""So many older ones lie beside a log: `engine.log.1` is younger than `engine.log.2`."""


def put_aside(log: Path) -> None:
    """Keep what an earlier process wrote, as the youngest of the older logs: a crash is told in its last lines."""
    if log.exists() and log.stat().st_size:
        log.replace(_make_room(log))


def bound_log(log: Path, max_bytes: int = MAX_LOG_BYTES) -> None:
    """Put aside what a process wrote so far if it is too much, while the process goes on.

    Lines that it writes in this very moment may be lost.
    """
    try:
        if log.stat().st_size <= max_bytes:
            return
    except FileNotFoundError:
        return
    older = _make_room(log)
    try:
        shutil.copyfile(log, older)
    except OSError:  # a disk without room: what the log holds is given up, and makes some
        older.unlink(missing_ok=True)
    os.truncate(log, 0)


def _make_room(log: Path) -> Path:
    """Let the older logs grow a number older, the oldest go, and give the name of the youngest."""
    names = [log.with_name(f"{log.name}.{number}") for number in range(1, KEPT_LOGS + 1)]
    for younger, older in reversed(list(pairwise(names))):
        if younger.exists():
            younger.replace(older)
    return names[0]
