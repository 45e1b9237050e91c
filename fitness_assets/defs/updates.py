"""Updates where `FITNESS_TARGET` says: in this process, or as one run on a Databricks workspace. They tell the same."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from dagster import AssetExecutionContext, OpExecutionContext

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.errors import FitnessError, RemoteError
from fitness_assets.pipeline.maintenance import MaintenanceResult, maintain_tables
from fitness_assets.pipeline.scheduler import TableOutcome, update_tables
from fitness_assets.pipeline.stream import Interval, stream_updates
from fitness_assets.resources.platform import LakehouseResource, SparkResource, Target

_Told = TypeVar("_Told")


@dataclass(frozen=True)
class Updates:
    """The updates that one step asks for."""

    context: AssetExecutionContext | OpExecutionContext
    spark: SparkResource
    lakehouse: LakehouseResource

    def once(self, chosen: Iterable[str], full: bool = False) -> Iterator[TableOutcome]:
        """Each chosen table brought up to date once."""
        if self._remote:
            options = {"full-refresh": "true"} if full else {}
            return self._told(TableOutcome, "once", list(chosen), options)
        return update_tables(self.lakehouse.lakehouse(), chosen, self.spark.session, full)

    def intervals(self, every: float, stopping: Callable[[float], bool]) -> Iterator[Interval]:
        """Every table kept up to date, interval after interval, until `stopping` says so."""
        if self._remote:
            return self._told(Interval, "stream", [], {"processing-time": f"{every:g}"})
        return stream_updates(self.lakehouse.lakehouse(), all_tables(), self.spark.session, every, stopping)

    def until_nothing_is_new(self, every: float, stopping: Callable[[float], bool]) -> Iterator[Interval]:
        """The same until an interval finds nothing new. A run on the workspace takes all there is in one."""
        if not self._remote:
            yield from self.intervals(every, stopping)
            return
        began = time.monotonic()
        yield Interval(1, time.monotonic() - began, list(self.once(all_tables())))

    def maintained(self, retention_hours: int) -> Iterator[MaintenanceResult]:
        """Every table maintained."""
        if self._remote:
            return self._told(
                MaintenanceResult, "maintain", list(all_tables()), {"retention-hours": str(retention_hours)}
            )
        return maintain_tables(self.lakehouse.lakehouse(), all_tables(), self.spark.session, retention_hours)

    def address(self, table: Table) -> str:
        """Where a table lies, for people."""
        if not self._remote:
            return self.lakehouse.lakehouse().address(table)
        from fitness_assets.databricks.settings import DatabricksSettings

        return f"{DatabricksSettings.from_env().catalog}.{table.full_name}"

    @property
    def _remote(self) -> bool:
        return self.spark.target is Target.DATABRICKS

    def _told(self, kind: type[_Told], mode: str, chosen: list[str], options: dict[str, str]) -> Iterator[_Told]:
        # Whoever runs locally does not pay for the SDK's import.
        from fitness_assets.databricks.left_over import token_of
        from fitness_assets.databricks.settings import DatabricksSettings
        from fitness_assets.databricks.submission import Work
        from fitness_assets.databricks.updates import told_by_workspace

        work, settings = Work(mode, chosen, options), DatabricksSettings.from_env()
        for told in told_by_workspace(self.context, work, settings, token_of(self.context)):
            assert isinstance(told, kind), f"a run in mode {mode} told {told}"
            yield told


def tell_trace(context: AssetExecutionContext | OpExecutionContext, outcome: TableOutcome) -> None:
    """Log where an update failed in a way that nobody foresaw."""
    error = outcome.error
    if isinstance(error, RemoteError) and error.trace:
        context.log.error(f"{outcome.table.full_name} failed on the workspace:\n{error.trace}")
    elif error is not None and not isinstance(error, FitnessError):
        context.log.error(f"{outcome.table.full_name} failed.", exc_info=error)
