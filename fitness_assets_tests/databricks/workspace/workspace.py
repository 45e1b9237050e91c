"""The workspace that a test opens."""

import contextlib
import itertools
import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from fitness_assets_tests.databricks.workspace.endings import Endings
from fitness_assets_tests.databricks.workspace.faults import Fault, Faults
from fitness_assets_tests.databricks.workspace.files_api import MOST_LISTED
from fitness_assets_tests.databricks.workspace.libraries import Libraries
from fitness_assets_tests.databricks.workspace.messages import Request
from fitness_assets_tests.databricks.workspace.mounts import Namespace, Rewriting, namespaces_work
from fitness_assets_tests.databricks.workspace.runs import Run
from fitness_assets_tests.databricks.workspace.server import Server

ORGANISATION = 1124000000000000


class Workspace(contextlib.AbstractContextManager["Workspace"]):
    """A Databricks workspace on a free loopback port. What is submitted is truly executed.

    Args:
        folder: Everything lies under it: the volumes, installed wheels, what tasks wrote.
        machine_env: Environment variables that every machine of this workspace has, whatever the form of compute.
        concurrent_runs: How many runs execute at once; further ones are QUEUED.
        private_mounts: Whether a task gets `/Volumes` in a mount namespace (see `mounts`); None: where that works.

    Attributes:
        host: Address, for `WorkspaceClient(host=, token=)`.
        token: The one token it takes.
        volumes: The folder behind `/Volumes`; `make_volume` makes volumes in it.
        dbfs: The folder behind `dbfs:/` and `/dbfs`.
        runs: Every accepted run by its id, in the order of acceptance.
        requests: Every request as it came in, with the status that was answered.
        clusters: All-purpose clusters by id, made by `add_cluster`.
        start_seconds: How long compute takes to start: a run is PENDING so long.
        grace_seconds: Between TERM and KILL when a run is stopped.
        most_listed: The largest page of a directory.
    """

    def __init__(
        self,
        folder: Path,
        *,
        machine_env: Mapping[str, str] | None = None,
        concurrent_runs: int = 8,
        private_mounts: bool | None = None,
    ) -> None:
        self.folder = folder
        self.volumes = folder / "Volumes"
        self.dbfs = folder / "dbfs"
        self.token = f"dapi{secrets.token_hex(16)}"
        self.user = "tests@example.com"
        self.machine_env = dict(machine_env or {})
        self.start_seconds = 0.0
        self.grace_seconds = 5.0
        self.most_listed = MOST_LISTED
        self.runs: dict[int, Run] = {}
        self.requests: list[Request] = []
        self.clusters: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, int] = {}
        self.threads: list[threading.Thread] = []
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.slots = threading.Semaphore(concurrent_runs)
        self.faults = Faults()
        self.endings = Endings()
        self.libraries = Libraries(folder / "libraries")
        private = namespaces_work() if private_mounts is None else private_mounts
        self.mounts = (Namespace if private else Rewriting)(self.volumes, self.dbfs)
        self._ids = itertools.count(secrets.randbelow(10**12) + 10**12)
        self._server = Server(self)
        self.host = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.page = f"{self.host}/?o={ORGANISATION}"

    def __enter__(self) -> "Workspace":
        self.volumes.mkdir(parents=True, exist_ok=True)
        self.dbfs.mkdir(exist_ok=True)
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends every run that still goes and leaves no process behind."""
        self.closing.set()
        self._server.stop()
        self.grace_seconds = 0.0
        for run in list(self.runs.values()):
            run.cancelled.set()
        for thread in self.threads:
            thread.join()

    def next_id(self) -> int:
        return next(self._ids)

    def make_volume(self, catalog: str, schema: str, volume: str) -> str:
        """Makes a volume, and returns its path: `/Volumes/<catalog>/<schema>/<volume>`."""
        (self.volumes / catalog / schema / volume).mkdir(parents=True, exist_ok=True)
        return f"/Volumes/{catalog}/{schema}/{volume}"

    def path(self, given: str) -> Path:
        """The real path of one under `/Volumes`."""
        return self.volumes / given.removeprefix("/Volumes").lstrip("/")

    def add_cluster(
        self, cluster_id: str, spark_env_vars: Mapping[str, str] | None = None, state: str = "RUNNING"
    ) -> str:
        """Makes an all-purpose cluster with environment variables of its own, and returns its id."""
        self.clusters[cluster_id] = {
            "cluster_id": cluster_id,
            "cluster_name": cluster_id,
            "spark_version": "17.3.x-scala2.13",
            "state": state,
            "state_message": "",
            "spark_env_vars": dict(spark_env_vars or {}),
            "creator_user_name": self.user,
        }
        return cluster_id

    def asked(self, method: str, path: str) -> list[Request]:
        """The requests so far whose path ends so, in their order."""
        return [request for request in self.requests if request.method == method and request.path.endswith(path)]

    def cancel(self, run_id: int) -> None:
        """Cancels a run from outside, as somebody in the web page would."""
        self.runs[run_id].cancelled.set()

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int = 503,
        after_effect: bool = False,
        retry_after: int | None = None,
        times: int = 1,
    ) -> None:
        """The next calls of this path are answered with an error.

        Args:
            method: HTTP method.
            path: Part of the path, in whole segments: `/jobs/runs/submit`.
            status: 400 and above.
            after_effect: The call does its work first, and its answer is lost.
            retry_after: Seconds in the `Retry-After` header.
            times: How many calls.
        """
        self.faults.script(method, path, Fault(status, after_effect=after_effect, retry_after=retry_after), times)

    def cut(self, method: str, path: str, *, after_effect: bool = False, times: int = 1) -> None:
        """The next calls of this path get no answer: the connection is reset, before or after their work is done."""
        self.faults.script(method, path, Fault(cut=True, after_effect=after_effect), times)

    def slow(self, method: str, path: str, seconds: float, *, after_effect: bool = False, times: int = 1) -> None:
        """The next calls of this path are held up before, or after, their work is done, and then answered."""
        self.faults.script(method, path, Fault(seconds=seconds, after_effect=after_effect), times)

    def storm(self, rate: float, seed: int, path: str = "/api") -> None:
        """Every call under this path may fail: 429, 500, 503, cut, slow, before or after its work.

        Args:
            rate: Share of the calls, 0 to 1; 0 ends the storm.
            seed: Decides which ones: the same seed and calls meet the same faults.
            path: As for `fail`.
        """
        self.faults.storm(rate, seed, path)

    def end_run(
        self, name: str, message: str | None = None, *, after_seconds: float | None = None, times: int = 1
    ) -> None:
        """The next runs that are submitted end so, whatever their task does.

        Args:
            name: `SKIPPED`, `INTERNAL_ERROR`, `TIMEDOUT`, `CANCELED`, or `NOTHING_REPORTED`: the process exits with 0
                without a call of the entry point.
            message: `state_message`.
            after_seconds: The task runs so long, and is then stopped; None: it never starts.
            times: How many runs.
        """
        self.endings.script(name, message, after_seconds, times)
