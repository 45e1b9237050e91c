"""One writer a table, whatever starts it: two runs at once, of Dagster or by hand, take turns."""

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fitness_assets.errors import LockTimeoutError

log = logging.getLogger("fitness_assets")

PATIENCE_SECONDS = 1800.0
_POLL_SECONDS = 0.1


@contextmanager
def table_lock(table: str, state: Path, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the table while its update goes on. The lock goes with the process, so a killed one leaves none.

    Args:
        state: the folder that the lock lies in.

    Raises:
        LockTimeoutError: another process did not let go of it in time.
    """
    state.mkdir(parents=True, exist_ok=True)
    with (state / "writer.lock").open("a+", encoding="utf-8") as file:
        until, told = time.monotonic() + patience, False
        while not _taken(file.fileno()):
            file.seek(0)
            owner = file.read().strip() or "unknown"
            if time.monotonic() > until:
                raise LockTimeoutError(
                    f"{table} has been held by process {owner} for {patience / 60:.0f} minutes. Look at what it does, "
                    f"end it if it hangs, and start again; nothing is lost."
                )
            if not told:
                log.info("%s is being updated by process %s; waiting for it.", table, owner)
                told = True
            time.sleep(_POLL_SECONDS)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
