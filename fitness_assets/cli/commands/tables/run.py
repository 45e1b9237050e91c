"""`fitness-assets run`: every table brought up to date, once."""

import time

import click

from fitness_assets.cli.commands.tables.show import print_gold_tables
from fitness_assets.cli.progress import TableProgress


@click.command()
@click.argument("tables", nargs=-1, metavar="[TABLE]...")
@click.option("--full-refresh", is_flag=True, help="Compute them whole; bronze is loaded anew.")
def run(tables: tuple[str, ...], full_refresh: bool) -> None:
    """Bring every table up to date and print both gold tables.

    With names, such as silver_db.users, only these tables. An empty landing zone is given sample data first.
    """
    from fitness_assets.contracts.registry import all_tables, get_table
    from fitness_assets.engine.spark_session import get_spark_session
    from fitness_assets.errors import UpdateError
    from fitness_assets.lakehouse import open_lakehouse
    from fitness_assets.pipeline.scheduler import update_tables
    from fitness_assets.sample.history import SampleSize
    from fitness_assets.sample.landing_files import write_sample
    from fitness_assets.settings import Settings

    settings = Settings.from_env()
    lake = open_lakehouse(settings, get_spark_session)
    if not any(settings.landing_zone.glob("*/*")):
        click.echo(f"The landing zone {settings.landing_zone} is empty, so there will be sample data.")
        write_sample(settings.landing_zone, SampleSize(), click.echo)
    chosen = [get_table(name).full_name for name in tables] or list(all_tables())
    place = settings.catalog or settings.data_zone
    click.echo(f"Bringing {len(chosen)} tables in {place} up to date, ages as of {settings.as_of} ...")
    began, outcomes = time.monotonic(), []
    with TableProgress(len(chosen)) as progress:
        for outcome in update_tables(lake, chosen, full_refresh, progress.start, progress.tell):
            progress.finish_update(outcome)
            outcomes.append(outcome)
    changed = sum(outcome.result.changed for outcome in outcomes if outcome.result)
    summary = f"{changed} tables changed" if changed else "Nothing new: no table changed"
    click.echo(f"{summary}, {time.monotonic() - began:.1f} s.")
    print_gold_tables(lake)
    failed = [outcome.table.full_name for outcome in outcomes if outcome.has_problem]
    if failed:
        raise UpdateError(f"{', '.join(failed)} could not be brought up to date; see above.")
