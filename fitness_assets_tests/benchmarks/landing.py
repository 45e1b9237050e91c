"""How long files take from the landing zone to rows of bronze, and how much memory, whatever is in them.

    .venv/bin/python -m fitness_assets_tests.benchmarks.landing

Each file is read in a process of its own; nothing is written. Beside them DuckDB reads the same readings, with nothing
judged.
"""

import argparse
import gzip
import json
import multiprocessing
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb

from fitness_assets.contracts.feeds import FILE_FEEDS, GYM_LOGINS, KAFKA_RECORDS, FileFeed
from fitness_assets.pipeline.landing.loading import LoadedFiles, load_files
from fitness_assets_tests.records import reading

_MEGABYTE = 1_000_000


def write_readings(file: Path, records: int) -> None:
    with file.open("w", encoding="utf-8") as out:
        for number in range(records):
            out.write(f"{reading(number % 100, 1.7e9 + number, 60.0 + number % 40)}\n")


def write_odd_readings(file: Path, records: int) -> None:
    """With a field that the contract does not know, so that each is judged by itself."""
    with file.open("w", encoding="utf-8") as out:
        for number in range(records):
            record = json.loads(reading(number % 100, 1.7e9 + number, 60.0))
            record["value"] = json.dumps(json.loads(record["value"]) | {"firmware": 7})
            out.write(f"{json.dumps(record)}\n")


def write_visits(file: Path, megabytes: int) -> None:
    lines = (f"4c:c5:9f:00:{n % 90 + 10}:bd,{n % 9},{1678521600 + n},{1678526100 + n}\n" for n in range(20_000))
    block = "".join(lines).encode()
    with file.open("wb") as out:
        out.write(f"{GYM_LOGINS.header}\n".encode())
        for _ in range(megabytes * _MEGABYTE // len(block)):
            out.write(block)


def write_one_line(file: Path, megabytes: int) -> None:
    with file.open("wb") as out:
        for _ in range(megabytes):
            out.write(b"x" * _MEGABYTE)


def write_packed(file: Path, megabytes: int) -> None:
    with gzip.open(file, "wb", compresslevel=1) as out:
        for _ in range(megabytes):
            out.write(b"\0" * _MEGABYTE)


CASES: dict[str, tuple[FileFeed, str, Callable[[Path, int], None], int]] = {
    "readings, each like the other": (KAFKA_RECORDS, "a.json", write_readings, 500_000),
    "readings with an unknown field": (KAFKA_RECORDS, "a.json", write_odd_readings, 200_000),
    "visits, MB": (GYM_LOGINS, "a.csv", write_visits, 200),
    "one line, MB": (KAFKA_RECORDS, "a.json", write_one_line, 300),
    "packed zeros, MB unpacked": (KAFKA_RECORDS, "a.json.gz", write_packed, 10_000),
}


def measure(feed_table: str, folder: str, name: str, found: "multiprocessing.Queue[tuple[object, ...]]") -> None:
    before, began, used = _peak(), time.perf_counter(), time.process_time()
    reasons: Counter[str] = Counter()
    for table in load_files(FILE_FEEDS[feed_table], Path(folder), {name: 1}, {}, LoadedFiles()):
        reasons += Counter(reason or "accepted" for reason in table["reason"].to_pylist())
    seconds = (time.perf_counter() - began, time.process_time() - used)
    found.put((dict(reasons), *seconds, _peak() - before))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0, help="of the sizes")
    chosen = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    print(f"{'file':<34} {'size':>10} {'wall, s':>8} {'CPU, s':>8} {'memory, MB':>11}  records")
    for what, (feed, name, write, size) in CASES.items():
        size = max(1, int(size * chosen.scale))
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder) / name, size)
            found: multiprocessing.Queue[tuple[object, ...]] = context.Queue()
            process = context.Process(target=measure, args=(feed.table, folder, name, found))
            process.start()
            reasons, wall, cpu, memory = found.get()
            process.join()
            print(f"{what:<34} {size:>10,} {wall:>8.1f} {cpu:>8.1f} {memory:>11.0f}  {reasons}", flush=True)
            if write is write_readings:
                began, used = time.perf_counter(), time.process_time()
                duckdb.sql(f"SELECT max(value), max(key) FROM read_json('{folder}/{name}', format = 'nd')").fetchall()
                wall, cpu = time.perf_counter() - began, time.process_time() - used
                print(f"{'the same, DuckDB alone':<34} {size:>10,} {wall:>8.1f} {cpu:>8.1f}", flush=True)


if __name__ == "__main__":
    main()
