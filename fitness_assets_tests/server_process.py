"""A server that a test needs: started, waited for until it answers, and ended by its own process id."""

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_SECONDS = 60


class ServerProcess:
    """One process with a log.

    Args:
        answers: asks the server something; it raises `not_yet` while the server is not ready.
        more: what else `Popen` is to be given.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        log: Path,
        answers: Callable[[], object],
        not_yet: type[Exception] = OSError,
        **more: Any,
    ) -> None:
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, cwd=log.parent, **more)
        try:
            self._wait(answers, not_yet)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _wait(self, answers: Callable[[], object], not_yet: type[Exception]) -> None:
        until = time.monotonic() + _SECONDS
        while True:
            said = self._log.read_text(encoding="utf-8", errors="replace")
            assert self._process.poll() is None, said
            try:
                answers()
                return
            except not_yet:
                assert time.monotonic() < until, said
                time.sleep(0.1)
