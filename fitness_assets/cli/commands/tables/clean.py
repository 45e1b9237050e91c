"""`fitness-assets clean`: tables and checkpoints removed."""

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fitness_assets.cli.folders import settings_of_folders
from fitness_assets.cli.output import is_confirmed

if TYPE_CHECKING:
    from fitness_assets.contracts.model import Table
    from fitness_assets.lakehouse import Lakehouse

_PATIENCE_SECONDS = 10.0
_LOCK_NAME = "writer.lock"


@click.command()
@click.option("--table", "table_name", metavar="TABLE", help="Only this table, such as silver_db.users.")
@click.option("--landing", is_flag=True, help="The landing zone too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def clean(table_name: str | None, landing: bool, yes: bool) -> None:
    """Remove tables and checkpoints; asks first."""
    from fitness_assets.contracts.registry import all_tables, get_table
    from fitness_assets.engine.spark_session import get_spark_session
    from fitness_assets.lakehouse import open_lakehouse
    from fitness_assets.pipeline.state.locks import table_lock
    from fitness_assets.pipeline.state.progress import ProgressStore, state_prefix

    settings = settings_of_folders()
    lake, storage = open_lakehouse(settings, get_spark_session), ProgressStore.from_settings(settings).storage
    chosen = [get_table(table_name)] if table_name else list(all_tables().values())
    folders = [place for each in chosen for place in (lake.address(each), storage.address(state_prefix(each)))]
    folders += [str(settings.landing_zone)] if landing else []
    existing = [folder for folder in map(Path, folders) if _is_something(folder)]
    if not existing:
        click.echo("There is nothing to remove.")
        return
    for folder in existing:
        click.echo(f"  {folder}")
    for each in chosen:
        if records := _only_here(lake, each):
            click.echo(
                f"{records:,} records of {each.full_name} came from a broker, which may not have them any more: they "
                f"exist nowhere else."
            )
        if rows := _archived(lake, each):
            click.echo(
                f"{rows:,} rows of {each.full_name} stay without the records below them: they exist nowhere else."
            )
    if not yes and not is_confirmed("Remove these folders?"):
        click.echo("Nothing was removed.")
        raise click.exceptions.Exit(1)
    with ExitStack() as locks:
        for each in chosen:
            locks.enter_context(table_lock(storage, each, _PATIENCE_SECONDS))
        for folder in existing:
            _remove(folder)
    click.echo(f"{len(existing)} folders removed.")


def _is_something(folder: Path) -> bool:
    return folder.exists() and any(child.name != _LOCK_NAME for child in folder.iterdir())


def _remove(folder: Path) -> None:
    """Remove what is in a folder, but for the lock: whoever waits for it would make it anew meanwhile."""
    for child in folder.iterdir():
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child)
        elif child.name != _LOCK_NAME:
            child.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


def _only_here(lake: "Lakehouse", table: "Table") -> int:
    """How many records of a table no landing zone has."""
    from fitness_assets.contracts.feeds import KAFKA_RECORDS

    if table.full_name != KAFKA_RECORDS.table or not lake.log(table).row_count():
        return 0
    with lake.query_engine() as engine:
        scan = engine.scan(table)
        return scan.count(f"(SELECT 1 AS record FROM {scan.all_rows} WHERE file_load IS NULL)")


def _archived(lake: "Lakehouse", table: "Table") -> int:
    """How many rows of a table are there although their records were let go."""
    return lake.log(table.archive_table).row_count() if table.archive_table else 0
