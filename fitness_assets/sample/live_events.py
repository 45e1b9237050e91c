"""Life that goes on: people who come to train again and again, as events in the order in which they arrive."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from operator import itemgetter

import numpy as np

from fitness_assets.sample.faults import Faults, apply_faults_live
from fitness_assets.sample.people import FIRST_DAY, Event, Person, heart_rates, profile_event, workout_event

MAX_DELAY_SECONDS = 300.0
"""A late or repeated record arrives up to that many seconds after it should."""
_REGISTRATION_SECONDS = 5
"""The seconds in which the first people register."""
_EVENTS_PER_WINDOW = 20_000
_IDS_PER_SEED = 1_000_000


@dataclass(frozen=True)
class Crowd:
    """Who comes, from when on, and how long they train.

    Attributes:
        start: the instant at which the first people register, in epoch seconds.
        people: how many there are at a time, most of them training; who leaves for good is replaced.
        minutes: the shortest and the longest workout.
        seed: another seed gives other people with other ids; the same seed and start give the same events.
    """

    start: int
    people: int = 20
    minutes: tuple[float, float] = (1, 5)
    seed: int = 7
    faults: Faults = field(default_factory=Faults)


def live_arrivals(crowd: Crowd) -> Iterator[Event]:
    """All events in the order in which they arrive; the first element is the time of arrival."""
    return apply_faults_live(live_events(crowd), crowd.faults, crowd.seed, MAX_DELAY_SECONDS)


def live_events(crowd: Crowd) -> Iterator[Event]:
    """All events in order, each a fraction of a second after it happened: every device is a little slow.

    What is held in memory depends on the number of people alone.
    """
    random_, rng = random.Random(crowd.seed), np.random.default_rng(crowd.seed)
    lives = [_successive_lives(crowd, number, random_, rng) for number in range(crowd.people)]
    upcoming = [next(life) for life in lives]
    window_seconds = max(1, min(60, _EVENTS_PER_WINDOW // crowd.people))
    window_end = crowd.start
    while True:
        window_end += window_seconds
        window: list[Event] = []
        for number, life in enumerate(lives):
            event = upcoming[number]
            while event[0] < window_end:
                window.append(event)
                event = next(life)
            upcoming[number] = event
        window.sort(key=itemgetter(0))
        yield from window


def _successive_lives(crowd: Crowd, number: int, random_: random.Random, rng: np.random.Generator) -> Iterator[Event]:
    """One person after another, each registering when the one before has gone."""
    now: float = crowd.start + random_.uniform(0, _REGISTRATION_SECONDS)
    # Ids that no other seed gives: the same id with another device would be two people in one.
    number += (crowd.seed % _IDS_PER_SEED + 1) * _IDS_PER_SEED
    while True:
        # A person is the same at every start, whoever came before: it has a source of chance of its own.
        person = Person.create(number, random.Random(f"{crowd.seed}/{number}"))
        for event in _life(person, int(now), now % 1, crowd.minutes, random_, rng):
            now = event[0]
            yield event
        now += random_.uniform(1, 30)
        number += crowd.people


def _life(
    person: Person,
    now: int,
    delay: float,
    minutes: tuple[float, float],
    random_: random.Random,
    rng: np.random.Generator,
) -> Iterator[Event]:
    """Registration, a profile, then visits until the person has the profile deleted.

    Args:
        delay: the seconds that each event is under way.
    """
    yield now + delay, "registered_users_bz", f"{person.user_id},{person.device_id},{person.mac_address},{now}"
    now += 1
    yield _delayed(profile_event(person, float(now), "new", random_), delay)
    for visit in count(1):
        login = now + random_.randint(3, 20)
        for event in _visit(person, login, visit % 5 + 1, minutes, random_, rng):
            now = int(event[0])
            yield _delayed(event, delay)
        now += random_.randint(2, 10)
        if random_.random() < 0.05:
            yield _delayed(profile_event(person, now + 0.5, "update", random_), delay)
        if random_.random() < 0.01:
            yield _delayed(profile_event(person, now + 0.75, "delete", random_), delay)
            return


def _visit(
    person: Person,
    login: int,
    workout_id: int,
    minutes: tuple[float, float],
    random_: random.Random,
    rng: np.random.Generator,
) -> Iterator[Event]:
    """Logged in, warmed up, trained, recovered, logged out."""
    gym, warmup_seconds, rest_seconds = random_.randint(1, 8), random_.randint(5, 10), random_.randint(10, 20)
    effort_seconds = max(1, round(60 * random_.uniform(*minutes)))
    # No count would do as the session's id: it would begin again at every start.
    session_id = login - FIRST_DAY
    yield login, "gym_logins_bz", f"{person.mac_address},{gym},{login},"
    head, begin = f'{{"device_id": {person.device_id}, "time": ', login + 1
    start, stop = begin + warmup_seconds, begin + warmup_seconds + effort_seconds
    seconds = warmup_seconds + effort_seconds + rest_seconds
    rates = heart_rates(person, seconds, warmup_seconds, effort_seconds, rng)
    # A view gives Python floats one by one: lists of them would be most of what a large crowd weighs.
    for second, rate in enumerate(rates.data, begin):
        if second == start:
            yield workout_event(person, workout_id, session_id, second, "start")
        yield second, "bpm", f'{head}{second}.0, "heartrate": {rate}}}'
        if second == stop:
            yield workout_event(person, workout_id, session_id, second, "stop")
    logout = begin + seconds + random_.randint(2, 10)
    yield logout, "gym_logins_bz", f"{person.mac_address},{gym},{login},{logout}"


def _delayed(event: Event, seconds: float) -> Event:
    return event[0] + seconds, event[1], event[2]
