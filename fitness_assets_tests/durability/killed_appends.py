"""Long appends that are killed on a shared engine, each with a successor that starts at once.

    .venv/bin/python -m fitness_assets_tests.durability.killed_appends --times 20

A run is a process of its own, as a person or Dagster starts it, and is killed with -9 somewhere in the middle; the next
one goes on beside whatever the engine still does for the one that is dead. Every record must be there exactly once.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deltalake import DeltaTable

from fitness_assets.live.engine.server import EngineServer
from fitness_assets.sample.landing_files import write_calendar
from fitness_assets.settings import Settings
from fitness_assets_tests.records import NOON, reading

_NAMES = {"bronz_db.kafka_multiplex_bz": "bronze", "silver_db.heart_rate": "silver"}
_RUN = [sys.executable, "-m", "fitness_assets.cli.main", "run", "bronz_db.date_lookup", *_NAMES]


class SharedEngine:
    """A base folder and the engine on which its runs are killed."""

    def __init__(self, base: Path, seed: int) -> None:
        self._settings = Settings(base_dir=base)
        self._rng = random.Random(seed)
        self._engine = EngineServer(self._settings)
        self._environment = {**os.environ, "FITNESS_BASE_DIR": str(base), "FITNESS_AS_OF": "2026-02-28"}
        self.landed = 0
        write_calendar(self._settings.landing_zone)

    def start(self) -> None:
        self._environment["SPARK_REMOTE"] = self._engine.start("2g").address

    def stop(self) -> None:
        self._engine.stop()

    def land(self, records: int) -> None:
        """A file of readings, each of a time of its own."""
        folder = self._settings.landing_zone / "kafka_multiplex_bz"
        folder.mkdir(parents=True, exist_ok=True)
        lines = (reading(7, NOON + number, 60) for number in range(self.landed, self.landed + records))
        with (folder / f"_{self.landed}.tmp").open("w") as out:
            out.writelines(f"{line}\n" for line in lines)
        (folder / f"_{self.landed}.tmp").rename(folder / f"{self.landed}.json")
        self.landed += records

    def kill_and_succeed(self) -> float:
        """Kill a run, and let its successor start at once and end; after how many seconds the first was killed."""
        first = subprocess.Popen(_RUN, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = self._rng.uniform(1.0, 14.0)
        time.sleep(seconds)
        first.kill()
        done = subprocess.run(_RUN, env=self._environment, capture_output=True, text=True, check=False)
        first.wait()
        assert done.returncode == 0, done.stdout + done.stderr
        return seconds

    def counts(self) -> dict[str, tuple[int, int]]:
        """Of each table how many rows it has, and how many different records they are."""
        counted = {}
        for name, label in _NAMES.items():
            table = DeltaTable(str(self._settings.data_zone / name.replace(".", "/")))
            columns = ["source_file", "line_number"] if label == "bronze" else ["device_id", "time"]
            rows = table.to_pyarrow_table(columns=columns)
            counted[label] = rows.num_rows, rows.group_by(columns).aggregate([]).num_rows
        return counted


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--records", type=int, default=150_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    chosen = parser.parse_args()
    print(f"--seed {chosen.seed}", flush=True)
    base = Path(tempfile.mkdtemp(prefix="fitness_killed_appends_"))
    shared = SharedEngine(base, chosen.seed)
    shared.start()
    try:
        for number in range(1, chosen.times + 1):
            shared.land(chosen.records)
            seconds, counts = shared.kill_and_succeed(), shared.counts()
            print(f"  {number}: killed after {seconds:.1f} s; {counts}", flush=True)
            assert set(counts.values()) == {(shared.landed, shared.landed)}, f"{shared.landed:,} records landed"
    finally:
        shared.stop()
    shutil.rmtree(base)
    print(f"{chosen.times} appends killed, every record exactly once.")


if __name__ == "__main__":
    main()
