"""What an earlier stack left running because it was itself killed: found again by process id and start time."""

import json
import os
import signal
import time
from pathlib import Path

from fitness_assets.private_files import write_private
from fitness_assets.process import start_ticks


class StartedProcesses:
    """A note of the processes that a stack started, by name: id and start time."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def save(self, pids: dict[str, int]) -> None:
        """Note these processes, and no others."""
        started = {name: [pid, ticks] for name, pid in pids.items() if (ticks := start_ticks(pid)) is not None}
        write_private(self._file, json.dumps(started))

    def end_orphans(self, seconds: float = 20) -> list[str]:
        """End what still runs; the names."""
        try:
            started = json.loads(self._file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return []
        orphans = {name: (pid, ticks) for name, (pid, ticks) in started.items() if start_ticks(pid) == ticks}
        for pid, _ in orphans.values():
            _signal_group(pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while any(start_ticks(pid) == ticks for pid, ticks in orphans.values()):
            if time.monotonic() > deadline:
                for pid, _ in orphans.values():
                    _signal_group(pid, signal.SIGKILL)
            time.sleep(0.2)
        self._file.unlink(missing_ok=True)
        return list(orphans)


def _signal_group(pid: int, number: signal.Signals) -> None:
    """Each process of the stack leads a group of its own."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return
