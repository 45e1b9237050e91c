"""What a program costs: wall, processor time and memory of it and all its children, and what it read and wrote."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_INTERVAL = 0.2
_TICKS = os.sysconf("SC_CLK_TCK")
_NOTHING = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Cost:
    """What a program cost.

    Attributes:
        wall: seconds.
        cpu: seconds of processor time, those of its children included.
        memory: the most megabytes that it and its children held at one time; pages that they share count once.
        read: megabytes read from files, whether the disk was asked or not.
        written: megabytes handed to the file system.
    """

    wall: float
    cpu: float = 0.0
    memory: float = 0.0
    read: float = 0.0
    written: float = 0.0


def run_measured(command: Sequence[str], variables: Mapping[str, str], output: Path) -> Cost:
    """Run a program to its end and say what it cost.

    Args:
        variables: what is added to the environment.
        output: the file that takes what it prints.

    Raises:
        SystemExit: it failed; with the end of what it printed.
    """
    began = time.perf_counter()
    with output.open("wb") as out:
        process = subprocess.Popen(command, env={**os.environ, **variables}, stdout=out, stderr=subprocess.STDOUT)
        watch = Watch(process.pid)
        status = process.wait()
    cost = watch.stop(time.perf_counter() - began)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} ended with {status}:\n{output.read_text(errors='replace')[-2000:]}")
    return cost


def measured(work: Callable[[], object]) -> Cost:
    """Do something in this process and say what it cost, its children included."""
    watch, began = Watch(os.getpid()), time.perf_counter()
    work()
    return watch.stop(time.perf_counter() - began)


class Watch:
    """Looks at a process and its children, from now on until it is stopped."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._began = _uptime_ticks()
        self._before = _usage(pid)
        self._last = dict(self._before)
        self._memory = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self, wall: float) -> Cost:
        """What it cost since the watch began."""
        self._look_once()
        self._over.set()
        self._thread.join()
        # A process that was there and could not be looked at when the watch began is none of its work.
        counted = {
            pid: (now, self._before.get(pid, _NOTHING))
            for pid, now in self._last.items()
            if pid in self._before or now[3] >= self._began
        }
        cpu, read, written = (sum(now[place] - before[place] for now, before in counted.values()) for place in range(3))
        return Cost(wall, cpu, self._memory, read / 1e6, written / 1e6)

    def _look(self) -> None:
        while not self._over.wait(_INTERVAL):
            self._look_once()

    def _look_once(self) -> None:
        self._last |= _usage(self._pid)
        self._memory = max(self._memory, sum(_proportional_megabytes(pid) for pid in _tree(self._pid)))


def _uptime_ticks() -> float:
    return float(Path("/proc/uptime").read_text().split()[0]) * _TICKS - 1


def _usage(pid: int) -> dict[int, tuple[float, float, float, float]]:
    """Processor seconds, bytes read and bytes written so far, and when it began in ticks, by process."""
    found = {}
    for each in _tree(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            io = dict(line.split(": ") for line in Path(f"/proc/{each}/io").read_text().splitlines())
        except OSError:
            continue
        used = (int(fields[11]) + int(fields[12])) / _TICKS
        found[each] = (used, float(io["rchar"]), float(io["wchar"]), float(fields[19]))
    return found


def _tree(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        threads = Path(f"/proc/{pid}/task").iterdir()
        children = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(below for child in children for below in _tree(child))]


def _proportional_megabytes(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0
