"""Waiting for what happens in another process."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], seconds: float, interval: float = 0.1) -> None:
    """Wait until something is so; the test fails where it is not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen within {seconds:g} s"
        time.sleep(interval)
