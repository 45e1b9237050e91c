"""How long each query of the dashboard takes.

    FITNESS_BASE_DIR=... .venv/bin/python -m fitness_assets_tests.benchmarks.dashboard

`cold`: the first query of a process that has just made its table reader. `again`: run again on the same tables. `new
version`: run after every table got a commit, as in a live stack; on a copy of the tables. Milliseconds, medians; in
brackets the processor's time, which other work on the machine changes less.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import NamedTuple

from fitness_assets.contracts.model import Layer
from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.queries.gyms.time_in_gyms import get_time_in_gyms
from fitness_assets.dashboard.queries.gyms.visits import count_visits_by_day, list_visits_with_workouts
from fitness_assets.dashboard.queries.gyms.visits_by_hour import count_visits_by_hour
from fitness_assets.dashboard.queries.now.active_workouts import get_active_workouts
from fitness_assets.dashboard.queries.now.gym_occupancy import get_gym_occupancy
from fitness_assets.dashboard.queries.now.ingest_delay import get_ingest_delays
from fitness_assets.dashboard.queries.now.ingest_rate import get_ingest_rate
from fitness_assets.dashboard.queries.now.latest_event import get_latest_event_time
from fitness_assets.dashboard.queries.people.demographics import get_demographics
from fitness_assets.dashboard.queries.people.person import get_person
from fitness_assets.dashboard.queries.people.search import search_people
from fitness_assets.dashboard.queries.people.trends import get_trends
from fitness_assets.dashboard.queries.quality.check_results import get_check_results
from fitness_assets.dashboard.queries.quality.rejected_records import count_rejected_records, list_rejected_records
from fitness_assets.dashboard.queries.quality.table_status import get_table_statuses
from fitness_assets.dashboard.queries.workouts.session_detail import get_session
from fitness_assets.dashboard.queries.workouts.session_list import SessionFilter, get_filter_options, list_sessions
from fitness_assets.dashboard.table_reader.reader import TableReader
from fitness_assets.settings import Settings
from fitness_assets_tests.dashboard.table_builder import TableBuilder

Query = Callable[[TableReader], object]


class Timing(NamedTuple):
    """Milliseconds, of them the processor's."""

    wall: float
    cpu: float


class Subject(NamedTuple):
    """What the queries are about: an instant at which people train, and a session."""

    instant: datetime
    user_id: int
    workout_id: int
    session_id: int


def queries_about(subject: Subject) -> dict[str, Query]:
    """Every query, about an instant and a session that the tables have."""
    instant, user_id, workout_id, session_id = subject
    session_filter = SessionFilter(ages=("25-35", "35-45"), gyms=(1, 2, 3), min_minutes=20)
    return {
        "now: latest event": get_latest_event_time,
        "now: people in the gyms": lambda reader: get_gym_occupancy(reader, instant),
        "now: workouts under way": lambda reader: get_active_workouts(reader, instant),
        "now: readings a second": lambda reader: get_ingest_rate(reader, instant),
        "now: delays": get_ingest_delays,
        "now: delays over all records": lambda reader: get_ingest_delays(reader, minutes=60 * 24 * 3650),
        "workouts: list": list_sessions,
        "workouts: list, filtered": lambda reader: list_sessions(reader, session_filter, "avg_bpm"),
        "workouts: filter options": get_filter_options,
        "workouts: one session": lambda reader: get_session(reader, user_id, workout_id, session_id),
        "gyms: logins by hour": lambda reader: count_visits_by_hour(reader, time_zone="Europe/Berlin"),
        "gyms: present by hour": lambda reader: count_visits_by_hour(reader, measure="present"),
        "gyms: time in gyms": get_time_in_gyms,
        "gyms: visits with workouts": list_visits_with_workouts,
        "gyms: visits by day": count_visits_by_day,
        "people: demographics": get_demographics,
        "people: trends": get_trends,
        "people: search": lambda reader: search_people(reader, "austin"),
        "people: one person": lambda reader: get_person(reader, user_id),
        "quality: rejected": count_rejected_records,
        "quality: rejected records": list_rejected_records,
        "quality: tables": get_table_statuses,
        "quality: checks": get_check_results,
    }


def find_subject(reader: TableReader) -> Subject:
    """The latest finished session, and an instant during it."""
    sessions = list_sessions(reader, SessionFilter(statuses=("finished",)), limit=1).value.rows.to_pylist()
    if not sessions:
        raise SystemExit("There is no finished session; set FITNESS_BASE_DIR to tables that have some.")
    session = sessions[0]
    return Subject(
        instant=session["start_time"] + timedelta(minutes=5),
        user_id=session["user_id"],
        workout_id=session["workout_id"],
        session_id=session["session_id"],
    )


def measure(query: Query, reader: TableReader) -> Timing:
    wall, cpu = time.perf_counter(), time.process_time()
    query(reader)
    return Timing((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)


def measure_cold(query_name: str, subject: Subject) -> Timing:
    """One query in a process of its own."""
    argument = json.dumps([query_name, subject.instant.isoformat(), *subject[1:]])
    process = subprocess.run([sys.executable, "-m", __spec__.name, "--cold", argument], check=True, capture_output=True)
    return Timing(*json.loads(process.stdout))


def print_cold_timing(argument: str) -> None:
    """What `measure_cold` runs in the other process."""
    query_name, instant, *session_key = json.loads(argument)
    reader = TableReader(Settings.from_env())
    query = queries_about(Subject(datetime.fromisoformat(instant), *session_key))[query_name]
    print(json.dumps(measure(query, reader)))


def median(timings: list[Timing]) -> str:
    wall, cpu = (statistics.median(part) for part in zip(*timings, strict=True))
    return f"{wall:6.0f} ({cpu:4.0f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5, help="how often each query is run again")
    parser.add_argument("--cold", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.cold:
        print_cold_timing(arguments.cold)
        return
    settings = Settings.from_env()
    reader = TableReader(settings)
    subject = find_subject(reader)
    queries = queries_about(subject)
    readings = reader.snapshots(["silver_db.heart_rate"])["silver_db.heart_rate"]
    print(f"{readings.row_count if readings else 0:,} readings; milliseconds (of them the processor's)\n")
    print(f"{'query':<30} {'cold':>13} {'again':>13} {'new version':>13}")
    new_version = measure_on_new_versions(settings, queries, arguments.times)
    for name, query in queries.items():
        again = [measure(query, reader) for _ in range(arguments.times + 1)][1:]
        columns = (median([measure_cold(name, subject)]), median(again), median(new_version[name]))
        print(f"{name:<30} {' '.join(columns)}", flush=True)


def measure_on_new_versions(settings: Settings, queries: dict[str, Query], times: int) -> dict[str, list[Timing]]:
    """Each query after each of so many commits to every table, on a copy of the tables."""
    timings: dict[str, list[Timing]] = {name: [] for name in queries}
    with tempfile.TemporaryDirectory() as folder:
        builder = TableBuilder(Path(folder))
        for layer in Layer:
            copytree(settings.data_zone / layer.value, builder.settings.data_zone / layer.value)
        for run in range(times + 1):
            for table_name, table in all_tables().items():
                row = {column.name: column.accepted_values[0] for column in table.all_columns if column.accepted_values}
                builder.write(table_name, row)
            for name, query in queries.items():
                timing = measure(query, builder.reader)
                timings[name] += [timing] if run else []  # the first run reads all files anew
    return timings


if __name__ == "__main__":
    main()
