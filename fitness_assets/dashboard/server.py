"""Serving the dashboard: on loopback, by a production server with threads."""

import signal
from threading import Thread
from types import FrameType
from typing import Any

from dash import Dash
from waitress.server import create_server

from fitness_assets.dashboard.app import make_app
from fitness_assets.settings import Settings

LOOPBACK = "127.0.0.1"
_THREADS = 8
"""A page asks for two or three parts at once; DuckDB works outside of Python's lock."""


def serve(settings: Settings, port: int) -> None:
    """Serve until the process is told to end.

    Raises:
        OSError: the port is taken.
    """
    app = make_app(settings)
    server = make_server(app, port)
    Thread(target=_warm_up, args=(app,)).start()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        server.run()
    except KeyboardInterrupt:
        return
    finally:
        server.close()


def make_server(app: Dash, port: int) -> Any:
    """A server that listens already; `run` answers until `close`."""
    return create_server(app.server, host=LOOPBACK, port=port, threads=_THREADS, ident="")


def _warm_up(app: Dash) -> None:
    """Draw the first page once, so that the tables' logs and files are known before the first person comes."""
    app.server.test_client().get("/_dash-layout", headers={"Referer": f"http://{LOOPBACK}/"})


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    """A SIGTERM ends it as Ctrl-C does."""
    raise KeyboardInterrupt
