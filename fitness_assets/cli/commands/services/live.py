"""`fitness-assets live`: broker, engine, Dagster, dashboard and producer; one Ctrl-C ends all of it."""

import shlex

import click


@click.command()
@click.option("--port", default=3000, show_default=True, help="Dagster's web UI.")
@click.option("--kafka-port", default=9092, show_default=True, help="The Kafka broker.")
@click.option("--dashboard-port", default=8050, show_default=True, metavar="PORT", help="The dashboard; 0 for none.")
@click.option("--memory", default="", help="Memory of the Spark engine; it follows the machine if not given.")
@click.option(
    "--stream",
    type=float,
    metavar="SECONDS",
    help="Keep the tables up to date by one stream run, each so many seconds; otherwise the sensors ask for runs.",
)
@click.option(
    "--produce",
    default="--people 20",
    show_default=True,
    metavar="OPTIONS",
    help="Options of fitness-assets produce; 'no' for no producer.",
)
def live(port: int, kafka_port: int, dashboard_port: int, memory: str, stream: float | None, produce: str) -> None:
    """Start the live stack, until Ctrl-C.

    Broker, engine, Dagster, dashboard and producer, all on loopback.
    """
    from fitness_assets.live.servers import StackOptions
    from fitness_assets.live.stack import Stack
    from fitness_assets.settings import Settings
    from fitness_assets.stop_signal import StopSignal

    options = None if produce == "no" else tuple(shlex.split(produce))
    plan = StackOptions(port, kafka_port, memory, options, stream, dashboard_port or None)
    settings = Settings.from_env()
    click.echo(f"Starting the live stack on {settings.base_dir} ...")
    with StopSignal() as stop:
        Stack(settings, plan, click.echo).run(stop.wait)
    click.echo("All of it is stopped; the next start goes on from here.")
