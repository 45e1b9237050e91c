"""The workspace that a test opens."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from fitness_assets_tests.databricks.fake_workspace.another_spark.server import AnotherSpark
from fitness_assets_tests.databricks.fake_workspace.faults import Fault
from fitness_assets_tests.databricks.fake_workspace.http_messages import Request
from fitness_assets_tests.databricks.fake_workspace.server import Server
from fitness_assets_tests.databricks.fake_workspace.state import WorkspaceState


class FakeWorkspace(WorkspaceState, contextlib.AbstractContextManager["FakeWorkspace"]):
    """A Databricks workspace on a free loopback port. What is submitted is truly executed.

    The arguments and attributes are those of its state.
    """

    def __init__(
        self,
        folder: Path,
        *,
        machine_env: Mapping[str, str] | None = None,
        concurrent_runs: int = 8,
        private_mounts: bool | None = None,
        strict_volumes: bool | None = None,
        another_spark: AnotherSpark | None = None,
    ) -> None:
        super().__init__(folder, machine_env, concurrent_runs, private_mounts, strict_volumes, another_spark)
        self._server = Server(self)
        self.host = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "FakeWorkspace":
        self.volumes.mkdir(parents=True, exist_ok=True)
        self.dbfs.mkdir(parents=True, exist_ok=True)
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

    def create_volume(self, catalog: str, schema: str, volume: str) -> str:
        """Makes a volume, and returns its path: `/Volumes/<catalog>/<schema>/<volume>`."""
        (self.volumes / catalog / schema / volume).mkdir(parents=True, exist_ok=True)
        return f"/Volumes/{catalog}/{schema}/{volume}"

    def create_cluster(
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

    def requests_of(self, method: str, path: str) -> list[Request]:
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

    def script_result(
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
        self.scripted_results.add(name, message, after_seconds, times)
