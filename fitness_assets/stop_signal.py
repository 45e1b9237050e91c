"""Ctrl-C and SIGTERM as a wish to end well."""

import signal
import time
from types import FrameType, TracebackType


class StopSignal:
    """Whether Ctrl-C or SIGTERM has asked us to stop; a second one has its usual effect at once."""

    def __init__(self) -> None:
        self.is_set = False

    def __enter__(self) -> "StopSignal":
        self._usual_handlers = {number: signal.signal(number, self._set) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._usual_handlers.items():
            signal.signal(number, handler)

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until we are asked to stop; whether we are."""
        deadline = time.monotonic() + seconds
        while not self.is_set and (remaining := deadline - time.monotonic()) > 0:
            time.sleep(min(remaining, 0.1))
        return self.is_set

    def _set(self, number: int, frame: FrameType | None) -> None:
        self.is_set = True
        signal.signal(number, self._usual_handlers[signal.Signals(number)])
