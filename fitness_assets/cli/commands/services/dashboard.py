"""`fitness-assets dashboard`: the dashboard on the tables of `FITNESS_BASE_DIR`, until Ctrl-C."""

import logging

import click


@click.command()
@click.option("--port", default=8050, show_default=True, help="Its port on loopback.")
def dashboard(port: int) -> None:
    """Serve the dashboard, until Ctrl-C."""
    from fitness_assets.dashboard.server import serve
    from fitness_assets.errors import StackError
    from fitness_assets.live.processes.ports import is_taken
    from fitness_assets.settings import Settings

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings.from_env()
    if is_taken(port):
        raise StackError(f"Port {port} is taken. End what listens there, or choose another with --port.")
    click.echo(f"The dashboard of {settings.data_zone} is on http://127.0.0.1:{port} (Ctrl-C ends it).")
    serve(settings, port)
