"""Sample data as files of the landing zone."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

import numpy as np

from fitness_assets.contracts.feeds import DATE_LOOKUP, GYM_LOGINS, KAFKA_RECORDS, REGISTERED_USERS, TOPICS
from fitness_assets.sample.disorder import Disorder, disturbed
from fitness_assets.sample.people import DAY, Event, Person, life

_CSV = {folder.name: folder for folder in (REGISTERED_USERS, GYM_LOGINS)}


@dataclass(frozen=True)
class SampleSize:
    """How much: people, days, and over how many files of each source it is spread.

    Attributes:
        every: the seconds from one heart rate to the next.
    """

    users: int = 40
    days: int = 2
    files: int = 4
    seed: int = 7
    every: int = 1
    disorder: Disorder = field(default_factory=Disorder)


def events(size: SampleSize) -> Iterator[Event]:
    """All events in the order in which they happen to each person in turn."""
    for number in range(size.users):
        random_ = random.Random(f"{size.seed}/{number}")
        effort = np.random.default_rng([size.seed, number])
        yield from life(Person.at(number, random_), size.days, size.every, random_, effort)


def arrivals(size: SampleSize) -> list[Event]:
    """All events in the order in which they arrive."""
    return disturbed(events(size), size.disorder, size.seed, size.days * DAY)


def write(landing_zone: Path, size: SampleSize, say: Callable[[str], None] = lambda line: None) -> dict[str, int]:
    """Write sample data into the landing zone; the records written to each folder."""
    say(f"Making {size.users} people and {size.days} days of their lives (seed {size.seed}) ...")
    arriving = arrivals(size)
    written = {DATE_LOOKUP.name: write_calendar(landing_zone)}
    share = max(-(-len(arriving) // size.files), 1)
    for number in range(0, len(arriving), share):
        file = f"{size.seed}_{size.users}x{size.days}_{number // share:05d}"
        for name, records in write_part(landing_zone, arriving[number : number + share], file).items():
            written[name] = written.get(name, 0) + records
        say(f"{min(number + share, len(arriving)):>12,} of {len(arriving):,} records in the landing zone")
    return written


def write_calendar(landing_zone: Path, first: int = 2015, years: int = 20) -> int:
    """Write the calendar's history, one file; the number of days."""
    day, lines = date(first, 1, 1), []
    while day.year < first + years:
        year, week, weekday = day.isocalendar()
        entry = {
            "date": day.isoformat(),
            "dayofmonth": str(day.day),
            "dayofweek": str(weekday),
            "dayofyear": str(day.timetuple().tm_yday),
            "month": str(day.month),
            "week": str(week),
            "year": str(day.year),
            "week_part": f"{year}-{week}",
        }
        lines.append(json.dumps(entry))
        day += timedelta(days=1)
    _land(landing_zone / DATE_LOOKUP.name / f"date_lookup_{first}_{years}.json", lines)
    return len(lines)


def kafka_line(topic: str, value: str, offset: int, at: float) -> str:
    """One Kafka record as a line of a record file; the time in epoch seconds."""
    body = value.replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'{{"key":{json.dumps(record_key(value))},"value":"{body}","topic":"{topic}",'
        f'"partition":0,"offset":{offset},"timestamp":{int(at)}}}'
    )


def record_key(value: str) -> str:
    """The key of an event's Kafka record: its first field, the user's or device's id."""
    return value[value.index(":") + 1 : value.index(",")].strip().strip('"') if "," in value else ""


def write_part(landing_zone: Path, part: list[Event], name: str) -> dict[str, int]:
    """Write events as one file of each source, and say how many went into each folder."""
    written: dict[str, int] = {}
    for folder in _CSV.values():
        rows = [text for _, source, text in part if source == folder.name]
        if rows:
            _land(landing_zone / folder.name / f"{name}.csv", chain([folder.header], rows))
            written[folder.name] = len(rows)
    lines = [kafka_line(source, text, offset, at) for offset, (at, source, text) in enumerate(part) if source in TOPICS]
    if lines:
        _land(landing_zone / KAFKA_RECORDS.name / f"{name}.json", lines)
        written[KAFKA_RECORDS.name] = len(lines)
    return written


def _land(file: Path, lines: "list[str] | chain[str]") -> None:
    """Write a file under a name that nobody reads yet, then rename it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"_{file.name}.tmp")
    unfinished.write_text("\n".join(lines) + "\n", encoding="utf-8")
    unfinished.replace(file)
