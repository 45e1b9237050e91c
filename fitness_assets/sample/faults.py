"""What goes wrong on the way: records late, repeated, shuffled, corrected and malformed, in given shares."""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from operator import itemgetter

from fitness_assets.sample.people import Event

_MALFORMED_RECORDS = (
    '{"device_id": 1, "time": 17530',
    '{"device_id": "abc", "time": 1753056000.0, "heartrate": 70.0}',
    '{"device_id": 100007, "heartrate": 70.0}',
    '{"device_id": 100007, "time": 1753056000.0, "heartrate": NaN}',
    '{"device_id": 100007, "time": 1753056000.0, "heartrate": 70.0} and more',
)
_MALFORMED_LINES = {
    "registered_users_bz": "abc,1,aa:bb,1753056000",
    "gym_logins_bz": "aa:bb,1,1753056000,1753052400",
}


@dataclass(frozen=True)
class Faults:
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


def apply_faults(events: Iterable[Event], faults: Faults, seed: int, max_delay: float) -> list[Event]:
    """The events in the order in which they arrive; the first element becomes the time of arrival.

    Args:
        max_delay: a late record arrives up to that many seconds later.
    """
    random_ = random.Random(seed)
    arrivals = [arrival for event in events for arrival in _arrivals(event, faults, random_, max_delay)]
    if faults.shuffled:
        random_.shuffle(arrivals)
    else:
        arrivals.sort(key=itemgetter(0))
    return arrivals


def apply_faults_live(events: Iterable[Event], faults: Faults, seed: int, max_delay: float) -> Iterator[Event]:
    """The same for events without end that come in the order of their times: it holds only what is still under way.

    `shuffled` has no meaning here.
    """
    random_ = random.Random(seed)
    under_way: list[Event] = []
    for event in events:
        now = event[0]
        while under_way and under_way[0][0] <= now:
            yield heappop(under_way)
        for arrival in _arrivals(event, faults, random_, max_delay):
            if arrival[0] > now:
                heappush(under_way, arrival)
            else:
                yield arrival
    yield from sorted(under_way)


def _arrivals(event: Event, faults: Faults, random_: random.Random, max_delay: float) -> list[Event]:
    """What arrives of one event, and when."""
    happened, source, text = event
    is_late = random_.random() < faults.late
    arrivals = [(happened + random_.uniform(60, max_delay), source, text) if is_late else event]
    if random_.random() < faults.repeated:
        arrivals.append((happened + random_.uniform(0, max_delay), source, text))
    if faults.corrected and random_.random() < faults.corrected:
        arrivals += _corrections(happened + random_.uniform(0, max_delay), source, text, random_)
    if random_.random() < faults.malformed:
        arrivals.append((happened, *_malformed(source, random_)))
    return arrivals


def _corrections(arrival_time: float, source: str, text: str, random_: random.Random) -> Iterator[Event]:
    """A workout that began or ended earlier than was said; a visit that ended later."""
    if source == "workout":
        event = json.loads(text)
        event["timestamp"] -= random_.randint(30, 600)
        yield arrival_time, source, json.dumps(event)
    if source == "gym_logins_bz" and not text.endswith(","):
        mac_address, gym, login, logout = text.split(",")
        yield arrival_time, source, f"{mac_address},{gym},{login},{int(logout) + random_.randint(30, 600)}"


def _malformed(source: str, random_: random.Random) -> tuple[str, str]:
    """The source and the text of a record that must be refused."""
    if source in _MALFORMED_LINES:
        return source, _MALFORMED_LINES[source]
    return "bpm", random_.choice(_MALFORMED_RECORDS)
