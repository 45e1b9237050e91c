"""`fitness-assets validate`: all of it computed again and compared."""

import click

from fitness_assets.cli.folders import settings_of_folders
from fitness_assets.cli.progress import TableProgress


@click.command()
def validate() -> None:
    """Compute all again from what landed and compare.

    Prints the rows expected and found for each table, and ends with 1 where they differ.
    """
    from fitness_assets.contracts.registry import all_tables
    from fitness_assets.engine.spark_session import get_spark_session
    from fitness_assets.errors import ValidationError
    from fitness_assets.lakehouse import open_lakehouse
    from fitness_assets.pipeline.state.reconciliation import reconcile
    from fitness_assets.pipeline.validation import validate_tables

    lake = open_lakehouse(settings_of_folders(), get_spark_session)
    click.echo("Computing every table again from the landing zone, in a scratch folder ...")
    click.echo(f"  {'table':<31} {'expected':>12} {'found':>12}")
    wrong: list[str] = []
    with TableProgress(len(all_tables())) as progress:
        for comparison in validate_tables(lake, progress.start):
            name = comparison.table.full_name
            difference = f"WRONG: {comparison.missing:,} missing, {comparison.unexpected:,} unexpected"
            wrong += [] if comparison.is_equal else [name]
            verdict = "ok" if comparison.is_equal else difference
            line = f"  {name:<31} {comparison.expected:>12,} {comparison.actual:>12,}  {verdict}"
            progress.finish(comparison.table, line, "" if comparison.is_equal else "red")
    for sums in reconcile(lake):
        wrong += [] if sums.is_balanced else [sums.source]
        click.echo(f"  {sums.source:<31} {sums}")
    if wrong:
        raise ValidationError(
            f"{', '.join(wrong)} did not hold what the landing zone says. If new files have landed, "
            f"`fitness-assets run` first; to compute everything anew, `fitness-assets run --full-refresh`."
        )
    click.echo("All tables hold exactly what landed.")
