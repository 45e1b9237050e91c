"""What arrives: the newest event, readings a second, and how late records are loaded."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pyarrow as pa

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.dashboard.lake import View
from fitness_assets.dashboard.questions.answer import present, question
from fitness_assets.lakehouse.predicates import Between, OneOf, literal

STILL_ARRIVING_MINUTES = 2
"""Readings come a little late; up to this age of the newest one the rate is told up to it, not up to now."""
_STRETCHES = 90


@dataclass(frozen=True)
class Readings:
    """How many heart rates were measured in the last minutes, by the time of measurement.

    Attributes:
        per_second: readings a second over one minute: the one up to the newest reading where that is no more than 2
            minutes old, as some are always under way, otherwise the one up to now.
        wearables: how many different ones sent in that minute.
        invalid: readings of that minute that are not above zero (no contact with the skin).
        series: `time` (the begin of each stretch, UTC)`, per_second, wearables`; whole stretches up to the end of that
            minute, those without readings too, with zeros.
        stretch_seconds: how long each stretch is.
        newest: the newest reading of all up to now, UTC.
    """

    per_second: float
    wearables: int
    invalid: int
    series: pa.Table
    stretch_seconds: int
    newest: datetime | None


@dataclass(frozen=True)
class Delay:
    """How long the records of one source take from happening to being loaded, over those loaded in the last minutes.

    Attributes:
        source: `bpm`, `workout` or `user_info` (by the Kafka record's time) or `gym_logins` (by login or logout).
        records: how many were loaded in the last minutes; the seconds are None where there were none.
        median_seconds: half of the records took less.
        p95_seconds: one in twenty took longer.
        last_load: when the latest record of the source was loaded, UTC, to the millisecond; None without any.
    """

    source: str
    records: int
    median_seconds: float | None
    p95_seconds: float | None
    last_load: datetime | None


@question("silver_db.heart_rate", "silver_db.workouts", "silver_db.gym_logs")
def latest_moment(view: View) -> datetime | None:
    """The newest instant that any event tells of (reading, start or stop, login or logout), UTC; None without events.

    Pass it as `now` to look at recorded data as if it were live. What a wrong clock puts into the future does not
    count. Opens only the files with the newest events.
    """
    events = (("heart_rate", "time"), ("workouts", "time"), ("gym_logs", "login"), ("gym_logs", "logout"))
    found = [_newest(view, f"silver_db.{table}", column, present(None)) for table, column in events]
    return max((one for one in found if one), default=None)


@question("silver_db.heart_rate")
def readings(view: View, now: datetime | None = None, minutes: int = 15) -> Readings:
    """Readings a second over the last minutes. Opens only files that hold readings of that time."""
    at = present(now)
    newest = _newest(view, "silver_db.heart_rate", "time", at)
    late = newest is not None and at - newest <= timedelta(minutes=STILL_ARRIVING_MINUTES)
    end = newest if newest is not None and late else at
    step = max(1, round(minutes * 60 / _STRETCHES))
    # Whole stretches of the clock, so that the bars do not change from one look to the next.
    last = int(end.timestamp() // step) * step
    first = last - minutes * 60 // step * step
    begin = datetime.fromtimestamp(min(first, int(end.timestamp()) - 61), timezone.utc)
    rows = view.rows("silver_db.heart_rate", "device_id", "time", "valid", time=Between(begin, end))
    minute = f'"time" > {literal(end - timedelta(minutes=1))}'
    found = view.one(
        f"""
        SELECT count(*)::INT AS records, count(DISTINCT device_id)::INT AS wearables,
            count(*) FILTER (NOT valid)::INT AS invalid FROM {rows} WHERE {minute}
        """
    )
    series = view.ask(
        f"""
        SELECT to_timestamp(s.begin) AS "time", count(device_id) / {step} AS per_second,
            count(DISTINCT device_id)::INT AS wearables
        FROM range({first}, {last}, {step}) s(begin)
        LEFT JOIN {rows} r ON epoch_us(r."time") // {step * 1_000_000} * {step} = s.begin
        GROUP BY s.begin ORDER BY s.begin
        """
    )
    return Readings(found["records"] / 60, found["wearables"], found["invalid"], series, step, newest)


@question("bronz_db.kafka_multiplex_bz", "bronz_db.gym_logins_bz")
def delays(view: View, now: datetime | None = None, minutes: int = 15) -> tuple[Delay, ...]:
    """For each source how late its records are loaded, over what was loaded in the last minutes."""
    at = present(now)
    loaded = Between(at - timedelta(minutes=minutes), at)
    topics = OneOf(tuple(TOPICS))
    table = "bronz_db.kafka_multiplex_bz"
    records = view.rows(table, "topic_group", "timestamp", "load_time", load_time=loaded, topic_group=topics)
    logins = view.rows("bronz_db.gym_logins_bz", "login", "logout", "load_time", load_time=loaded)
    found = view.ask(
        f"""
        SELECT source, count(*)::INT AS records, median(seconds) AS median_seconds,
            quantile_cont(seconds, 0.95) AS p95_seconds
        FROM (
            SELECT topic_group AS source, epoch(load_time)
                - CASE WHEN "timestamp" >= 1e11 THEN "timestamp" / 1e3 ELSE "timestamp" END AS seconds FROM {records}
            UNION ALL
            SELECT 'gym_logins', epoch(load_time) - coalesce(logout, login) FROM {logins}
        ) WHERE isfinite(seconds) GROUP BY source
        """
    )
    by_source: dict[str, dict[str, Any]] = {row.pop("source"): row for row in found.to_pylist()}
    none = {"records": 0, "median_seconds": None, "p95_seconds": None}
    lasts = {topic: view.ends(table, "load_time", topic_group=OneOf((topic,)))[1] for topic in ("bpm", *TOPICS)}
    lasts["gym_logins"] = view.ends("bronz_db.gym_logins_bz", "load_time")[1]
    return tuple(Delay(source, last_load=last, **by_source.get(source, none)) for source, last in lasts.items())


def _newest(view: View, table: str, column: str, until: datetime) -> datetime | None:
    """The greatest value of a column of times, at most `until`; opens few files."""
    greatest = view.ends(table, column)[1]
    start = greatest if greatest is None or greatest <= until else until - timedelta(hours=1)
    for low in (start, None):
        rows = view.rows(table, column, **{column: Between(low, until)})
        found: datetime | None = view.one(f'SELECT max("{column}") AS newest FROM {rows}')["newest"]
        if found is not None or low is None:
            return found
    return None
