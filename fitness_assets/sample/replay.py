"""Events replayed at a pace: so many records a second, or so many times faster than they happen."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from math import inf

from fitness_assets.sample.people import Event
from fitness_assets.sample.sink import Sink
from fitness_assets.stop_signal import StopSignal

_BATCH_SIZE = 10_000
_PAUSE_SECONDS = 0.1
_PROGRESS_SECONDS = 5.0


@dataclass(frozen=True)
class Pace:
    """How fast, and for how long.

    Attributes:
        rate: records a second, whatever their times are; without it the events' times decide.
        speed: seconds of the events in one second of ours.
        max_seconds: stop after that many seconds of ours.
        max_records: stop after that many records.
    """

    rate: float | None = None
    speed: float = 1.0
    max_seconds: float = inf
    max_records: float = inf


@dataclass(frozen=True)
class ReplayResult:
    """What was replayed: the records sent, the seconds it took, the records that arrived, by destination."""

    records: int
    seconds: float
    delivered: dict[str, int]

    def __str__(self) -> str:
        delivered = ", ".join(f"{name} {count:,}" for name, count in self.delivered.items())
        return f"{self.records:,} records in {self.seconds:.1f} s; delivered: {delivered}"


def replay(
    events: Iterator[Event],
    start: float,
    sink: Sink,
    pace: Pace,
    stop: StopSignal,
    echo: Callable[[str], None] = lambda line: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> ReplayResult:
    """Send events at the pace until it ends or is stopped, then deliver all that was sent and close the sink.

    Args:
        events: in the order in which they arrive.
        start: the instant of the events that is now, in epoch seconds.
        clock: seconds from any beginning.

    Raises:
        FitnessError: a sink does not take what it is sent; what was sent to the others is delivered first.
    """
    upcoming, sent, started = _Lookahead(events), 0, clock()
    progress = _Progress(echo, started)
    try:
        while not (stop.is_set or upcoming.is_exhausted or sent >= pace.max_records):
            elapsed = min(clock() - started, pace.max_seconds)
            max_size, until = min(_BATCH_SIZE, pace.max_records - sent), inf
            if pace.rate is None:
                until = start + elapsed * pace.speed
            else:
                max_size = min(max_size, int(elapsed * pace.rate) - sent)
            batch = upcoming.take(max_size, until)
            sink.send(batch)
            sent += len(batch)
            if elapsed >= pace.max_seconds:
                break
            progress.report(clock(), sent, sink, batch)
            if len(batch) < _BATCH_SIZE:
                sleep(min(_PAUSE_SECONDS, pace.max_seconds - elapsed))
        sink.close()
    except Exception:  # raised again below
        # What went wrong first says why; that closing fails too only follows from it.
        with suppress(Exception):
            sink.close()
        raise
    return ReplayResult(sent, clock() - started, sink.delivered())


class _Lookahead:
    """Events with the next one in sight."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._next = next(events, None)

    @property
    def is_exhausted(self) -> bool:
        return self._next is None

    def take(self, max_size: float, until: float) -> list[Event]:
        """The next events up to that time, not more than so many."""
        batch: list[Event] = []
        event = self._next
        while event is not None and len(batch) < max_size and event[0] <= until:
            batch.append(event)
            event = next(self._events, None)
        self._next = event
        return batch


class _Progress:
    """A line every few seconds."""

    def __init__(self, echo: Callable[[str], None], started: float) -> None:
        self._echo = echo
        self._reported_at = started
        self._reported_records = 0
        self._event_time: float | None = None

    def report(self, now: float, sent: int, sink: Sink, batch: list[Event]) -> None:
        if batch:
            self._event_time = batch[-1][0]
        seconds = now - self._reported_at
        if seconds < _PROGRESS_SECONDS:
            return
        rate = (sent - self._reported_records) / seconds
        delivered = ", ".join(f"{name} {count:,}" for name, count in sink.delivered().items())
        self._echo(f"{sent:>12,} records {rate:>9,.0f}/s  delivered: {delivered}  event time {self._event_time_text()}")
        self._reported_at, self._reported_records = now, sent

    def _event_time_text(self) -> str:
        if self._event_time is None:
            return "-"
        return f"{datetime.fromtimestamp(self._event_time, timezone.utc):%Y-%m-%d %H:%M:%S}"
