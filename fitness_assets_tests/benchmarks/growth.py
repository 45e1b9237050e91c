"""How many bytes a week adds in which nothing new comes in, and what the notes of landed files cost.

    .venv/bin/python -m fitness_assets_tests.benchmarks.growth

Real runs, extractions and ticks, a few of each, and what each of them leaves; a week has so many of them. What is
removed by itself counts as often as there is at one time. Nothing lands meanwhile.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fitness_assets.contracts.registry import get_table
from fitness_assets.defs.jobs.update_all_tables import update_all_tables
from fitness_assets.defs.retention.ticks import SKIPPED_TICK_HOURS
from fitness_assets.live.dagster.instance import dagster_home
from fitness_assets.live.processes.logs import KEPT_LOGS, MAX_LOG_BYTES
from fitness_assets.live.processes.managed_process import ManagedProcess
from fitness_assets.live.processes.ports import LOOPBACK, free_port
from fitness_assets.pipeline.landing.listing import FileVersion
from fitness_assets.pipeline.landing.loading import Content
from fitness_assets.pipeline.state.ingested_files import IngestedFile, IngestedFiles
from fitness_assets.settings import Settings
from fitness_assets_tests.storage.counted_storage import CountedStorage

UPDATES, EXTRACTIONS = 7 * 24, 7 * 24 * 60
"""So many a week: an update an hour, an extraction a minute."""
SCHEDULE_TICKS = 2 * 24 * 60
"""So many ticks of the extraction are there at one time: dagster.yaml keeps those of two days."""
_WARM_UP = 3
"""After so many runs the databases have the room that later ones need."""
_SAMPLE = ["fitness_assets.cli.main", "sample", "--users", "4", "--days", "1", "--every", "60"]
_EXTRACTION = "extract_from_sql"
_TABLES = (
    "CREATE TABLE registered_users (user_id integer, device_id integer, mac_address text, registration_timestamp real)",
    "CREATE TABLE gym_logins (mac_address text, gym integer, login real, logout real)",
    "INSERT INTO registered_users VALUES (1, 7, 'aa', 1.7e9)",
)


@dataclass(frozen=True)
class Growth:
    """What one kind of thing adds in a week.

    Attributes:
        each: bytes that one of them leaves.
        times: how many there are, or are at one time.
        once: bytes that are there from the first ones on, and no more later.
    """

    what: str
    each: float
    times: int
    once: int = 0

    @property
    def bytes_a_week(self) -> int:
        return self.once + round(self.each * self.times)


def measure_week(work: Path, runs: int, seconds: int) -> list[Growth]:
    """Bring sample data up to date, then look again and again.

    Args:
        runs: so many updates and extractions after those that make room.
        seconds: for so long Dagster's sensors are on.
    """
    base, home = work / "base", dagster_home(Settings(base_dir=work / "base"))
    source = work / "source.db"
    with closing(sqlite3.connect(source)) as database:
        for statement in _TABLES:
            database.execute(statement)
        database.commit()
    here = {"FITNESS_BASE_DIR": str(base), "FITNESS_SQL_URL": f"sqlite:///{source}", "DAGSTER_HOME": str(home)}
    job = ["dagster", "job", "execute", "-m", "fitness_assets.definitions", "-j"]
    for command in (_SAMPLE, [*job, _EXTRACTION], ["fitness_assets.cli.main", "run"]):
        _run(command, here, work)
    growths = []
    for what, name, times in (("updates", update_all_tables.name, UPDATES), ("extractions", _EXTRACTION, EXTRACTIONS)):
        before = size_of(base)
        for _ in range(_WARM_UP):
            _run([*job, name], here, work)
        warm = size_of(base)
        for _ in range(runs):
            _run([*job, name], here, work)
        growths.append(Growth(what, max(size_of(base) - warm, 0) / runs, times, max(warm - before, 0)))
    return growths + list(_ticks(home, here, work, seconds))


def _ticks(home: Path, variables: dict[str, str], work: Path, seconds: int) -> Iterator[Growth]:
    """What the sensors and schedules leave, and the log of Dagster itself, while it runs for some seconds."""
    command = ["-m", "dagster", "dev", "-m", "fitness_assets.definitions", "-h", LOOPBACK, "-p", str(free_port())]
    process = ManagedProcess(
        "Dagster", [sys.executable, *command], work / "dagster.log", {**variables, "FITNESS_AUTOMATIC": "1"}
    )
    try:
        time.sleep(seconds)
    finally:
        process.kill()
    lasted = "(julianday(max(timestamp)) - julianday(min(timestamp))) * 86400"
    with closing(sqlite3.connect(home / "schedules" / "schedules.db")) as database:
        ((pages,),) = database.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%tick%'")
        ((ticks, seen),) = database.execute(f"SELECT count(*), {lasted} FROM job_ticks")
    each = pages / max(ticks, 1)
    an_hour = round(3600 * ticks / max(seen or 0.0, 1.0))
    yield Growth("ticks that found nothing", each, an_hour * SKIPPED_TICK_HOURS)
    yield Growth("ticks of the extraction", each, SCHEDULE_TICKS)
    a_week = (work / "dagster.log").stat().st_size / seconds * 7 * 24 * 3600
    yield Growth("logs of the live stack", min(a_week, (1 + KEPT_LOGS) * MAX_LOG_BYTES), 1)


def measure_notes(work: Path, landed: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """For each number of files that landed before: bytes read and written when one more lands, and bytes on disk."""
    found = []
    table = get_table("bronz_db.gym_logins_bz")
    for number in landed:
        storage = CountedStorage(work / str(number))
        files = {f"gym_logins_{each:06d}.csv": _file() for each in range(number)}
        IngestedFiles(storage, table).write(files)
        storage.reset()
        lists = IngestedFiles(storage, table)
        lists.write({**(lists.read() or {}), "gym_logins_one_more.csv": _file()})
        found.append((number, storage.read_bytes, storage.written_bytes, size_of(work / str(number))))
    return found


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _file() -> IngestedFile:
    digest, now = os.urandom(16).hex(), time.time_ns()
    return IngestedFile(FileVersion(20_000, now, now), content=Content(digest), records=500)


def _run(module: Sequence[str], variables: dict[str, str], work: Path) -> None:
    with (work / "output.log").open("wb") as out:
        command = [sys.executable, "-m", *module]
        subprocess.run(command, env=os.environ | variables, stdout=out, stderr=subprocess.STDOUT, check=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10, help="updates and extractions that are measured")
    parser.add_argument("--seconds", type=int, default=180, help="for how long Dagster's sensors are on")
    parser.add_argument("--landed", type=int, nargs="+", default=[100, 10_000, 100_000])
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fitness_growth_") as folder:
        print("A week in which nothing new comes in adds:")
        growths = measure_week(Path(folder), chosen.runs, chosen.seconds)
        for growth in growths:
            print(
                f"  {growth.what:<26}{growth.bytes_a_week:>14,} bytes: {growth.times:,} x {growth.each:,.0f}"
                f" + {growth.once:,} once"
            )
        print(f"  {'in all':<26}{sum(growth.bytes_a_week for growth in growths):>14,} bytes")
        print("The list of ingested files, when one more lands:")
        for number, read, written, stored in measure_notes(Path(folder) / "notes", chosen.landed):
            print(f"  after {number:>9,} files: {read:,} bytes read, {written:,} written, {stored:,} on disk")


if __name__ == "__main__":
    main()
