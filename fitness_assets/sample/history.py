"""Sample data of a given size: days of people's lives that are over, as events."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from fitness_assets.sample.faults import Faults, apply_faults
from fitness_assets.sample.people import FIRST_DAY, Event, Person, heart_rates, profile_event, workout_event

SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class SampleSize:
    """How much: people, days, and over how many files of each source it is spread.

    Attributes:
        reading_interval: the seconds from one heart rate to the next.
    """

    users: int = 40
    days: int = 2
    files: int = 4
    seed: int = 7
    reading_interval: int = 1
    faults: Faults = field(default_factory=Faults)


def sample_events(size: SampleSize) -> Iterator[Event]:
    """All events in the order in which they happen to each person in turn."""
    for number in range(size.users):
        random_ = random.Random(f"{size.seed}/{number}")
        rng = np.random.default_rng([size.seed, number])
        yield from _life(Person.create(number, random_), size.days, size.reading_interval, random_, rng)


def sample_arrivals(size: SampleSize) -> list[Event]:
    """All events in the order in which they arrive; the first element is the time of arrival."""
    return apply_faults(sample_events(size), size.faults, size.seed, max_delay=size.days * SECONDS_PER_DAY)


def _life(
    person: Person, days: int, reading_interval: int, random_: random.Random, rng: np.random.Generator
) -> Iterator[Event]:
    """All events of one person, in the order in which they happen day by day.

    Args:
        reading_interval: the seconds from one heart rate to the next.
    """
    registration = FIRST_DAY + random_.randint(0, 6 * 3600)
    line = f"{person.user_id},{person.device_id},{person.mac_address},{registration}"
    yield registration, "registered_users_bz", line
    yield profile_event(person, registration + 60.0, "new", random_)
    session_id = 0
    for day in range(days):
        midnight = FIRST_DAY + day * SECONDS_PER_DAY
        if random_.random() < 0.04:
            yield profile_event(person, midnight + 3 * 3600.5, "update", random_)
        if random_.random() < 0.005:
            yield profile_event(person, midnight + 4 * 3600.25, "delete", random_)
        for hour in (7, 18):
            if random_.random() < 0.45:
                session_id += 1
                login = midnight + hour * 3600 + random_.randint(0, 5400)
                yield from _visit(person, login, session_id, reading_interval, random_, rng)


def _visit(
    person: Person,
    login: int,
    session_id: int,
    reading_interval: int,
    random_: random.Random,
    rng: np.random.Generator,
) -> Iterator[Event]:
    """Logged in, trained, logged out; now and then the stop of the workout never comes."""
    gym = random_.randint(1, 8)
    start = login + random_.randint(120, 900)
    effort_seconds = random_.randint(15 * 60, 70 * 60)
    stop = start + effort_seconds
    logout = stop + random_.randint(120, 1500)
    workout_id = session_id % 5 + 1
    yield login, "gym_logins_bz", f"{person.mac_address},{gym},{login},"
    yield workout_event(person, workout_id, session_id, start, "start")
    yield from _readings(person, start - 60, effort_seconds + 240, 60, effort_seconds, rng)[::reading_interval]
    if random_.random() > 0.02:
        yield workout_event(person, workout_id, session_id, stop, "stop")
    yield logout, "gym_logins_bz", f"{person.mac_address},{gym},{login},{logout}"


def _readings(
    person: Person, begin: int, seconds: int, warmup_seconds: int, effort_seconds: int, rng: np.random.Generator
) -> list[Event]:
    """One reading a second from `begin` on."""
    head, device_id = '{"device_id": ', person.device_id
    rates = heart_rates(person, seconds, warmup_seconds, effort_seconds, rng).tolist()
    return [
        (time, "bpm", f'{head}{device_id}, "time": {time}.0, "heartrate": {rate}}}')
        for time, rate in enumerate(rates, begin)
    ]
