"""What an earlier stack left running because it was itself killed: found again by process id and start time."""

import json
import os
import signal
import time
from pathlib import Path

from fitness_assets.process import ticks


class LeftOver:
    """A note of the processes that a stack started."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def note(self, pids: dict[str, int]) -> None:
        found = {name: [pid, began] for name, pid in pids.items() if (began := ticks(pid)) is not None}
        new = self._file.with_suffix(".tmp")
        new.write_text(json.dumps(found), encoding="utf-8")
        new.replace(self._file)

    def end(self, seconds: float = 20) -> list[str]:
        """End what still runs; the names."""
        try:
            noted = json.loads(self._file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return []
        running = {name: pid for name, (pid, began) in noted.items() if ticks(pid) == began}
        for pid in running.values():
            _signal(pid, signal.SIGTERM)
        until = time.monotonic() + seconds
        while any(ticks(pid) == noted[name][1] for name, pid in running.items()):
            if time.monotonic() > until:
                for pid in running.values():
                    _signal(pid, signal.SIGKILL)
            time.sleep(0.2)
        self._file.unlink(missing_ok=True)
        return list(running)


def _signal(pid: int, number: signal.Signals) -> None:
    """To its whole group: each child of the stack leads one."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return
