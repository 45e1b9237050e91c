"""All benchmarks, and their page.

    make bench
    .venv/bin/python -m fitness_assets_tests.benchmarks --readings 250000 2500000 25000000 --updates 1000

Nothing else should run meanwhile.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fitness_assets_tests.benchmarks import latency
from fitness_assets_tests.benchmarks import update_against_recompute as recompute
from fitness_assets_tests.benchmarks.bulk import build, build_by_duckdb
from fitness_assets_tests.benchmarks.long_history import History, write_history
from fitness_assets_tests.benchmarks.machine_load import Cost, run_measured
from fitness_assets_tests.benchmarks.report import Figure, Section, write_report
from fitness_assets_tests.benchmarks.small_updates import KINDS, NOTHING_NEW, measure, measure_many

_ROOT = Path(__file__).resolve().parents[2]
_SMALL_TABLE = "silver_db/user_profile"


def bulk(work: Path, sizes: list[int]) -> list[Section]:
    figures, waits = [], []
    for readings in sizes:
        base = _history(work, readings)
        once, began = build_by_duckdb(base), time.time()
        ours = build(base)
        profiles = Cost((base / "data_zone" / _SMALL_TABLE / "_delta_log").stat().st_mtime - began)
        figures += [Figure(f"{readings:,} readings, DuckDB", [once]), Figure(f"{readings:,} readings", [ours], [once])]
        waits += [
            Figure(f"every table of {readings:,} readings", [ours]),
            Figure("the profiles of 100 people", [profiles], [ours]),
        ]
    command = _command("bulk", "--readings", *map(str, sizes))
    return [
        Section("From nothing", command, "DuckDB", figures),
        Section("A small table beside a big one", "make bench", "all of it", waits, "wall"),
    ]


def recomputed(work: Path, users: int, rounds: int) -> Section:
    shutil.rmtree(work / "recompute", ignore_errors=True)
    costs = recompute.measure(work / "recompute", users, rounds)
    plain = costs[recompute.PLAIN]
    figures = [Figure(what, each, None if each is plain else plain) for what, each in costs.items()]
    command = _command("update_against_recompute", "--users", str(users))
    return Section("Beside a plain recompute by Spark", command, "the recompute", figures)


def live(work: Path, rounds: int) -> list[Section]:
    sections = []
    for mode, title in (("stream", "From sent to gold, streamed"), ("sensors", "From sent to gold, by sensors")):
        ways = latency.measure(work, mode, rounds)
        figures = [Figure(way, seconds) for way, seconds in ways.items()]
        sections.append(Section(title, _command("latency", "--mode", mode), "", figures, "wall"))
    return sections


def small(work: Path, sizes: list[int], rounds: int) -> Section:
    figures: list[Figure] = []
    first: dict[str, list[Cost]] = {}
    for readings in sizes:
        costs = measure(_copy(work, readings), History(readings), rounds)
        for kind in (*KINDS, NOTHING_NEW):
            beside = first.get(kind)
            first.setdefault(kind, costs[kind])
            figures.append(Figure(f"{kind}, history of {readings:,}", costs[kind], beside))
    figures.sort(key=lambda figure: figure.what.split(",")[0])
    command = _command("small_updates", "--readings", *map(str, sizes))
    return Section("Small updates", command, "the shortest history", figures)


def many(work: Path, readings: int, updates: int) -> Section:
    costs, files = measure_many(_copy(work, readings), History(readings), updates)
    share = max(updates // 10, len(KINDS))
    figures = [
        Figure(f"the first {share}", costs[:share]),
        Figure(f"the last {share} ({files} files, log included)", costs[-share:], costs[:share]),
    ]
    command = _command("small_updates", "--readings", str(readings), "--many", str(updates))
    return Section(f"{updates} updates one after the other", command, "the first", figures)


def loading(work: Path, rounds: int) -> Section:
    def times(program: str) -> list[Cost]:
        return [run_measured([sys.executable, "-c", program], {}, work / "load.log") for _ in range(rounds)]

    dagster = times("import dagster")
    definitions = times("from fitness_assets.definitions import defs; defs().get_repository_def()")
    figures = [Figure("import dagster", dagster), Figure("the definitions", definitions, dagster)]
    return Section("Loading the definitions", "make bench", "import dagster", figures)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--readings", type=int, nargs="+", default=[250_000, 2_500_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--updates", type=int, default=100)
    parser.add_argument("--docs", type=Path, default=_ROOT / "docs", help="the folder that takes the page")
    parser.add_argument("--keep", type=Path, help="a folder for the histories; the next time they are there")
    parser.add_argument("--users", type=int, default=48, help="of the plain recompute: two days of so many")
    parser.add_argument("--latency", type=int, default=16, help="workouts sent to a live stack, 0: no stack is started")
    chosen = parser.parse_args()
    work = chosen.keep or Path(tempfile.mkdtemp(prefix="fitness_bench_"))
    page = chosen.docs / "measured.md"
    parts: list[Callable[[], list[Section]]] = [
        lambda: bulk(work, chosen.readings),
        lambda: [small(work, chosen.readings, chosen.rounds)],
        lambda: [many(work, chosen.readings[0], chosen.updates)],
        lambda: [recomputed(work, chosen.users, chosen.rounds)],
        lambda: [loading(work, chosen.rounds)],
        lambda: live(work, chosen.latency) if chosen.latency else [],
    ]
    sections: list[Section] = []
    try:
        for part in parts:
            sections += part()
            # What was measured lasts, whatever becomes of the rest.
            write_report(page, chosen.docs / "images", sections)
    finally:
        if chosen.keep is None:
            shutil.rmtree(work)
    print(page.read_text())


def _history(work: Path, readings: int) -> Path:
    """A landing zone of that many readings, and no table."""
    base = work / f"h{readings}"
    if not base.exists():
        write_history(base / "data_zone" / "raw", History(readings))
    for folder in ("bronz_db", "silver_db", "gold_db"):
        shutil.rmtree(base / "data_zone" / folder, ignore_errors=True)
    shutil.rmtree(base / "chkpt_zone", ignore_errors=True)
    return base


def _copy(work: Path, readings: int) -> Path:
    """A copy of what `bulk` built."""
    base = work / f"copy_of_{readings}"
    shutil.rmtree(base, ignore_errors=True)
    return Path(shutil.copytree(work / f"h{readings}", base))


def _command(module: str, *arguments: str) -> str:
    return f".venv/bin/python -m fitness_assets_tests.benchmarks.{module} {' '.join(arguments)}"


if __name__ == "__main__":
    main()
