"""`fitness-assets erase` and `fitness-assets export`: a person forgotten, or handed all that is known."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fitness_assets.cli.output import is_confirmed

if TYPE_CHECKING:
    from fitness_assets.lakehouse import Lakehouse
    from fitness_assets.privacy import Person

_WHO = (
    click.option("--user", metavar="ID", help="The person of this id."),
    click.option("--device", metavar="ID", help="Who registered this device last."),
    click.option("--mac", metavar="ADDRESS", help="Who registered the device of this address last."),
)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@_WHO[0]
@_WHO[1]
@_WHO[2]
@click.option("--backups", type=_FOLDER, multiple=True, help="A folder of backups: a new one takes their place.")
@click.option("--dry-run", is_flag=True, help="Only count what would go.")
@click.option("--later", is_flag=True, help="Let Dagster's job erase_people do it, wherever tables are updated.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(
    user: str | None,
    device: str | None,
    mac: str | None,
    backups: tuple[Path, ...],
    dry_run: bool,
    later: bool,
    yes: bool,
) -> None:
    """Forget a person, everywhere and for good; asks first.

    In every table and version, landed file and backup. What is kept are keyed hashes, so that late records, replays
    and restores bring nothing back. Earlier versions of all tables go, too.
    """
    from fitness_assets.privacy import count_erasable, request_erasure
    from fitness_assets.privacy import erase as forget
    from fitness_assets.settings import Settings

    if later:
        _check_one_of(user, device, mac)
        request_id = request_erasure(Settings.from_env(), user, device, mac)
        click.echo(f"Asked for as {request_id}; the next run of the job erase_people does it.")
        return
    lake, person = _find(user, device, mac)
    _print_counts(count_erasable(lake, person), "would go" if dry_run else "will go")
    if dry_run:
        return
    if not yes and not is_confirmed("Forget this person, and every earlier version of all tables?"):
        click.echo("Nothing was changed.")
        raise click.exceptions.Exit(1)
    report = forget(lake, person, backups, lambda line: click.echo(f"  {line}"))
    _print_counts({**report.tables, **report.lines}, "are gone")
    for place, what in report.backups.items():
        click.echo(f"{place}: {what}")
    for what in report.remains:
        click.echo(what)
    if report.found:
        click.echo("Found all the same, look at these by hand:")
        for path in report.found:
            click.echo(f"  {path}")
        raise click.exceptions.Exit(1)
    click.echo(f"Looked for in every byte below {lake.settings.base_dir}: nothing. Erasure {report.id}.")


@click.command()
@_WHO[0]
@_WHO[1]
@_WHO[2]
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def export(user: str | None, device: str | None, mac: str | None, target: Path) -> None:
    """Write all that is known of a person into an archive.

    TARGET is a ZIP of a JSON and a Parquet file a table.
    """
    from fitness_assets.privacy import export_person

    lake, person = _find(user, device, mac)
    try:
        counts = export_person(lake, person, target, lambda line: click.echo(f"  {line}"))
    except FileExistsError as error:
        raise click.UsageError(f"{target} is there already.") from error
    click.echo(f"{target}: {sum(counts.values()):,} rows of {len(counts)} tables.")


def _find(user: str | None, device: str | None, mac: str | None) -> "tuple[Lakehouse, Person]":
    from fitness_assets.engine.spark_session import get_spark_session
    from fitness_assets.lakehouse import open_lakehouse
    from fitness_assets.privacy import find_person
    from fitness_assets.settings import Settings

    _check_one_of(user, device, mac)
    lake = open_lakehouse(Settings.from_env(), get_spark_session)
    return lake, find_person(lake, user, device, mac)


def _check_one_of(*given: str | None) -> None:
    if sum(one is not None for one in given) != 1:
        raise click.UsageError("Say who: one of --user, --device and --mac.")


def _print_counts(counts: Mapping[str, int], what: str) -> None:
    if not counts:
        click.echo("Nothing is known of this person.")
    for place, count in counts.items():
        click.echo(f"  {place:<40} {count:>12,} {what}")
