"""Small updates of a short and of a long history, on a warm engine, each kind some times.

    .venv/bin/python -m fitness_assets_tests.benchmarks.small_updates --readings 250000 2500000 25000000

An update is ten workouts of a hundred readings: after the end of the history, corrections of one hour in its middle, or
corrections of ten hours anywhere in it. The histories are built one after the other; `--keep FOLDER` keeps them there
and takes copies of them the next time.
"""

import argparse
import json
import random
import shutil
import tempfile
from datetime import date
from pathlib import Path

from fitness_assets.engine.spark_session import get_spark_session
from fitness_assets.lakehouse import Lakehouse, open_lakehouse
from fitness_assets.settings import Settings
from fitness_assets_tests.benchmarks.bulk import HEADER, build, line
from fitness_assets_tests.benchmarks.long_history import BEGAN, History, write_history
from fitness_assets_tests.benchmarks.machine_load import Cost, measured
from fitness_assets_tests.benchmarks.update_against_recompute import update

KINDS = ("after the end", "in the middle", "anywhere")
NOTHING_NEW = "nothing new"
WARMING = 2
"""So many rounds are not measured: the engine is warming up."""
_WORKOUTS = 10
_READINGS = 100


def land(landing_zone: Path, history: History, kind: str, number: int) -> None:
    """Write one small update."""
    random_ = random.Random(f"{kind}/{number}")
    lines, first_session = [], 1_000_000 + 1000 * number + 100_000 * KINDS.index(kind)
    for workout in range(_WORKOUTS):
        if kind == "after the end":
            start = BEGAN + history.seconds + 1000 * number + workout
        elif kind == "in the middle":
            start = BEGAN + history.seconds // 2 + random_.randrange(min(3600, history.seconds // 4))
        else:
            start = BEGAN + random_.randrange(history.seconds - _READINGS)
        person = random_.randrange(history.people)
        session = {"user_id": 1000 + person, "workout_id": 1, "session_id": first_session + workout}
        for action, at in (("start", start - 1.0), ("stop", start + _READINGS - 1.0)):
            lines.append(_record("workout", session | {"timestamp": at, "action": action}))
        for second in range(_READINGS):
            reading = {"device_id": 5000 + person, "time": float(start + second), "heartrate": 200.0 + number / 10}
            lines.append(_record("bpm", reading))
    (landing_zone / "kafka_multiplex_bz" / f"small_{KINDS.index(kind)}_{number}.json").write_text("".join(lines))


def _record(topic: str, event: dict[str, object]) -> str:
    record = {"key": "1", "value": json.dumps(event), "topic": topic, "partition": 0, "offset": 0}
    return json.dumps(record | {"timestamp": BEGAN}) + "\n"


def measure(base: Path, history: History, rounds: int) -> dict[str, list[Cost]]:
    """What updates of each kind cost, and one with nothing new."""
    lake = _open(base)
    costs: dict[str, list[Cost]] = {kind: [] for kind in (*KINDS, NOTHING_NEW)}
    for number in range(rounds + WARMING):
        for kind in costs:
            if kind != NOTHING_NEW:
                land(lake.settings.landing_zone, history, kind, number)
            cost = measured(lambda: update(lake))
            if number >= WARMING:
                costs[kind].append(cost)
                print(line(f"{history.readings:>12,} readings: {kind}", cost), flush=True)
    return costs


def measure_many(base: Path, history: History, updates: int) -> tuple[list[Cost], int]:
    """What each of many updates of all kinds costs, and how many files there are in all tables afterwards."""
    lake = _open(base)
    for number in range(WARMING):
        for kind in KINDS:
            land(lake.settings.landing_zone, history, kind, number)
            measured(lambda: update(lake))
    costs = []
    for number in range(updates):
        land(lake.settings.landing_zone, history, KINDS[number % len(KINDS)], WARMING + number)
        costs.append(measured(lambda: update(lake)))
    zone = lake.settings.data_zone
    return costs, sum(1 for file in zone.rglob("*") if file.is_file() and "raw" not in file.relative_to(zone).parts)


def _open(base: Path) -> Lakehouse:
    return open_lakehouse(Settings(base_dir=base, as_of_override=date(2026, 1, 31)), get_spark_session)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--readings", type=int, nargs="+", default=[250_000, 2_500_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", type=int, default=0, help="so many updates one after the other instead")
    parser.add_argument("--keep", type=Path, help="a folder for built histories")
    chosen = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="fitness_bench_"))
    kept = chosen.keep or work
    print(HEADER, flush=True)
    try:
        for readings in chosen.readings:
            history, built = History(readings), kept / f"h{readings}"
            if not built.exists():
                write_history(built / "data_zone" / "raw", history)
                print(line(f"{readings:>12,} readings from nothing", build(built)), flush=True)
            base = work / f"copy_of_{readings}"
            shutil.copytree(built, base)
            if chosen.many:
                costs, files = measure_many(base, history, chosen.many)
                for number, cost in enumerate(costs):
                    print(line(f"update {number + 1}", cost))
                print(f"{files:,} files")
            else:
                measure(base, history, chosen.rounds)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
