"""People and what happens to them, as events in the forms of the contract."""

import json
import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FIRST_DAY = 1_753_056_000
"""2025-07-21T00:00:00Z, a Monday, in epoch seconds."""
_FIRST_NAMES = ("Leslie", "Ana", "Noor", "Wei", "Zoë", "José", "Anke", "Priya", "Olu", "Søren", "Yuki", "Ivan", "Chloé")
_LAST_NAMES = ("Johnson", "Okafor", "Müller", "García", "Chen", "Novák", "Haddad", "Tanaka", "Silva", "O'Neil", "Kaya")
_PLACES = [("Pearblossom", "CA", 93553), ("Austin", "TX", 78701), ("Portland", "OR", 97201), ("Española", "NM", 87532)]
_STREETS = ("Oak Street", "Cedar Lane", "Hill Road", "Río Grande Blvd", "2nd Avenue")

Event = tuple[float, str, str]
"""When it happened (epoch seconds), the landing folder or topic, and the line or JSON text."""


@dataclass(frozen=True)
class Person:
    """One wearer: ids, age and how the heart answers to effort.

    Attributes:
        resting_rate: beats a minute without effort.
        max_rate: beats a minute at the greatest effort.
    """

    user_id: int
    device_id: int
    mac_address: str
    birth_year: int
    resting_rate: float
    max_rate: float

    @classmethod
    def create(cls, number: int, random_: random.Random) -> "Person":
        """The person of this number; another source of chance gives another person with the same ids."""
        birth_year = random_.randint(1935, 2012)
        return cls(
            user_id=10_000 + number,
            device_id=100_000 + number * 7,
            mac_address=":".join(f"{random_.randint(0, 255):02x}" for _ in range(6)),
            birth_year=birth_year,
            resting_rate=random_.uniform(52, 74),
            max_rate=208 - 0.7 * (2025 - birth_year) + random_.uniform(-6, 6),
        )


def heart_rates(
    person: Person, seconds: int, warmup_seconds: int, effort_seconds: int, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """One heart rate a second, in beats a minute: it rises with effort and recovers after it.

    Args:
        seconds: how many in all.
        warmup_seconds: the second in which the effort begins.
        effort_seconds: how long it lasts.
        rng: the source of chance.
    """
    second = np.arange(seconds)
    since_start, since_stop = second - warmup_seconds, second - warmup_seconds - effort_seconds
    target = person.resting_rate + (person.max_rate - person.resting_rate) * rng.uniform(0.55, 0.9)
    rising = target - (target - person.resting_rate) * np.exp(-np.clip(since_start, 0, None) / 150)
    peak = float(rising[min(warmup_seconds + effort_seconds, seconds - 1)])
    recovering = person.resting_rate + (peak - person.resting_rate) * np.exp(-np.clip(since_stop, 0, None) / 80)
    rate = np.where(since_stop < 0, rising, recovering) + rng.normal(0, 1.5, seconds)
    rate = np.round(rate, 1)
    rate[rng.random(seconds) < 0.001] = -1.0
    return rate


def workout_event(person: Person, workout_id: int, session_id: int, time: int, action: str) -> Event:
    """A `start` or `stop` of a workout."""
    event = {
        "user_id": person.user_id,
        "workout_id": workout_id,
        "timestamp": float(time),
        "action": action,
        "session_id": session_id,
    }
    return float(time), "workout", json.dumps(event)


def profile_event(person: Person, time: float, update_type: str, random_: random.Random) -> Event:
    """A `new` profile, an `update` or a `delete`."""
    city, state, zip_code = random_.choice(_PLACES)
    event = {
        "user_id": person.user_id,
        "update_type": update_type,
        "timestamp": time,
        "dob": f"{random_.randint(1, 12):02d}/{random_.randint(1, 28):02d}/{person.birth_year}",
        "sex": random_.choice("FM"),
        "gender": random_.choice(["F", "M", "NB"]),
        "first_name": random_.choice(_FIRST_NAMES),
        "last_name": random_.choice(_LAST_NAMES),
        "address": {
            "street_address": f"{random_.randint(1, 9999)} {random_.choice(_STREETS)}",
            "city": city,
            "state": state,
            "zip": zip_code,
        },
    }
    return time, "user_info", json.dumps(event, ensure_ascii=False)
