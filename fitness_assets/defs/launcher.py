"""Runs as processes of this machine, of which run monitoring finds out that they died.

Dagster's own launcher leaves that to the code server that started them. Where that died too, with the machine or by
a kill, the run would stay "started" for ever, and the sensors would wait for it.
"""

import json
from pathlib import Path

from dagster import DagsterEventType, DagsterRun, DefaultRunLauncher

# What a launcher answers to run monitoring, and the tag of the code server that started a run, have no public name.
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG

from fitness_assets.process import is_alive, start_time

CODE_SERVER_TAG = GRPC_INFO_TAG
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_CLOCKS_DIFFER_SECONDS = 10.0


class LocalRunLauncher(DefaultRunLauncher):
    """Dagster's launcher for one machine, with an answer to whether a run's process is still there."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Of a run that was not started here nobody can tell; it counts as running."""
        process = self._process(run)
        if process is None or is_running(*process):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        message = f"Its process ({process[0]}) is gone. What was committed stays; nothing is lost."
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, message)

    def _process(self, run: DagsterRun) -> tuple[int, float] | None:
        """The process of a run that a code server of this machine started, and when it said so, epoch seconds."""
        if json.loads(run.tags.get(CODE_SERVER_TAG, "{}")).get("host") not in _LOOPBACK:
            return None
        for event in self._instance.all_logs(run.run_id, of_type=DagsterEventType.ENGINE_EVENT):
            pid = event.get_dagster_event().engine_event_data.metadata.get("pid")
            if pid is not None:
                return int(str(pid.value)), event.timestamp
        return None


def is_running(pid: int, reported_at: float) -> bool:
    """Whether the process that was reported then (epoch seconds) runs: it, and not a later one with its number."""
    if not Path("/proc/self").exists():
        return is_alive(pid)
    started_at = start_time(pid)
    return started_at is not None and started_at <= reported_at + _CLOCKS_DIFFER_SECONDS
