"""Where long work says how far it is, for whoever looks on: a terminal, a run's log."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Report = Callable[[str], None]
_INTERVAL_SECONDS = 5.0
_report: ContextVar[Report] = ContextVar("report", default=lambda text: None)


@contextmanager
def reporting_to(report: Report) -> Iterator[None]:
    """Within, what is reported in this thread goes there."""
    token = _report.set(report)
    try:
        yield
    finally:
        _report.reset(token)


class Pace:
    """How far some work is, told every few seconds once it takes that long.

    Args:
        total: how much there is, in a unit of its own, such as bytes.
        clock: seconds that only go forward.
    """

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._began = self._told = clock()
        self._rows = 0

    def advance(self, rows: int, done: int) -> None:
        """Take note of more rows, and of how much of the total is done."""
        self._rows += rows
        now = self._clock()
        if now - self._told < _INTERVAL_SECONDS:
            return
        self._told = now
        seconds, share = now - self._began, min(done / self._total, 1.0) if self._total else 0.0
        left = f", about {seconds / share - seconds:,.0f} s left" if share else ""
        _report.get()(f"{self._rows:,} rows, {share:.0%}, {self._rows / seconds:,.0f} rows a second{left}")
