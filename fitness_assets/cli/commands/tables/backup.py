"""`fitness-assets backup` and `fitness-assets restore`: both zones and the landing zone, at one instant."""

from pathlib import Path

import click

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("destination", type=FOLDER)
@click.option("--verify", is_flag=True, help="Take none: read the newest backup again, and say whether it is whole.")
def backup(destination: Path, verify: bool) -> None:
    """Copy tables, notes and landing zone; updates may go on.

    Each backup is a folder of its own below DESTINATION. What the one before has already is linked, and takes no room.
    """
    from fitness_assets.engine.spark_session import get_spark_session
    from fitness_assets.lakehouse import open_lakehouse
    from fitness_assets.pipeline.backup import newest_backup, take_backup
    from fitness_assets.pipeline.backup import verify as damaged_files
    from fitness_assets.settings import Settings

    if verify:
        found = newest_backup(destination)
        damaged = list(damaged_files(found))
        for line in damaged:
            click.echo(line)
        click.echo(f"{found.folder.name}: {len(found.files) - len(damaged):,} of {len(found.files):,} files are whole.")
        if damaged:
            raise click.exceptions.Exit(1)
        return
    lake = open_lakehouse(Settings.from_env(), get_spark_session)
    taken = take_backup(lake, destination, lambda line: click.echo(f"  {line}"))
    click.echo(f"{taken.folder}: {len(taken.files):,} files, {taken.bytes / 1e6:,.1f} MB.")


@click.command()
@click.argument("source", type=FOLDER)
@click.option("--at", "name", default="", metavar="NAME", help="The backup of that name instead of the newest.")
@click.option("--replace", is_flag=True, help="Put aside what is there.")
def restore(source: Path, name: str, replace: bool) -> None:
    """Put a backup below SOURCE back into FITNESS_BASE_DIR.

    The next run brings in what landed since, and what the broker still has.
    """
    from fitness_assets.pipeline.backup import newest_backup
    from fitness_assets.pipeline.backup import restore as put_back
    from fitness_assets.settings import Settings

    settings, chosen = Settings.from_env(), newest_backup(source, name)
    aside = put_back(settings, chosen, replace)
    click.echo(f"{chosen.folder.name} is in {settings.base_dir}: {len(chosen.files):,} files.")
    if aside is not None:
        click.echo(f"What was there before is in {aside}.")
