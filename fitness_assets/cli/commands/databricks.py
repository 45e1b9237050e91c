"""`fitness-assets databricks`: what a workspace can do."""

from collections.abc import Sequence

import click

from fitness_assets.cli.output import Heading, print_table


@click.group()
def databricks() -> None:
    """What a Databricks workspace can do."""


@databricks.command()
@click.option(
    "--compute",
    "computes",
    multiple=True,
    type=click.Choice(["serverless", "existing", "job"]),
    help="On which compute to ask; may be given several times. Default: FITNESS_COMPUTE.",
)
def probe(computes: Sequence[str]) -> None:
    """Find out what cannot be known from outside.

    Asks volumes, runtime and tables by a run of a few minutes on each compute, and prints what holds there, what does
    not, and what follows. The answers stay in the checkpoint zone; updates go by them. Ends with 1 where something is
    missing that updates need.
    """
    from fitness_assets.databricks.probe.probing import needed_problems
    from fitness_assets.databricks.probe.report import HEADINGS, report_rows, summary
    from fitness_assets.databricks.probe.submitting import probe_workspace
    from fitness_assets.settings.databricks import DatabricksSettings

    problems: list[str] = []
    for compute in computes or (None,):
        found = probe_workspace(DatabricksSettings.from_env(compute))
        print_table([Heading(text) for text in HEADINGS], report_rows(found))
        click.echo(summary(found))
        problems += needed_problems(found)
    for problem in problems:
        click.echo(f"fitness-assets: {problem}", err=True)
    if problems:
        raise click.exceptions.Exit(1)
