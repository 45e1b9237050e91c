"""People and what happens to them, as events in the forms of the contract."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

DAY = 86_400
FIRST_DAY = 1_753_056_000
"""2025-07-21T00:00:00Z, a Monday, in epoch seconds."""
_FIRST = ("Leslie", "Ana", "Noor", "Wei", "Zoë", "José", "Anke", "Priya", "Olu", "Søren", "Yuki", "Ivan", "Chloé")
_LAST = ("Johnson", "Okafor", "Müller", "García", "Chen", "Novák", "Haddad", "Tanaka", "Silva", "O'Neil", "Kaya")
_PLACES = [("Pearblossom", "CA", 93553), ("Austin", "TX", 78701), ("Portland", "OR", 97201), ("Española", "NM", 87532)]
_STREETS = ("Oak Street", "Cedar Lane", "Hill Road", "Río Grande Blvd", "2nd Avenue")

Event = tuple[float, str, str]
"""When it happened (epoch seconds), the landing folder or topic, and the line or JSON text."""


@dataclass(frozen=True)
class Person:
    """One wearer: ids, age and how the heart answers to effort."""

    user_id: int
    device_id: int
    mac_address: str
    born: int
    resting: float
    highest: float

    @classmethod
    def at(cls, number: int, random_: random.Random) -> "Person":
        born = random_.randint(1935, 2012)
        return cls(
            user_id=10_000 + number,
            device_id=100_000 + number * 7,
            mac_address=":".join(f"{random_.randint(0, 255):02x}" for _ in range(6)),
            born=born,
            resting=random_.uniform(52, 74),
            highest=208 - 0.7 * (2025 - born) + random_.uniform(-6, 6),
        )


def life(person: Person, days: int, every: int, random_: random.Random, effort: np.random.Generator) -> Iterator[Event]:
    """All events of one person, in the order in which they happen day by day.

    Args:
        every: the seconds from one heart rate to the next.
    """
    joined = FIRST_DAY + random_.randint(0, 6 * 3600)
    yield joined, "registered_users_bz", f"{person.user_id},{person.device_id},{person.mac_address},{joined}"
    yield profile_event(person, joined + 60.0, "new", random_)
    session = 0
    for day in range(days):
        morning = FIRST_DAY + day * DAY
        if random_.random() < 0.04:
            yield profile_event(person, morning + 3 * 3600.5, "update", random_)
        if random_.random() < 0.005:
            yield profile_event(person, morning + 4 * 3600.25, "delete", random_)
        for hour in (7, 18):
            if random_.random() < 0.45:
                session += 1
                login = morning + hour * 3600 + random_.randint(0, 5400)
                yield from _visit(person, login, session, every, random_, effort)


def _visit(
    person: Person, login: int, session: int, every: int, random_: random.Random, effort: np.random.Generator
) -> Iterator[Event]:
    gym = random_.randint(1, 8)
    start = login + random_.randint(120, 900)
    length = random_.randint(15 * 60, 70 * 60)
    stop = start + length
    logout = stop + random_.randint(120, 1500)
    workout = session % 5 + 1
    yield login, "gym_logins_bz", f"{person.mac_address},{gym},{login},"
    yield workout_event(person, workout, session, start, "start")
    yield from _readings(person, start - 60, length + 240, 60, length, effort)[::every]
    if random_.random() > 0.02:
        yield workout_event(person, workout, session, stop, "stop")
    yield logout, "gym_logins_bz", f"{person.mac_address},{gym},{login},{logout}"


def _readings(
    person: Person, begin: int, seconds: int, warm: int, length: int, effort: np.random.Generator
) -> list[Event]:
    """One reading a second from `begin` on."""
    head, device = '{"device_id": ', person.device_id
    return [
        (begin + offset, "bpm", f'{head}{device}, "time": {begin + offset}.0, "heartrate": {bpm}}}')
        for offset, bpm in enumerate(heart_rates(person, seconds, warm, length, effort).tolist())
    ]


def heart_rates(
    person: Person, seconds: int, warm: int, length: int, effort: np.random.Generator
) -> npt.NDArray[np.float64]:
    """One heart rate a second, in beats a minute: it rises with effort and recovers after it.

    Args:
        seconds: how many in all.
        warm: the second in which the effort begins.
        length: the seconds of effort.
    """
    second = np.arange(seconds)
    level = person.resting + (person.highest - person.resting) * effort.uniform(0.55, 0.9)
    rising = level - (level - person.resting) * np.exp(-np.clip(second - warm, 0, None) / 150)
    peak = float(rising[min(warm + length, seconds - 1)])
    recovering = person.resting + (peak - person.resting) * np.exp(-np.clip(second - warm - length, 0, None) / 80)
    rate = np.where(second < warm + length, rising, recovering) + effort.normal(0, 1.5, seconds)
    rate = np.round(rate, 1)
    rate[effort.random(seconds) < 0.001] = -1.0
    return rate


def workout_event(person: Person, workout: int, session: int, time: int, action: str) -> Event:
    """A `start` or `stop` of a workout."""
    event = {
        "user_id": person.user_id,
        "workout_id": workout,
        "timestamp": float(time),
        "action": action,
        "session_id": session,
    }
    return float(time), "workout", json.dumps(event)


def profile_event(person: Person, time: float, update_type: str, random_: random.Random) -> Event:
    """A `new` profile, an `update` or a `delete`."""
    city, state, code = random_.choice(_PLACES)
    event = {
        "user_id": person.user_id,
        "update_type": update_type,
        "timestamp": time,
        "dob": f"{random_.randint(1, 12):02d}/{random_.randint(1, 28):02d}/{person.born}",
        "sex": random_.choice("FM"),
        "gender": random_.choice(["F", "M", "NB"]),
        "first_name": random_.choice(_FIRST),
        "last_name": random_.choice(_LAST),
        "address": {
            "street_address": f"{random_.randint(1, 9999)} {random_.choice(_STREETS)}",
            "city": city,
            "state": state,
            "zip": code,
        },
    }
    return time, "user_info", json.dumps(event, ensure_ascii=False)
