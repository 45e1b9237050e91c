"""Updates in this process, on whatever Spark the resource has."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from dagster import get_dagster_logger

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.pipeline.maintenance import MaintenanceResult, maintain_tables
from fitness_assets.pipeline.scheduler import TableOutcome, update_tables
from fitness_assets.pipeline.strategies.ingestion.rejudging import ask_to_judge_again
from fitness_assets.pipeline.stream import Interval, stream_updates
from fitness_assets.privacy import ErasureReport, erase_requested, keep_retention
from fitness_assets.resources.lakehouse import LakehouseResource


@dataclass(frozen=True)
class LocalUpdater:
    """Updates of one step."""

    lakehouse: LakehouseResource

    def update(
        self, table_names: Iterable[str], full_refresh: bool = False, judge_again: bool = False
    ) -> Iterator[TableOutcome]:
        lake, names = self.lakehouse.lakehouse(), list(table_names)
        if judge_again:
            ask_to_judge_again(lake, names)
        return update_tables(lake, names, full_refresh, on_progress=_log_progress)

    def stream(self, interval_seconds: float, is_stopping: Callable[[float], bool]) -> Iterator[Interval]:
        return stream_updates(self.lakehouse.lakehouse(), all_tables(), interval_seconds, is_stopping)

    def stream_until_idle(self, interval_seconds: float, is_stopping: Callable[[float], bool]) -> Iterator[Interval]:
        return self.stream(interval_seconds, is_stopping)

    def maintain(self, retention_hours: int) -> Iterator[MaintenanceResult]:
        lake = self.lakehouse.lakehouse()
        return chain(keep_retention(lake), maintain_tables(lake, all_tables(), retention_hours))

    def erase(self) -> Iterator[ErasureReport]:
        return erase_requested(self.lakehouse.lakehouse(), get_dagster_logger().info)

    def location(self, table: Table) -> str:
        return self.lakehouse.lakehouse().address(table)


def _log_progress(table: Table, text: str) -> None:
    get_dagster_logger().info(f"{table.full_name}: {text}")
