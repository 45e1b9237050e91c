"""One holder at a time among the processes of this machine: two runs at once, of Dagster or by hand, take turns."""

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fitness_assets.errors import LockTimeoutError

log = logging.getLogger("fitness_assets")

_POLL_SECONDS = 0.1


@contextmanager
def file_lease(path: Path, purpose: str, patience: float) -> Iterator[None]:
    """Hold a file's lock. It goes with the process, so a killed one leaves none.

    Raises:
        LockTimeoutError: another process did not let go of it in time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        deadline, has_logged = time.monotonic() + patience, False
        while not _try_acquire(file.fileno()):
            file.seek(0)
            owner = file.read().strip() or "unknown"
            if time.monotonic() > deadline:
                raise LockTimeoutError(
                    f"{purpose} has been held by process {owner} for {patience / 60:.0f} minutes. Look at what it "
                    f"does, end it if it hangs, and start again; nothing is lost."
                )
            if not has_logged:
                log.info("%s is being updated by process %s; waiting for it.", purpose, owner)
                has_logged = True
            time.sleep(_POLL_SECONDS)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _try_acquire(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
