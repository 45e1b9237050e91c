"""Processes of this machine, told apart although their numbers are given again."""

import os
from pathlib import Path

_START_TIME_FIELD = 18
"""Where in /proc/<pid>/stat, counted after the state, the process's beginning stands."""


def start_ticks(pid: int) -> int | None:
    """When a process began, in the kernel's ticks since the machine started; None where it does not run."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return None if state == "Z" else int(fields[_START_TIME_FIELD])


def start_time(pid: int) -> float | None:
    """The same in epoch seconds, as exact as the machine's clock was steady since then."""
    ticks = start_ticks(pid)
    if ticks is None:
        return None
    lines = Path("/proc/stat").read_text(encoding="utf-8").splitlines()
    boot_time = next(int(line.split()[1]) for line in lines if line.startswith("btime"))
    return boot_time + ticks / os.sysconf("SC_CLK_TCK")


def is_alive(pid: int) -> bool:
    """Whether some process has the number; all that can be told where there is no /proc."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
