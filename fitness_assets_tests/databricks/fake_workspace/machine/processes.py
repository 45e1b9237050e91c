"""A task's process: started in a group of its own, watched, and ended with all it started."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from fitness_assets_tests.databricks.fake_workspace.run_states import FAILED, SUCCESS, RunState

POLL_SECONDS = 0.03


def start(command: list[str], environment: dict[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    """Starts a command in `folder`, which gets its `stdout` and `stderr`."""
    with (folder / "stdout").open("wb") as stdout, (folder / "stderr").open("wb") as stderr:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )


def watch(
    process: "subprocess.Popen[bytes]",
    stop_state: Callable[[], RunState | None],
    before_stop: Callable[[], None],
    grace_seconds: float,
) -> RunState:
    """Until the process ends, or is to be stopped.

    Args:
        process: What `start` gave.
        stop_state: Asked all the time; the state with which to stop, or None.
        before_stop: Called before the first signal is sent.
        grace_seconds: Between TERM and KILL.
    """
    try:
        while process.poll() is None:
            state = stop_state()
            if state:
                before_stop()
                _signal_group(process.pid, signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(grace_seconds)
                return state
            time.sleep(POLL_SECONDS)
    finally:
        # What the task left running goes with its cluster.
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()
    return FAILED if process.returncode else SUCCESS


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)
