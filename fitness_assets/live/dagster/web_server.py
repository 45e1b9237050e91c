"""Dagster's web server behind our guard: `python -m fitness_assets.live.dagster.web_server WORKSPACE PORT`.

The folder of the instance is that of `DAGSTER_HOME`. It serves until SIGTERM or Ctrl-C.
"""

import sys
from pathlib import Path

import uvicorn
from dagster import DagsterInstance

# What dagster-webserver is started from has no public name; the versions are locked.
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.version import __version__
from dagster_webserver.webserver import DagsterWebserver
from starlette.middleware import Middleware

from fitness_assets.live.dagster.request_guard import RequestGuard
from fitness_assets.live.processes.ports import LOOPBACK

_POLL_MILLISECONDS = 2000
_STATEMENT_MILLISECONDS, _POOL_RECYCLE_SECONDS, _POOL_OVERFLOW = 15_000, 3600, 20
"""As dagster-webserver sets them by itself."""


class GuardedWebserver(DagsterWebserver):  # type: ignore[type-arg]  # theirs has no parameter when it runs
    """Dagster's, with our guard before everything else."""

    def build_middleware(self) -> list[Middleware]:
        return [Middleware(RequestGuard), *super().build_middleware()]


def serve(workspace: Path, port: int) -> None:
    """Serve the code locations of a workspace file until the process is told to end."""
    with (
        DagsterInstance.get() as instance,
        WorkspaceProcessContext(instance, WorkspaceFileTarget([str(workspace)]), __version__) as context,
    ):
        instance.optimize_for_webserver(_STATEMENT_MILLISECONDS, _POOL_RECYCLE_SECONDS, _POOL_OVERFLOW)
        app = GuardedWebserver(context, live_data_poll_rate=_POLL_MILLISECONDS).create_asgi_app()
        # Who is connected is asked of the kernel; a header must not be able to say another.
        uvicorn.run(app, host=LOOPBACK, port=port, log_level="warning", proxy_headers=False, server_header=False)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
