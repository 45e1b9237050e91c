"""One holder at a time among the processes of this machine: two runs at once, of Dagster or by hand, take turns."""

import fcntl
import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timezone
from pathlib import Path

from fitness_assets.errors import LockTimeoutError, LockUnavailableError
from fitness_assets.private_files import private_temporary_folder

log = logging.getLogger("fitness_assets")

_POLL_SECONDS = 0.1


@contextmanager
def file_lease(path: Path, purpose: str, patience: float) -> Iterator[None]:
    """Hold a file's lock. It goes with the process, so a killed one leaves none.

    Raises:
        LockTimeoutError: another process did not let go of it in time.
        LockUnavailableError: the file system knows no locks.
    """
    deadline, has_logged = time.monotonic() + patience, False
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+", encoding="utf-8") as file:
            if acquire_file(file.fileno(), path, is_waiting=False):
                if not is_same_file(file.fileno(), path):
                    continue
                file.truncate(0)
                file.write(f"{os.getpid()} on {socket.gethostname()}, since {_now()}")
                file.flush()
                yield
                return
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


def machine_lease(address: str, purpose: str, patience: float) -> AbstractContextManager[None]:
    """Hold a name of a volume, which has no locks: the lease lies on this machine.

    Delta makes the slower of two clusters lose.

    Raises:
        LockUnavailableError: there is no folder for locks on this machine.
    """
    try:
        folder = private_temporary_folder() / "leases"
    except OSError as error:
        raise LockUnavailableError(f"There is no folder for locks on this machine: {error}") from error
    return file_lease(folder / address.strip("/").replace("/", "_"), purpose, patience)


def acquire_file(descriptor: int, path: Path, is_waiting: bool) -> bool:
    """Lock an open file; whether that was done. Without waiting somebody else may hold it.

    Raises:
        LockUnavailableError: the file system knows no locks.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if is_waiting else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        raise LockUnavailableError(
            f"{path.parent} cannot be used: its file system cannot lock files ({error.strerror}), and two runs at once "
            f"would not take turns. Let FITNESS_BASE_DIR lie on a disk of the machine, or on a share with locks."
        ) from error
    return True


def is_same_file(descriptor: int, path: Path) -> bool:
    """Whether an open file is the one of that name: whoever held it before may have removed or moved it."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
