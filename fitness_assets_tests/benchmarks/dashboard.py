"""How long each question of the dashboard takes.

    FITNESS_BASE_DIR=... .venv/bin/python -m fitness_assets_tests.benchmarks.dashboard

`cold`: the first question of a process that has just made its lake. `again`: asked again of the same tables. `new
version`: asked after every table got a commit, as in a live stack; on a copy of the tables. Milliseconds, medians; in
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

from fitness_assets.contracts.model import Layer
from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.lake import Lake
from fitness_assets.dashboard.questions import gyms, now, people, person, quality, session, workouts
from fitness_assets.dashboard.questions.workouts import SessionFilter
from fitness_assets.settings import Settings
from fitness_assets_tests.dashboard.questions.zone import Zone

Question = Callable[[Lake], object]
Times = list[tuple[float, float]]


def questions(at: datetime, user_id: int, workout_id: int, session_id: int) -> dict[str, Question]:
    """Every question, about an instant and a session that the tables have."""
    some = SessionFilter(ages=("25-35", "35-45"), gyms=(1, 2, 3), min_minutes=20)
    return {
        "now: latest moment": now.latest_moment,
        "now: people in the gyms": lambda lake: now.in_the_gyms(lake, at),
        "now: workouts under way": lambda lake: now.workouts_under_way(lake, at),
        "now: readings a second": lambda lake: now.readings(lake, at),
        "now: delays": now.delays,
        "now: delays over all records": lambda lake: now.delays(lake, minutes=60 * 24 * 3650),
        "workouts: list": workouts.sessions,
        "workouts: list, filtered": lambda lake: workouts.sessions(lake, some, "avg_bpm"),
        "workouts: choices": workouts.choices,
        "workouts: one session": lambda lake: session.session(lake, user_id, workout_id, session_id),
        "gyms: logins by hour": lambda lake: gyms.visits_by_hour(lake, time_zone="Europe/Berlin"),
        "gyms: present by hour": lambda lake: gyms.visits_by_hour(lake, measure="present"),
        "gyms: time in gyms": gyms.time_in_gyms,
        "gyms: visits with workouts": gyms.visits_with_workouts,
        "gyms: visits by day": gyms.visits_by_day,
        "people: groups": people.groups,
        "people: trends": people.trends,
        "people: search": lambda lake: people.search(lake, "austin"),
        "people: one person": lambda lake: person.person(lake, user_id),
        "quality: refused": quality.refused,
        "quality: refused records": quality.refused_records,
        "quality: tables": quality.tables,
        "quality: checks": quality.checks,
    }


def about(lake: Lake) -> tuple[datetime, int, int, int]:
    """An instant at which people train, and the latest finished session."""
    found = workouts.sessions(lake, SessionFilter(statuses=("finished",)), limit=1).value.rows.to_pylist()
    if not found:
        raise SystemExit("There is no finished session; set FITNESS_BASE_DIR to tables that have some.")
    one = found[0]
    return one["start_time"] + timedelta(minutes=5), one["user_id"], one["workout_id"], one["session_id"]


def timed(ask: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    ask()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def cold(name: str, of: tuple[datetime, int, int, int]) -> tuple[float, float]:
    """One question in a process of its own."""
    given = json.dumps([name, of[0].isoformat(), *of[1:]])
    done = subprocess.run([sys.executable, "-m", __spec__.name, "--cold", given], check=True, capture_output=True)
    wall, cpu = json.loads(done.stdout)
    return wall, cpu


def answer_cold(given: str) -> None:
    name, at, *ids = json.loads(given)
    lake = Lake(Settings.from_env())
    ask = questions(datetime.fromisoformat(at), *ids)[name]
    print(json.dumps(timed(lambda: ask(lake))))


def median(times: Times) -> str:
    wall, cpu = (statistics.median(one[part] for one in times) for part in (0, 1))
    return f"{wall:6.0f} ({cpu:4.0f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5, help="how often each question is asked again")
    parser.add_argument("--cold", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.cold:
        answer_cold(given.cold)
        return
    settings = Settings.from_env()
    lake = Lake(settings)
    of = about(lake)
    asked = questions(*of)
    rows = lake.snapshots(["silver_db.heart_rate"])["silver_db.heart_rate"]
    print(f"{rows.row_count if rows else 0:,} readings; milliseconds (of them the processor's)\n")
    print(f"{'question':<30} {'cold':>13} {'again':>13} {'new version':>13}")
    with tempfile.TemporaryDirectory() as folder:
        zone = Zone(Path(folder))
        for layer in Layer:
            copytree(settings.data_zone / layer.value, zone.settings.data_zone / layer.value)
        newer: dict[str, Times] = {name: [] for name in asked}
        for turn in range(given.times + 1):
            for name, contract in all_tables().items():
                zone.put(
                    name,
                    {
                        column.name: column.accepted_values[0]
                        for column in contract.all_columns
                        if column.accepted_values
                    },
                )
            for name, ask in asked.items():
                took = timed(lambda ask=ask: ask(zone.lake))  # type: ignore[misc]  # a default binds it
                newer[name] += [took] if turn else []
        for name, ask in asked.items():
            again = [timed(lambda ask=ask: ask(lake)) for _ in range(given.times + 1)][1:]  # type: ignore[misc]  # same
            print(f"{name:<30} {median([cold(name, of)])} {median(again)} {median(newer[name])}", flush=True)


if __name__ == "__main__":
    main()
