"""What goes wrong on the way: records late, repeated, shuffled, corrected and malformed, in given shares."""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from operator import itemgetter

from fitness_assets.sample.people import Event

_BROKEN_EVENTS = (
    '{"device_id": 1, "time": 17530',
    '{"device_id": "abc", "time": 1753056000.0, "heartrate": 70.0}',
    '{"device_id": 100007, "heartrate": 70.0}',
    '{"device_id": 100007, "time": 1753056000.0, "heartrate": NaN}',
    '{"device_id": 100007, "time": 1753056000.0, "heartrate": 70.0} and more',
)
_BROKEN_LINES = {"registered_users_bz": "abc,1,aa:bb,1753056000", "gym_logins_bz": "aa:bb,1,1753056000,1753052400"}


@dataclass(frozen=True)
class Disorder:
    """Shares between 0 and 1.

    Attributes:
        late: records that arrive in a later file than they belong in.
        repeated: records that arrive twice.
        corrected: workouts and visits whose times are corrected afterwards.
        malformed: further records that a rule must refuse.
        shuffled: whether all records arrive in no order at all.
    """

    late: float = 0.0
    repeated: float = 0.0
    corrected: float = 0.0
    malformed: float = 0.0
    shuffled: bool = False


def disturbed(events: Iterable[Event], disorder: Disorder, seed: int, span: float) -> list[Event]:
    """The events in the order in which they arrive; the first element becomes the time of arrival.

    Args:
        span: the seconds that all events cover; a late record arrives up to that much later.
    """
    random_ = random.Random(seed)
    arriving = [arrival for event in events for arrival in _arrivals(event, disorder, random_, span)]
    if disorder.shuffled:
        random_.shuffle(arriving)
    else:
        arriving.sort(key=itemgetter(0))
    return arriving


def disturbed_on_the_way(events: Iterable[Event], disorder: Disorder, seed: int, span: float) -> Iterator[Event]:
    """The same for events without end that come in the order of their times: it holds only what is still under way.

    `shuffled` has no meaning here.

    Args:
        span: a late record arrives up to that many seconds later.
    """
    random_ = random.Random(seed)
    under_way: list[Event] = []
    for event in events:
        now = event[0]
        while under_way and under_way[0][0] <= now:
            yield heappop(under_way)
        for arrival in _arrivals(event, disorder, random_, span):
            if arrival[0] > now:
                heappush(under_way, arrival)
            else:
                yield arrival
    yield from sorted(under_way)


def _arrivals(event: Event, disorder: Disorder, random_: random.Random, span: float) -> list[Event]:
    """What arrives of one event, and when."""
    happened, source, text = event
    late = random_.random() < disorder.late
    arriving = [(happened + random_.uniform(60, span), source, text) if late else event]
    if random_.random() < disorder.repeated:
        arriving.append((happened + random_.uniform(0, span), source, text))
    if disorder.corrected and random_.random() < disorder.corrected:
        arriving += _corrections(happened + random_.uniform(0, span), source, text, random_)
    if random_.random() < disorder.malformed:
        arriving.append((happened, *_broken(source, random_)))
    return arriving


def _corrections(at: float, source: str, text: str, random_: random.Random) -> Iterator[Event]:
    """A workout that began or ended earlier than was said; a visit that ended later."""
    if source == "workout":
        event = json.loads(text)
        event["timestamp"] -= random_.randint(30, 600)
        yield at, source, json.dumps(event)
    if source == "gym_logins_bz" and not text.endswith(","):
        mac, gym, login, logout = text.split(",")
        yield at, source, f"{mac},{gym},{login},{int(logout) + random_.randint(30, 600)}"


def _broken(source: str, random_: random.Random) -> tuple[str, str]:
    if source in _BROKEN_LINES:
        return source, _BROKEN_LINES[source]
    return "bpm", random_.choice(_BROKEN_EVENTS)
