"""A child process with a log file of its own: started, watched, and ended by its own process id."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from fitness_assets.errors import StackError
from fitness_assets.live.processes.logs import put_aside
from fitness_assets.settings.environment import child_environment
from fitness_assets.settings.secrets import Secret

_SHOWN_LINES = 5


class ManagedProcess:
    """One server, in a process group of its own so that a Ctrl-C reaches only its parent.

    Args:
        environment: is added to this process's; a variable that is None is left out.
        secrets: which of this process's it is given.
        options: what else `subprocess.Popen` is to be given, such as a user or a working folder.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str | None],
        secrets: Collection[Secret] = (),
        **options: Any,
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        put_aside(log)
        self.name = name
        self.log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=child_environment(environment, secrets),
                start_new_session=True,
                **options,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait_until(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Wait until the process can be used.

        Raises:
            StackError: it ended, or was not ready in time; with the last lines of its log.
        """
        deadline = time.monotonic() + seconds
        while not is_ready():
            if not self.is_running:
                raise StackError(f"The {self.name} ended at its start:\n{self.last_lines()}\nAll of it: {self.log}")
            if time.monotonic() > deadline:
                self.stop()
                raise StackError(
                    f"The {self.name} was not ready within {seconds:.0f} s:\n{self.last_lines()}\nAll of it: {self.log}"
                )
            time.sleep(0.1)

    def stop(self, seconds: float = 20) -> None:
        """End the process and what it started; kill what does not end in time."""
        if self.is_running:
            self._process.terminate()
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        self._signal_group(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal_group(signal.SIGKILL)
        self._process.wait()

    def last_lines(self) -> str:
        """The end of its log, without the inside of Java's stack traces."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        lines = [line for line in lines if line.strip() and not line.startswith("\tat ")]
        return "\n".join(f"  {line}" for line in lines[-_SHOWN_LINES:])

    def _signal_group(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return
