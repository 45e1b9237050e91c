"""Dagster on this machine: code server, daemon and web server, as `dagster dev` starts them, with our web server."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from fitness_assets.errors import StackError
from fitness_assets.live.processes.ports import is_listening
from fitness_assets.settings.environment import child_environment
from fitness_assets.settings.secrets import ALL, Secret

_LOCATION = "fitness_assets.definitions"
_START_SECONDS, _STOP_SECONDS, _WATCH_SECONDS = 120.0, 15.0, 1.0
_WEB_SERVER = "fitness_assets.live.dagster.web_server"
_INSTANCE = (Secret.OTHER, Secret.AZURE, Secret.CLOUD)
"""A `dagster.yaml` may name variables with the password of its storage."""
_PYTHON = [sys.executable, "-m"]


class DagsterServices:
    """The three processes of one Dagster instance. They end together: where one ends, the others are of no use.

    Args:
        home: the folder of the instance, with its `dagster.yaml`.
        port: that of the web server, on loopback.
        workspace: a file of Dagster's with further code locations.
    """

    def __init__(self, home: Path, port: int, workspace: Path | None = None) -> None:
        self._workspace = workspace
        self._port = port
        self._home = home
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, wait_for_stop: Callable[[float], bool], on_ready: Callable[[], None]) -> None:
        """Start them, and keep them until told to end.

        Args:
            wait_for_stop: waits for so many seconds at most and says whether to end.
            on_ready: called once the web server accepts connections.

        Raises:
            StackError: one of them ended by itself, or was not ready in time.
        """
        with tempfile.TemporaryDirectory(prefix="fitness_dagster_") as folder, self._stopped_at_the_end():
            socket, workspace = Path(folder) / "code.sock", Path(folder) / "workspace.yaml"
            server = {"socket": str(socket), "location_name": _LOCATION}
            locations = [{"grpc_server": server}, *self._other_locations()]
            workspace.write_text(json.dumps({"load_from": locations}), encoding="utf-8")
            names = ["--location-name", _LOCATION, "--use-python-environment-entry-point", "--log-level", "warning"]
            # Our code, and that of runs, is in the code server alone; the others talk to it.
            command = ["dagster", "code-server", "start", "-m", _LOCATION, "-s", str(socket), *names]
            self._start("code server", ALL, *command)
            if self._wait_until(socket.exists, wait_for_stop):
                return
            self._start("daemon", _INSTANCE, "dagster._daemon", "run", "--workspace", str(workspace))
            self._start(
                "web server", _INSTANCE, "fitness_assets.live.dagster.web_server", str(workspace), str(self._port)
            )
            if self._wait_until(lambda: is_listening(self._port), wait_for_stop):
                return
            on_ready()
            while not wait_for_stop(_WATCH_SECONDS):
                self._check()

    def _start(self, name: str, secrets: Collection[Secret], *arguments: str) -> None:
        environment = child_environment({"DAGSTER_HOME": str(self._home)}, secrets)
        # In our own process group: what ends us at once, a closed terminal or a kill of the group, ends them too.
        self._processes[name] = subprocess.Popen([*_PYTHON, *arguments], env=environment)

    def _other_locations(self) -> list[dict[str, Any]]:
        """The code locations of a workspace file but ours, which is served in any case."""
        if self._workspace is None:
            return []
        listed = (yaml.safe_load(self._workspace.read_text(encoding="utf-8")) or {}).get("load_from", [])
        ours = ({"python_module": _LOCATION}, {"python_module": {"module_name": _LOCATION}})
        return [location for location in listed if location not in ours]

    def _wait_until(self, is_ready: Callable[[], bool], wait_for_stop: Callable[[float], bool]) -> bool:
        """Whether we were told to end before it was ready."""
        deadline = time.monotonic() + _START_SECONDS
        while not is_ready():
            self._check()
            if time.monotonic() > deadline:
                *_, name = self._processes
                raise StackError(f"Dagster's {name} was not ready within {_START_SECONDS:.0f} s.")
            if wait_for_stop(0.1):
                return True
        return False

    def _check(self) -> None:
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise StackError(f"Dagster's {name} ended with code {process.returncode}; what it said is above.")

    @contextmanager
    def _stopped_at_the_end(self) -> Iterator[None]:
        try:
            yield
        finally:
            started = list(reversed(self._processes.values()))
            for process in started:
                process.terminate()
            deadline = time.monotonic() + _STOP_SECONDS
            for process in started:
                try:
                    process.wait(max(deadline - time.monotonic(), 0.1))
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
