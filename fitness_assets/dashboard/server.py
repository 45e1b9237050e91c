"""Serving the dashboard: on loopback, by a production server with threads."""

import signal
import threading
from types import FrameType

import waitress

from fitness_assets.dashboard.app import make_app
from fitness_assets.errors import StackError
from fitness_assets.live.ports import LOOPBACK, taken
from fitness_assets.settings import Settings

_THREADS = 8


def serve(settings: Settings, port: int) -> None:
    """Serve until the process is told to end.

    Raises:
        StackError: the port is taken.
    """
    if taken(port):
        raise StackError(
            f"Port {port} is taken. End what listens there, or choose another: fitness-assets dashboard --port …"
        )
    app = make_app(settings)
    server = waitress.create_server(app.server, host=LOOPBACK, port=port, threads=_THREADS, ident="")
    _end_quietly()
    try:
        server.run()
    except KeyboardInterrupt:
        return
    finally:
        server.close()


def _end_quietly() -> None:
    """A SIGTERM ends it as Ctrl-C does."""

    def end(number: int, at: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end)
