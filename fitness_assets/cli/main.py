"""`fitness-assets`: the command line of the platform."""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any

import click

from fitness_assets.cli.commands.installation.document import document
from fitness_assets.cli.commands.installation.install_jars import install_jars
from fitness_assets.cli.commands.installation.setup import setup
from fitness_assets.cli.commands.samples.produce import produce
from fitness_assets.cli.commands.samples.sample import sample
from fitness_assets.cli.commands.services.alerts import alerts
from fitness_assets.cli.commands.services.dashboard import dashboard
from fitness_assets.cli.commands.services.engine import engine
from fitness_assets.cli.commands.services.kafka import kafka
from fitness_assets.cli.commands.services.live import live
from fitness_assets.cli.commands.services.ui import ui
from fitness_assets.cli.commands.tables.backup import backup, restore
from fitness_assets.cli.commands.tables.clean import clean
from fitness_assets.cli.commands.tables.erase import erase, export
from fitness_assets.cli.commands.tables.quarantine import quarantine
from fitness_assets.cli.commands.tables.retention import retention
from fitness_assets.cli.commands.tables.run import run
from fitness_assets.cli.commands.tables.show import show
from fitness_assets.cli.commands.tables.status import status
from fitness_assets.cli.commands.tables.validate import validate
from fitness_assets.cli.commands.workspace.databricks import databricks
from fitness_assets.cli.commands.workspace.governance import governance
from fitness_assets.errors import FitnessError
from fitness_assets.private_files import keep_new_files_private

STOPPED = "Stopped. What was committed stays; the next run goes on from there."
INTERRUPTED = 130
"""What a shell gives a process that Ctrl-C ended."""


class _Program(click.Group):
    """Commands whose failures are one line where a person can mend them, and that Ctrl-C ends without a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FitnessError as error:
            click.echo(f"fitness-assets: {error}", err=True)
            ctx.exit(1)
        except (KeyboardInterrupt, click.Abort):
            click.echo(STOPPED, err=True)
            ctx.exit(INTERRUPTED)


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
def cli() -> None:
    """Sample data, updates with progress, validation, the live stack, governance and clean-up."""


for command in (
    install_jars,
    run,
    status,
    alerts,
    quarantine,
    sample,
    produce,
    engine,
    live,
    ui,
    dashboard,
    kafka,
    databricks,
    governance,
    document,
    setup,
    validate,
    show,
    backup,
    erase,
    export,
    retention,
    restore,
    clean,
):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 where all is well, 1 for a failure, 2 for wrong use, 130 after Ctrl-C.

    Without arguments it is the one that this process was started with.

    Whoever reads what is printed may stop to do so, which ends the command quietly.
    """
    if arguments is None:
        keep_new_files_private()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that lacks a letter shows another.
            stream.reconfigure(errors="replace")
    try:
        code = cli.main(arguments, prog_name="fitness-assets", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        # What is still to be written at the end of the process has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main())
