"""Updates where `FITNESS_TARGET` says, behind one interface, so that both tell the same."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from dagster import AssetExecutionContext, OpExecutionContext

from fitness_assets.contracts.model import Table
from fitness_assets.defs.updaters.local import LocalUpdater
from fitness_assets.errors import FitnessError, RemoteError
from fitness_assets.pipeline.maintenance import MaintenanceResult
from fitness_assets.pipeline.scheduler import TableOutcome
from fitness_assets.pipeline.stream import Interval
from fitness_assets.privacy import ErasureReport
from fitness_assets.resources.lakehouse import LakehouseResource
from fitness_assets.resources.spark import SparkResource
from fitness_assets.settings.dagster import Target


class TableUpdater(Protocol):
    """Brings tables up to date for one step, and tells of each as it happens."""

    def update(
        self, table_names: Iterable[str], full_refresh: bool = False, judge_again: bool = False
    ) -> Iterator[TableOutcome]:
        """Each named table brought up to date once.

        Args:
            judge_again: judge the records of bronze again although no rule changed.
        """

    def stream(self, interval_seconds: float, is_stopping: Callable[[float], bool]) -> Iterator[Interval]:
        """Every table kept up to date, interval after interval, until `is_stopping` says so."""

    def stream_until_idle(self, interval_seconds: float, is_stopping: Callable[[float], bool]) -> Iterator[Interval]:
        """The same until an interval finds nothing new, which `is_stopping` tells."""

    def maintain(self, retention_hours: int) -> Iterator[MaintenanceResult]:
        """Every table maintained."""

    def erase(self) -> Iterator[ErasureReport]:
        """Everybody forgotten who was asked for."""

    def location(self, table: Table) -> str:
        """Where a table lies, for people."""


def table_updater(
    context: AssetExecutionContext | OpExecutionContext, spark: SparkResource, lakehouse: LakehouseResource
) -> TableUpdater:
    """The updater of a step, in this process or on a workspace.

    Raises:
        SettingError: `FITNESS_TARGET` names no target.
    """
    if spark.target is Target.DATABRICKS:
        # Whoever runs locally does not pay for the SDK's import.
        from fitness_assets.defs.updaters.databricks import DatabricksUpdater

        return DatabricksUpdater(context)
    return LocalUpdater(lakehouse)


def log_traceback(context: AssetExecutionContext | OpExecutionContext, outcome: TableOutcome) -> None:
    """Log where an update failed in a way that nobody foresaw."""
    error = outcome.error
    if isinstance(error, RemoteError) and error.trace:
        context.log.error(f"{outcome.table.full_name} failed on the workspace:\n{error.trace}")
    elif error is not None and not isinstance(error, FitnessError):
        context.log.error(f"{outcome.table.full_name} failed.", exc_info=error)
