"""`fitness-assets setup`: everything that is there before the first record lands."""

import click

from fitness_assets.cli.progress import TableProgress


@click.command()
def setup() -> None:
    """Make the zones, the tables and the calendar's history."""
    from fitness_assets.contracts.registry import all_tables
    from fitness_assets.engine.spark_session import get_spark_session
    from fitness_assets.lakehouse import open_lakehouse
    from fitness_assets.pipeline.scheduler import update_tables
    from fitness_assets.sample.landing_files import write_calendar
    from fitness_assets.settings import Settings

    settings = Settings.from_env()
    lake = open_lakehouse(settings, get_spark_session)
    if not any((settings.landing_zone / "date_lookup").glob("*.json")):
        click.echo(f"{write_calendar(settings.landing_zone):,} days of the calendar landed.")
    for table in all_tables().values():
        lake.ensure(table)
        click.echo(f"  {table.full_name:<31} {lake.address(table)}")
    calendar = ["bronz_db.date_lookup"]
    with TableProgress(len(calendar)) as progress:
        for outcome in update_tables(lake, calendar, on_start=progress.start):
            progress.finish_update(outcome)
    if not outcome.is_good:
        raise click.exceptions.Exit(1)
