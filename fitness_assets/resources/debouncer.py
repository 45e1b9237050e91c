"""Run requests that follow each other within seconds are one."""

import time
from collections.abc import Callable
from threading import Lock

_QUIET_SECONDS = 5.0
"""So long it may take until the instance knows a run that was requested."""


class RunRequestDebouncer:
    """Lets the first of several sensors request a run, and none of the others for a few seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._admitted_at = float("-inf")

    def admits(self) -> bool:
        """Whether a run may be requested now; who is told so has requested it."""
        with self._lock:
            now = self._clock()
            is_first = now - self._admitted_at > _QUIET_SECONDS
            self._admitted_at = now if is_first else self._admitted_at
            return is_first
