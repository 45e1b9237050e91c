"""Sample data as files of the landing zone."""

import json
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

from fitness_assets.contracts.feeds import DATE_LOOKUP, GYM_LOGINS, KAFKA_RECORDS, REGISTERED_USERS, TOPICS
from fitness_assets.sample.history import SampleSize, sample_arrivals
from fitness_assets.sample.people import Event
from fitness_assets.storage import open_files

TABLE_FEEDS = {feed.name: feed for feed in (REGISTERED_USERS, GYM_LOGINS)}
"""By name: the feeds that come as CSV files, one for each table of the application."""


def write_sample(
    landing_zone: Path, size: SampleSize, echo: Callable[[str], None] = lambda line: None
) -> dict[str, int]:
    """Write sample data into the landing zone; the records written to each folder."""
    echo(f"Making {size.users} people and {size.days} days of their lives (seed {size.seed}) ...")
    events = sample_arrivals(size)
    written = {DATE_LOOKUP.name: write_calendar(landing_zone)}
    share = max(-(-len(events) // size.files), 1)
    for start in range(0, len(events), share):
        file_name = f"{size.seed}_{size.users}x{size.days}_{start // share:05d}"
        for name, records in write_events(landing_zone, events[start : start + share], file_name).items():
            written[name] = written.get(name, 0) + records
        echo(f"{min(start + share, len(events)):>12,} of {len(events):,} records in the landing zone")
    return written


def write_calendar(landing_zone: Path, first_year: int = 2015, years: int = 20) -> int:
    """Write the calendar's history, one file; the number of days."""
    day, lines = date(first_year, 1, 1), []
    while day.year < first_year + years:
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
    _write_complete(landing_zone / DATE_LOOKUP.name / f"date_lookup_{first_year}_{years}.json", lines)
    return len(lines)


def write_events(landing_zone: Path, events: list[Event], file_name: str) -> dict[str, int]:
    """Write events as one file of each source, and say how many went into each folder.

    Args:
        file_name: without its ending.
    """
    written: dict[str, int] = {}
    for feed in TABLE_FEEDS.values():
        lines = [text for _, source, text in events if source == feed.name]
        if lines:
            _write_complete(landing_zone / feed.name / f"{file_name}.csv", chain([feed.header], lines))
            written[feed.name] = len(lines)
    records = [
        kafka_line(source, text, offset, arrival_time)
        for offset, (arrival_time, source, text) in enumerate(events)
        if source in TOPICS
    ]
    if records:
        _write_complete(landing_zone / KAFKA_RECORDS.name / f"{file_name}.json", records)
        written[KAFKA_RECORDS.name] = len(records)
    return written


def kafka_line(topic: str, value: str, offset: int, timestamp: float) -> str:
    """One Kafka record as a line of a record file; the time in epoch seconds."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'{{"key":{json.dumps(record_key(value))},"value":"{escaped}","topic":"{topic}",'
        f'"partition":0,"offset":{offset},"timestamp":{int(timestamp)}}}'
    )


def record_key(value: str) -> str:
    """The key of an event's Kafka record: its first field, the user's or device's id."""
    return value[value.index(":") + 1 : value.index(",")].strip().strip('"') if "," in value else ""


def _write_complete(file: Path, lines: Iterable[str]) -> None:
    content = "\n".join(lines) + "\n"
    open_files(file.parent).put(file.name, content.encode())
