"""What goes wrong on the way: records late, repeated, shuffled, corrected and malformed, in given shares."""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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
    arriving: list[Event] = []
    for happened, source, text in events:
        late = random_.random() < disorder.late
        arriving.append((happened + random_.uniform(60, span) if late else happened, source, text))
        if random_.random() < disorder.repeated:
            arriving.append((happened + random_.uniform(0, span), source, text))
        if disorder.corrected and random_.random() < disorder.corrected:
            arriving += _corrections(happened + random_.uniform(0, span), source, text, random_)
        if random_.random() < disorder.malformed:
            arriving.append((happened, *_broken(source, random_)))
    if disorder.shuffled:
        random_.shuffle(arriving)
    else:
        arriving.sort(key=lambda event: event[0])
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
