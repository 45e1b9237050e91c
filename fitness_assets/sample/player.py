"""Events played at a pace: so many records a second, or so many times faster than they happen."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from math import inf
from types import FrameType, TracebackType

from fitness_assets.sample.people import Event
from fitness_assets.sample.sinks import Sink

_AT_ONCE = 10_000
_TICK = 0.1
_PROGRESS_EVERY = 5.0


@dataclass(frozen=True)
class Pace:
    """How fast, and for how long.

    Attributes:
        rate: records a second, whatever their times are; without it the events' times decide.
        speed: seconds of the events in one second of ours.
        seconds: stop after that many seconds of ours.
        records: stop after that many records.
    """

    rate: float | None = None
    speed: float = 1.0
    seconds: float = inf
    records: float = inf


@dataclass(frozen=True)
class Played:
    """What was played: the records sent, the seconds it took, the records that arrived, by destination."""

    records: int
    seconds: float
    delivered: dict[str, int]

    def __str__(self) -> str:
        where = ", ".join(f"{name} {count:,}" for name, count in self.delivered.items())
        return f"{self.records:,} records in {self.seconds:.1f} s; delivered: {where}"


class Stop:
    """Whether Ctrl-C or SIGTERM has asked us to stop; a second one has its usual effect at once."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> "Stop":
        self._usual = {one: signal.signal(one, self._ask) for one in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for one, usual in self._usual.items():
            signal.signal(one, usual)

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until we are asked to stop; whether we are."""
        until = time.monotonic() + seconds
        while not self.asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))
        return self.asked

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(number, self._usual[signal.Signals(number)])


def play(
    events: Iterator[Event],
    start: float,
    sink: Sink,
    pace: Pace,
    stop: Stop,
    say: Callable[[str], None] = lambda line: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Played:
    """Send events at the pace until it ends or is stopped, then deliver all that was sent and close the sink.

    Args:
        events: in the order in which they arrive.
        start: the instant of the events that is now, in epoch seconds.
        clock: seconds from any beginning.

    Raises:
        FitnessError: a sink does not take what it is sent; what was sent to the others is delivered first.
    """
    coming, sent, began = _Coming(events), 0, clock()
    progress = _Progress(say, began)
    try:
        while not (stop.asked or coming.over or sent >= pace.records):
            elapsed = min(clock() - began, pace.seconds)
            most, until = min(_AT_ONCE, pace.records - sent), inf
            if pace.rate is None:
                until = start + elapsed * pace.speed
            else:
                most = min(most, int(elapsed * pace.rate) - sent)
            batch = coming.take(most, until)
            sink.send(batch)
            sent += len(batch)
            if elapsed >= pace.seconds:
                break
            progress.tell(clock(), sent, sink, batch)
            if len(batch) < _AT_ONCE:
                sleep(min(_TICK, pace.seconds - elapsed))
        sink.close()
    except Exception:  # raised again below
        # What went wrong first says why; that closing fails too only follows from it.
        with suppress(Exception):
            sink.close()
        raise
    return Played(sent, clock() - began, sink.delivered())


class _Coming:
    """Events with the next one in sight."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._next = next(events, None)

    @property
    def over(self) -> bool:
        return self._next is None

    def take(self, most: float, until: float) -> list[Event]:
        taken: list[Event] = []
        event = self._next
        while event is not None and len(taken) < most and event[0] <= until:
            taken.append(event)
            event = next(self._events, None)
        self._next = event
        return taken


class _Progress:
    """A line every few seconds."""

    def __init__(self, say: Callable[[str], None], began: float) -> None:
        self._say = say
        self._told = began
        self._sent = 0
        self._at: float | None = None

    def tell(self, now: float, sent: int, sink: Sink, batch: list[Event]) -> None:
        if batch:
            self._at = batch[-1][0]
        passed = now - self._told
        if passed < _PROGRESS_EVERY:
            return
        delivered = ", ".join(f"{name} {count:,}" for name, count in sink.delivered().items())
        at = "-" if self._at is None else f"{datetime.fromtimestamp(self._at, timezone.utc):%Y-%m-%d %H:%M:%S}"
        rate = (sent - self._sent) / passed
        self._say(f"{sent:>12,} records {rate:>9,.0f}/s  delivered: {delivered}  event time {at}")
        self._told, self._sent = now, sent
