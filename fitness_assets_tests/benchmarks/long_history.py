"""The landing zone of people who wear their devices day and night: a reading a second, a workout every 40 minutes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from fitness_assets.sample.landing_files import write_calendar

BEGAN = 1_767_225_600
"""1 January 2026, UTC."""
WORKOUT_EVERY = 2400
WORKOUT_SECONDS = 1200
READINGS_PER_FILE = 1_000_000
Order = Literal["time", "person", "none"]


@dataclass(frozen=True)
class History:
    """How much, and in what order it lies in the files.

    Attributes:
        order: `time` as a broker would write it, `person` one after the other, `none` at random.
        is_odd: whether each reading has a field that the contract does not know.
    """

    readings: int
    people: int = 100
    order: Order = "time"
    is_odd: bool = False

    @property
    def seconds(self) -> int:
        return -(-self.readings // self.people)


def write_history(landing_zone: Path, history: History) -> None:
    """Write the calendar, registrations, profiles, gym logins, workouts and readings."""
    write_calendar(landing_zone)
    people, seconds = history.people, history.seconds
    with duckdb.connect() as db:
        db.execute("SET threads = 2")
        db.execute("SET preserve_insertion_order = true")
        _write_csv(
            db,
            landing_zone / "registered_users_bz" / "all.csv",
            f"SELECT 1000 + p AS user_id, 5000 + p AS device_id, printf('4c:c5:9f:00:%02x:%02x', p // 256, p % 256) AS "
            f"mac_address, {BEGAN} - 1000 + p AS registration_timestamp FROM range({people}) t(p)",
        )
        _write_csv(
            db,
            landing_zone / "gym_logins_bz" / "all.csv",
            f"SELECT printf('4c:c5:9f:00:%02x:%02x', p // 256, p % 256) AS mac_address, p % 7 AS gym, "
            f"{BEGAN} + w * {WORKOUT_EVERY} - 300 AS login, {BEGAN} + w * {WORKOUT_EVERY} + 1500 AS logout "
            f"FROM range({people}) t(p), range({seconds // WORKOUT_EVERY}) v(w)",
        )
        folder = landing_zone / "kafka_multiplex_bz"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "profiles.json").write_text("".join(_profile(number) for number in range(people)))
        _write_lines(db, folder / "workouts.json", _workouts(people, seconds))
        rows_per_file = READINGS_PER_FILE // people * people
        for number, first in enumerate(range(0, people * seconds, rows_per_file)):
            last = min(first + rows_per_file, people * seconds)
            _write_lines(db, folder / f"readings_{number:04d}.json", _readings(history, first, last))


def _readings(history: History, first: int, last: int) -> str:
    people, seconds = history.people, history.seconds
    if history.order == "time":
        person, second = f"n % {people}", f"n // {people}"
    elif history.order == "person":
        person, second = f"n // {seconds}", f"n % {seconds}"
    else:  # a step that has no divisor in common with the number of readings reaches each once
        step = next(s for s in (7_919_993, 7_919_999, 7_920_007) if (people * seconds) % s)
        shuffled = f"(n * {step}) % {people * seconds}"
        person, second = f"({shuffled}) % {people}", f"({shuffled}) // {people}"
    odd = r", \"firmware\": 7" if history.is_odd else ""
    return rf"""
        SELECT concat('{{"key":"', 5000 + p, '","value":"{{\"device_id\": ', 5000 + p, ', \"time\": ', {BEGAN} + s,
            '.0, \"heartrate\": ', 60 + (s * 7 + p * 13) % 90, '.', (s + p) % 10,
            '{odd}}}","topic":"bpm","partition":0,"offset":', n, ',"timestamp":', {BEGAN} + s, '}}') AS line
        FROM (SELECT n, {person} AS p, {second} AS s FROM range({first}, {last}) t(n))
    """


def _workouts(people: int, seconds: int) -> str:
    return rf"""
        SELECT concat('{{"key":"', 1000 + p, '","value":"{{\"user_id\": ', 1000 + p, ', \"workout_id\": ', w % 5,
            ', \"timestamp\": ', {BEGAN} + w * {WORKOUT_EVERY} + a * {WORKOUT_SECONDS}, '.0, \"action\": \"',
            CASE WHEN a = 0 THEN 'start' ELSE 'stop' END, '\", \"session_id\": ', w,
            '}}","topic":"workout","partition":0,"offset":', w, ',"timestamp":',
            {BEGAN} + w * {WORKOUT_EVERY} + a * {WORKOUT_SECONDS}, '}}') AS line
        FROM range({seconds // WORKOUT_EVERY}) v(w), range(2) u(a), range({people}) t(p)
    """


def _profile(number: int) -> str:
    value = {
        "user_id": 1000 + number,
        "update_type": "new",
        "timestamp": float(BEGAN - 500),
        "dob": f"0{number % 9 + 1}/1{number % 9}/{1950 + number % 50}",
        "sex": "F" if number % 2 else "M",
        "gender": "F" if number % 2 else "M",
        "first_name": f"First{number}",
        "last_name": f"Last{number}",
        "address": {"street_address": f"{number} Road", "city": "Town", "state": "ST", "zip": 10000 + number},
    }
    record = {"key": str(1000 + number), "value": json.dumps(value), "topic": "user_info"}
    return json.dumps(record | {"partition": 0, "offset": number, "timestamp": BEGAN - 500}) + "\n"


def _write_lines(db: duckdb.DuckDBPyConnection, file: Path, query: str) -> None:
    db.execute(f"COPY ({query}) TO '{file}' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')")


def _write_csv(db: duckdb.DuckDBPyConnection, file: Path, query: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    db.execute(f"COPY ({query}) TO '{file}' (FORMAT csv, HEADER true)")
