"""What the commands do."""

import argparse
import shutil
import time
from pathlib import Path

from fitness_assets.cli.dashboard import dashboard as dashboard
from fitness_assets.cli.document import document as document
from fitness_assets.cli.engine import engine as engine
from fitness_assets.cli.governance import governance as governance
from fitness_assets.cli.kafka import kafka as kafka
from fitness_assets.cli.live import live as live
from fitness_assets.cli.produce import produce as produce
from fitness_assets.cli.show import Progress, print_table
from fitness_assets.contracts.model import Layer
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.engine import jars
from fitness_assets.engine.session import session
from fitness_assets.errors import SettingError, UpdateError, ValidationError
from fitness_assets.lakehouse.opening import open_lakehouse
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.quality.reconciliation import reconcile
from fitness_assets.pipeline.quality.validation import validate_tables
from fitness_assets.pipeline.scheduler import update_tables
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets.sample.disorder import Disorder
from fitness_assets.sample.landing import SampleSize, write, write_calendar
from fitness_assets.settings import Settings


def install_jars(parsed: argparse.Namespace) -> int:
    sets = [jars.SPARK, jars.KAFKA_BROKER] if parsed.broker else [jars.SPARK]
    fetched = [one.resolve() for one in sets]
    print("Jars fetched." if any(fetched) else "Jars are there.", jars.folder())
    return 0


def run(parsed: argparse.Namespace) -> int:
    settings = Settings.from_env()
    lake = open_lakehouse(settings, session)
    if not any(settings.landing_zone.glob("*/*")):
        _say(f"The landing zone {settings.landing_zone} is empty, so there will be sample data.")
        write(settings.landing_zone, SampleSize(), _say)
    chosen = [get_table(name).full_name for name in parsed.table] or list(all_tables())
    place = settings.catalog or settings.data_zone
    _say(f"Bringing {len(chosen)} tables in {place} up to date, ages as of {settings.as_of} ...")
    began, outcomes = time.monotonic(), []
    with Progress() as progress:
        for outcome in update_tables(lake, chosen, session, parsed.full_refresh, progress.starting):
            progress.done(outcome)
            outcomes.append(outcome)
    changed = sum(outcome.result.changed for outcome in outcomes if outcome.result)
    said = f"{changed} tables changed" if changed else "Nothing new: no table changed"
    _say(f"{said}, {time.monotonic() - began:.1f} s.")
    show(parsed)
    wrong = [one.table.full_name for one in outcomes if not one.good or (one.result and one.result.trouble)]
    if wrong:
        raise UpdateError(f"{', '.join(wrong)} could not be brought up to date; see above.")
    return 0


def sample(parsed: argparse.Namespace) -> int:
    disorder = Disorder(parsed.late, parsed.repeated, parsed.corrected, parsed.malformed, parsed.shuffled)
    size = SampleSize(parsed.users, parsed.days, parsed.files, parsed.seed, parsed.every, disorder)
    for name, records in write(Settings.from_env().landing_zone, size, _say).items():
        _say(f"{name:<24} {records:>12,} records")
    return 0


def setup(parsed: argparse.Namespace) -> int:
    settings = Settings.from_env()
    lake = open_lakehouse(settings, session)
    if not any((settings.landing_zone / "date_lookup").glob("*.json")):
        _say(f"{write_calendar(settings.landing_zone):,} days of the calendar landed.")
    for one in all_tables().values():
        lake.ensure(one)
        _say(f"  {one.full_name:<31} {lake.address(one)}")
    with Progress() as progress:
        for outcome in update_tables(lake, ["bronz_db.date_lookup"], session, starting=progress.starting):
            progress.done(outcome)
    return 0 if outcome.good else 1


def validate(parsed: argparse.Namespace) -> int:
    lake = Lakehouse(_in_folders(Settings.from_env()))
    _say("Computing every table again from the landing zone, in a scratch folder ...")
    _say(f"  {'table':<31} {'expected':>12} {'found':>12}")
    wrong: list[str] = []
    for verdict in validate_tables(lake, session):
        said = "ok" if verdict.right else f"WRONG: {verdict.missing:,} missing, {verdict.unexpected:,} unexpected"
        wrong += [] if verdict.right else [verdict.table.full_name]
        _say(f"  {verdict.table.full_name:<31} {verdict.expected:>12,} {verdict.found:>12,}  {said}")
    for book in reconcile(lake):
        wrong += [] if book.right else [book.source]
        _say(f"  {book.source:<31} {book}")
    if wrong:
        raise ValidationError(
            f"{', '.join(wrong)} did not hold what the landing zone says. If new files have landed, "
            f"`fitness-assets run` first; to compute everything anew, `fitness-assets run --full-refresh`."
        )
    _say("All tables hold exactly what landed.")
    return 0


def show(parsed: argparse.Namespace) -> int:
    lake = open_lakehouse(Settings.from_env(), session)
    for one in all_tables().values():
        if one.layer is Layer.GOLD and lake.log(one).exists():
            with lake.look() as look:
                rows = look.rows(one)
                names = rows.names(column.name for column in one.columns)
                found = rows.fetch(f"SELECT {names} FROM {rows.all_rows} ORDER BY {names} LIMIT 10")
            print_table(one, found, lake.log(one).row_count())
    return 0


def clean(parsed: argparse.Namespace) -> int:
    settings = _in_folders(Settings.from_env())
    lake, store = Lakehouse(settings), ProgressStore(settings)
    chosen = [get_table(parsed.table)] if parsed.table else list(all_tables().values())
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


def _in_folders(settings: Settings) -> Settings:
    if settings.catalog is not None:
        raise SettingError(
            f"FITNESS_CATALOG is {settings.catalog!r}; this command works on tables in folders alone. In a catalog the "
            f"job 'fitness_assets integration test' validates, and DROP TABLE removes."
        )
    return settings
