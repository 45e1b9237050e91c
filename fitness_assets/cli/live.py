"""`fitness-assets live`: broker, engine, Dagster, dashboard and producer; one Ctrl-C ends all of it."""

import argparse
import shlex


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's options."""
    parser = commands.add_parser("live", help="start the live stack, until Ctrl-C", description=__doc__)
    parser.add_argument("--port", type=int, default=3000, help="Dagster's web UI (default 3000)")
    parser.add_argument("--kafka-port", type=int, default=9092, help="the Kafka broker (default 9092)")
    parser.add_argument(
        "--dashboard-port", type=int, default=8050, metavar="PORT", help="the dashboard (default 8050; 0 for none)"
    )
    parser.add_argument("--memory", default="3g", help="memory of the Spark engine (default 3g)")
    parser.add_argument(
        "--stream",
        type=float,
        metavar="SECONDS",
        help="keep the tables up to date by one stream run, each so many seconds; otherwise the sensors ask for runs",
    )
    parser.add_argument(
        "--produce",
        default="--people 20",
        metavar="OPTIONS",
        help="options of fitness-assets produce (default '--people 20'); 'no' for no producer",
    )


def live(parsed: argparse.Namespace) -> int:
    """Run the stack until it is told to stop.

    Raises:
        StackError: a port is taken, or something does not start or stay.
    """
    from fitness_assets.live.stack import Plan, Stack
    from fitness_assets.sample.player import Stop
    from fitness_assets.settings import Settings

    produce = None if parsed.produce == "no" else tuple(shlex.split(parsed.produce))
    plan = Plan(parsed.port, parsed.kafka_port, parsed.memory, produce, parsed.stream, parsed.dashboard_port or None)
    settings = Settings.from_env()
    _say(f"Starting the live stack on {settings.base_dir} ...")
    with Stop() as stop:
        Stack(settings, plan, _say).run(stop.wait)
    _say("All of it is stopped; the next start goes on from here.")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)
