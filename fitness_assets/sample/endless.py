"""Life that goes on: people who come to train again and again, as events in the order in which they arrive."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from operator import itemgetter

import numpy as np

from fitness_assets.sample.disorder import Disorder, disturbed_on_the_way
from fitness_assets.sample.people import FIRST_DAY, Event, Person, heart_rates, profile_event, workout_event

LATEST = 300.0
"""A late or repeated record arrives up to that many seconds after it should."""
_ARRIVE_WITHIN = 5
"""The seconds in which the first people register."""
_EVENTS_AT_ONCE = 20_000
_A_SEED_HAS = 1_000_000


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
    disorder: Disorder = field(default_factory=Disorder)


def arrivals_without_end(crowd: Crowd) -> Iterator[Event]:
    """All events in the order in which they arrive; the first element is the time of arrival."""
    return disturbed_on_the_way(events_without_end(crowd), crowd.disorder, crowd.seed, LATEST)


def events_without_end(crowd: Crowd) -> Iterator[Event]:
    """All events in order, each a fraction of a second after it happened: every device is a little slow.

    What is held in memory depends on the number of people alone.
    """
    random_, effort = random.Random(crowd.seed), np.random.default_rng(crowd.seed)
    lives = [_place(crowd, number, random_, effort) for number in range(crowd.people)]
    following = [next(life) for life in lives]
    window = max(1, min(60, _EVENTS_AT_ONCE // crowd.people))
    until = crowd.start
    while True:
        until += window
        happened: list[Event] = []
        for number, life in enumerate(lives):
            event = following[number]
            while event[0] < until:
                happened.append(event)
                event = next(life)
            following[number] = event
        happened.sort(key=itemgetter(0))
        yield from happened


def _place(crowd: Crowd, number: int, random_: random.Random, effort: np.random.Generator) -> Iterator[Event]:
    """One person after another, each registering when the one before has gone."""
    now: float = crowd.start + random_.uniform(0, _ARRIVE_WITHIN)
    # Ids that no other seed gives: the same id with another device would be two people in one.
    number += (crowd.seed % _A_SEED_HAS + 1) * _A_SEED_HAS
    while True:
        # A person is the same at every start, whoever came before: it has a source of chance of its own.
        person = Person.at(number, random.Random(f"{crowd.seed}/{number}"))
        for event in _life(person, int(now), now % 1, crowd.minutes, random_, effort):
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
    effort: np.random.Generator,
) -> Iterator[Event]:
    """Registration, a profile, then visits until the person has the profile deleted.

    Args:
        delay: the seconds that each event is under way.
    """
    yield now + delay, "registered_users_bz", f"{person.user_id},{person.device_id},{person.mac_address},{now}"
    now += 1
    yield _later(profile_event(person, float(now), "new", random_), delay)
    for visit in count(1):
        login = now + random_.randint(3, 20)
        for event in _visit(person, login, visit % 5 + 1, minutes, random_, effort):
            now = int(event[0])
            yield _later(event, delay)
        now += random_.randint(2, 10)
        if random_.random() < 0.05:
            yield _later(profile_event(person, now + 0.5, "update", random_), delay)
        if random_.random() < 0.01:
            yield _later(profile_event(person, now + 0.75, "delete", random_), delay)
            return


def _visit(
    person: Person,
    login: int,
    workout: int,
    minutes: tuple[float, float],
    random_: random.Random,
    effort: np.random.Generator,
) -> Iterator[Event]:
    """Logged in, warmed up, trained, recovered, logged out."""
    gym, warm, rest = random_.randint(1, 8), random_.randint(5, 10), random_.randint(10, 20)
    length = max(1, round(60 * random_.uniform(*minutes)))
    # No count would do as the session's id: it would begin again at every start.
    session = login - FIRST_DAY
    yield login, "gym_logins_bz", f"{person.mac_address},{gym},{login},"
    head, begin = f'{{"device_id": {person.device_id}, "time": ', login + 1
    rates = heart_rates(person, warm + length + rest, warm, length, effort)
    # A view gives Python floats one by one: lists of them would be most of what a large crowd weighs.
    for second, bpm in enumerate(rates.data, begin):
        if second == begin + warm:
            yield workout_event(person, workout, session, second, "start")
        yield second, "bpm", f'{head}{second}.0, "heartrate": {bpm}}}'
        if second == begin + warm + length:
            yield workout_event(person, workout, session, second, "stop")
    logout = begin + warm + length + rest + random_.randint(2, 10)
    yield logout, "gym_logins_bz", f"{person.mac_address},{gym},{login},{logout}"


def _later(event: Event, seconds: float) -> Event:
    return event[0] + seconds, event[1], event[2]
