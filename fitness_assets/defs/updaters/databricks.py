"""Updates as one run on a Databricks workspace, which tells the same as updates here."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from dagster import AssetExecutionContext, OpExecutionContext

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.databricks.runs.job_spec import JobRequest
from fitness_assets.databricks.runs.orphans import idempotency_token
from fitness_assets.databricks.runs.remote_updates import run_on_workspace
from fitness_assets.databricks.runs.streaming import SERVERLESS_RUN_SECONDS, require_stream_compute
from fitness_assets.pipeline.maintenance import MaintenanceResult
from fitness_assets.pipeline.scheduler import TableOutcome
from fitness_assets.pipeline.stream import Interval
from fitness_assets.privacy import ErasureReport
from fitness_assets.settings.databricks import SERVERLESS, DatabricksSettings

_Message = TypeVar("_Message")


@dataclass(frozen=True)
class DatabricksUpdater:
    """Updates of one step."""

    context: AssetExecutionContext | OpExecutionContext

    def update(
        self, table_names: Iterable[str], full_refresh: bool = False, judge_again: bool = False
    ) -> Iterator[TableOutcome]:
        wanted = {"full-refresh": full_refresh, "judge-again": judge_again}
        options = {name: "true" for name, is_wanted in wanted.items() if is_wanted}
        return self._run(TableOutcome, "once", list(table_names), options)

    def stream(self, interval_seconds: float, is_stopping: Callable[[float], bool]) -> Iterator[Interval]:
        """Of one run without an end, or where that must not be of runs that follow each other.

        Raises:
            WorkspaceError: the compute that is set is none for a stream.
        """
        is_serverless = DatabricksSettings.from_env().compute == SERVERLESS
        options = {"processing-time": f"{interval_seconds:g}"}
        options |= {"seconds": str(SERVERLESS_RUN_SECONDS)} if is_serverless else {}
        require_stream_compute(DatabricksSettings.from_env().compute, float(options.get("seconds", 0)))
        for number in count(1) if is_serverless else [1]:
            yield from self._run(Interval, "stream", [], options, number)

    def stream_until_idle(self, interval_seconds: float, is_stopping: Callable[[float], bool]) -> Iterator[Interval]:
        """A run on the workspace takes all there is in one interval."""
        began = time.monotonic()
        outcomes = list(self.update(all_tables()))
        yield Interval(1, time.monotonic() - began, outcomes)

    def maintain(self, retention_hours: int) -> Iterator[MaintenanceResult]:
        return self._run(MaintenanceResult, "maintain", list(all_tables()), {"retention-hours": str(retention_hours)})

    def erase(self) -> Iterator[ErasureReport]:
        return self._run(ErasureReport, "erase", [], {})

    def location(self, table: Table) -> str:
        return f"{DatabricksSettings.from_env().catalog}.{table.full_name}"

    def _run(
        self, message_type: type[_Message], mode: str, table_names: list[str], options: dict[str, str], number: int = 1
    ) -> Iterator[_Message]:
        request, settings = JobRequest(mode, table_names, options), DatabricksSettings.from_env()
        for message in run_on_workspace(self.context, request, settings, idempotency_token(self.context, number)):
            assert isinstance(message, message_type), f"a run in mode {mode} sent {message}"
            yield message
