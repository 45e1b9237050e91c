"""`fitness-assets ui`: Dagster's web UI, daemon and code server, until Ctrl-C."""

from pathlib import Path

import click


@click.command()
@click.option("--port", default=3000, show_default=True, help="Its port on loopback.")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="The folder of the Dagster instance.  [default: <base>/dagster]",
)
@click.option(
    "--workspace",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Further code locations, as Dagster's workspace.yaml has them.",
)
def ui(port: int, home: Path | None, workspace: Path | None) -> None:
    """Serve Dagster's web UI, until Ctrl-C.

    It answers to this user's programs and browser alone.
    """
    from fitness_assets.errors import StackError
    from fitness_assets.live.dagster.instance import prepare_home
    from fitness_assets.live.dagster.services import DagsterServices
    from fitness_assets.live.processes.ports import is_taken
    from fitness_assets.settings import Settings
    from fitness_assets.stop_signal import StopSignal

    folder = prepare_home(home.absolute() if home else Settings.from_env().base_dir / "dagster")
    if is_taken(port):
        raise StackError(f"Port {port} is taken. End what listens there, or choose another: make ui PORT=…")
    with StopSignal() as stop:
        DagsterServices(folder, port, workspace).run(
            stop.wait, lambda: click.echo(f"Dagster is on http://127.0.0.1:{port} (Ctrl-C ends it).")
        )
