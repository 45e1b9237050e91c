"""`fitness-assets dashboard`: the dashboard on the tables of `FITNESS_BASE_DIR`, until Ctrl-C."""

import argparse
import logging


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's options."""
    parser = commands.add_parser("dashboard", help="serve the dashboard, until Ctrl-C", description=__doc__)
    parser.add_argument("--port", type=int, default=8050, help="its port on loopback (default 8050)")


def dashboard(parsed: argparse.Namespace) -> int:
    """Serve the dashboard on loopback until told to stop.

    Raises:
        StackError: the port is taken.
        SettingError: a setting cannot be understood.
    """
    from fitness_assets.dashboard.server import serve
    from fitness_assets.errors import StackError
    from fitness_assets.live.ports import taken
    from fitness_assets.settings import Settings

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings.from_env()
    if taken(parsed.port):
        raise StackError(f"Port {parsed.port} is taken. End what listens there, or choose another with --port.")
    _say(f"The dashboard of {settings.data_zone} is on http://127.0.0.1:{parsed.port} (Ctrl-C ends it).")
    serve(settings, parsed.port)
    return 0


def _say(line: str) -> None:
    print(line, flush=True)
