"""Every table from nothing, of more and more readings, and beside it DuckDB's one shot of the same files.

.venv/bin/python -m fitness_assets_tests.benchmarks.bulk --readings 250000 2500000
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from fitness_assets_tests.benchmarks.long_history import History, write_history
from fitness_assets_tests.benchmarks.machine_load import Cost, run_measured

HEADER = f"{'':<44} {'wall, s':>8} {'CPU, s':>8} {'memory, MB':>11} {'read, MB':>9} {'written, MB':>12}"


def build(base: Path) -> Cost:
    """`fitness-assets run` on a landing zone that has records, and nothing else."""
    variables = {"FITNESS_BASE_DIR": str(base), "FITNESS_AS_OF": "2026-01-31"}
    return run_measured([sys.executable, "-m", "fitness_assets.cli.main", "run"], variables, base / "build.log")


def build_by_duckdb(base: Path) -> Cost:
    """The same files by DuckDB, once."""
    target = base / "duckdb"
    program = [sys.executable, "-m", "fitness_assets_tests.benchmarks.duckdb_once"]
    cost = run_measured([*program, str(base / "data_zone" / "raw"), str(target)], {}, base / "duckdb.log")
    shutil.rmtree(target)
    return cost


def line(what: str, cost: Cost) -> str:
    return f"{what:<44} {cost.wall:>8.1f} {cost.cpu:>8.1f} {cost.memory:>11.0f} {cost.read:>9.0f} {cost.written:>12.0f}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--readings", type=int, nargs="+", default=[250_000, 2_500_000])
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--order", choices=["time", "person", "none"], default="time")
    parser.add_argument("--odd", action="store_true", help="each reading has a field that nobody knows")
    chosen = parser.parse_args()
    print(HEADER, flush=True)
    for readings in chosen.readings:
        base = Path(tempfile.mkdtemp(prefix="fitness_bench_"))
        try:
            write_history(base / "data_zone" / "raw", History(readings, chosen.people, chosen.order, chosen.odd))
            once = build_by_duckdb(base)
            print(line(f"{readings:,} readings, DuckDB once", once), flush=True)
            ours = build(base)
            print(line(f"{readings:,} readings, every table", ours))
            print(f"{'':<44} {ours.wall / once.wall:>7.1f}x {ours.cpu / once.cpu:>7.1f}x", flush=True)
        finally:
            shutil.rmtree(base)


if __name__ == "__main__":
    main()
