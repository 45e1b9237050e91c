"""`fitness-assets retention`: records that are older than their contract keeps them let go."""

from typing import TYPE_CHECKING

import click

from fitness_assets.cli.output import is_confirmed

if TYPE_CHECKING:
    from fitness_assets.privacy import DueCount


@click.command()
@click.option("--dry-run", is_flag=True, help="Only count what would go.")
@click.option("--yes", is_flag=True, help="Neither count nor ask.")
def retention(dry_run: bool, yes: bool) -> None:
    """Let go of records that are too old; asks first.

    A contract says for how long. The job maintain_tables does the same each night. Counting computes every table anew
    and changes nothing.
    """
    from fitness_assets.contracts.registry import all_tables
    from fitness_assets.engine.spark_session import get_spark_session
    from fitness_assets.lakehouse import open_lakehouse
    from fitness_assets.privacy import count_due, keep_retention
    from fitness_assets.settings import Settings

    if not any(table.retention for table in all_tables().values()):
        click.echo("No contract says for how long records are kept: they are kept for ever (docs/privacy.md).")
        return
    lake = open_lakehouse(Settings.from_env(), get_spark_session)
    if dry_run or not yes:
        counts = list(count_due(lake))
        _print_counts(counts, "would go" if dry_run else "will go")
        if dry_run:
            return
        if counts and not is_confirmed("Let go of these records and rows for good?"):
            click.echo("Nothing was changed.")
            raise click.exceptions.Exit(1)
    results = list(keep_retention(lake))
    for result in results:
        click.echo(f"  {result.line()}")
    if any(result.problem for result in results):
        raise click.exceptions.Exit(1)
    click.echo("Nothing is older than its contract keeps it.")


def _print_counts(counts: "list[DueCount]", what: str) -> None:
    if not counts:
        click.echo("Nothing is older than its contract keeps it, or by less than a step of the border.")
    for count in counts:
        stay = f", {count.staying:,} rows stay" if count.staying else ""
        click.echo(f"  {count.table:<40} {count.leaving:>12,} {what}{stay}")
