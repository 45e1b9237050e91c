"""Small updates of a short and of a long history, on a warm engine, each kind some times.

    .venv/bin/python -m fitness_assets_tests.benchmarks.small_updates --readings 250000 2500000 25000000

An update is ten workouts of a hundred readings: after the end of the history, corrections of one hour in its middle, or
corrections of ten hours anywhere in it. The histories are built one after the other; `--keep FOLDER` keeps them there
and takes copies of them the next time.
"""

import argparse
import json
import os
import random
import shutil
import tempfile
import time
from datetime import date
from pathlib import Path

from fitness_assets.contracts.registry import all_tables
from fitness_assets.engine.spark_session import get_spark_session
from fitness_assets.lakehouse import Lakehouse, open_lakehouse
from fitness_assets.pipeline.scheduler import update_tables
from fitness_assets.settings import Settings
from fitness_assets_tests.benchmarks.bulk import HEADER, build, line
from fitness_assets_tests.benchmarks.long_history import BEGAN, History, write_history
from fitness_assets_tests.benchmarks.machine_load import Watch

KINDS = ("after the end", "in the middle", "anywhere")
_WORKOUTS = 10
_READINGS = 100


def update(lake: Lakehouse) -> None:
    for outcome in update_tables(lake, all_tables()):
        if outcome.error is not None:
            raise outcome.error
        assert outcome.is_good, outcome


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


def measure(base: Path, history: History, rounds: int) -> None:
    lake = open_lakehouse(Settings(base_dir=base, as_of_override=date(2026, 1, 31)), get_spark_session)
    for number in range(rounds + 2):  # the first two of each kind warm the engine
        for kind in KINDS:
            land(lake.settings.landing_zone, history, kind, number)
            watch, began = Watch(os.getpid()), time.perf_counter()
            update(lake)
            cost = watch.stop(time.perf_counter() - began)
            if number >= 2:
                print(line(f"{history.readings:>12,} readings: 1,000 {kind}", cost), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--readings", type=int, nargs="+", default=[250_000, 2_500_000])
    parser.add_argument("--rounds", type=int, default=3)
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
            measure(base, history, chosen.rounds)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
