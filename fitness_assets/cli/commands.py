"""What the commands do."""

import argparse
import shutil
import time
from pathlib import Path

import duckdb

from fitness_assets.cli.show import print_table
from fitness_assets.contracts.catalog import table, tables
from fitness_assets.contracts.model import Kind, Layer
from fitness_assets.engine import jars
from fitness_assets.engine.session import session
from fitness_assets.errors import ValidationFailed
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.accounting import accounts
from fitness_assets.pipeline.progress import ProgressStore
from fitness_assets.pipeline.update import update
from fitness_assets.sample.disorder import Disorder
from fitness_assets.sample.landing import SampleSize, write, write_calendar
from fitness_assets.settings import Settings


def install_jars(parsed: argparse.Namespace) -> int:
    print("Jars fetched." if jars.resolve() else "Jars are there.", jars.folder())
    return 0


def run(parsed: argparse.Namespace) -> int:
    settings = Settings.from_env()
    lake = Lakehouse(settings)
    if not any(settings.landing_zone.glob("*/*")):
        write(settings.landing_zone, SampleSize(), _say)
    _say(f"Bringing every table in {settings.data_zone} up to date, ages as of {settings.as_of} ...")
    began, changed = time.monotonic(), 0
    for one in tables().values():
        result = update(lake, one, session, full=parsed.full_refresh and one.layer is not Layer.BRONZE)
        changed += result.changed
        _say(result.line())
    if changed:
        _say(f"{changed} tables changed in {time.monotonic() - began:.1f} s.")
    else:
        _say(f"Nothing new: no table changed ({time.monotonic() - began:.1f} s).")
    return show(parsed)


def sample(parsed: argparse.Namespace) -> int:
    disorder = Disorder(parsed.late, parsed.repeated, parsed.corrected, parsed.malformed, parsed.shuffled)
    size = SampleSize(parsed.users, parsed.days, parsed.files, parsed.seed, parsed.every, disorder)
    for name, records in write(Settings.from_env().landing_zone, size, _say).items():
        _say(f"{name:<24} {records:>12,} records")
    return 0


def setup(parsed: argparse.Namespace) -> int:
    settings = Settings.from_env()
    lake = Lakehouse(settings)
    if not any((settings.landing_zone / "date_lookup").glob("*.json")):
        _say(f"{write_calendar(settings.landing_zone):,} days of the calendar landed.")
    for one in tables().values():
        lake.ensure(one)
        _say(f"{one.full_name:<32} {lake.path(one)}")
    update(lake, table("bronz_db.date_lookup"), session)
    return 0


def validate(parsed: argparse.Namespace) -> int:
    """Compute every keyed table whole, compare, and check the sums; nothing is written where all is right."""
    lake = Lakehouse(Settings.from_env())
    wrong: list[str] = []
    _say(f"{'table':<32} {'found':>12} {'expected':>12}")
    for one in tables().values():
        if one.kind is Kind.LANDED:
            continue
        found = lake.ensure(one).row_count()
        result = update(lake, one, session, full=True)
        verdict = "ok" if not result.changed else f"WRONG: +{result.inserted} ~{result.updated} -{result.deleted}, mended"
        wrong += [one.full_name] if result.changed else []
        _say(f"{one.full_name:<32} {found:>12,} {result.rows:>12,}  {verdict}")
    for book in accounts(lake):
        right = book.bronze == book.accepted + book.refused
        wrong += [] if right else [book.source]
        _say(f"{book.source:<32} {book.bronze:>12,} = {book.accepted:,} accepted + {book.refused:,} refused")
    if wrong:
        raise ValidationFailed(f"{', '.join(wrong)} did not hold what the landed records say.")
    _say("All tables hold exactly what the landed records say.")
    return 0


def show(parsed: argparse.Namespace) -> int:
    lake = Lakehouse(Settings.from_env())
    for one in tables().values():
        if one.layer is Layer.GOLD and lake.log(one).exists():
            with duckdb.connect() as db:
                db.register("t", lake.log(one).delta().to_pyarrow_dataset())
                names = ", ".join(f'"{column.name}"' for column in one.columns)
                found = db.execute(f"SELECT {names} FROM t ORDER BY {names} LIMIT 10").fetchall()
            print_table(one, found, lake.log(one).row_count())
    return 0


def clean(parsed: argparse.Namespace) -> int:
    settings = Settings.from_env()
    lake, store = Lakehouse(settings), ProgressStore(settings)
    chosen = [table(parsed.table)] if parsed.table else list(tables().values())
    folders: list[Path] = [folder for one in chosen for folder in (lake.path(one), store.folder(one))]
    if parsed.landing:
        folders.append(settings.landing_zone)
    there = [folder for folder in folders if folder.exists()]
    if not there:
        _say("There is nothing to remove.")
        return 0
    for folder in there:
        _say(f"  {folder}")
    if not parsed.yes and input("Remove these folders? [y/N] ").strip().lower() != "y":
        _say("Nothing was removed.")
        return 1
    for folder in there:
        shutil.rmtree(folder)
    _say(f"{len(there)} folders removed.")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)
