"""How each kind of table is updated: one strategy a kind, all with one interface."""

from typing import Any

from fitness_assets.contracts.feeds import KAFKA_RECORDS
from fitness_assets.contracts.model import Table, UpdateStrategy
from fitness_assets.pipeline.strategies.computed.incremental import Incremental
from fitness_assets.pipeline.strategies.computed.quarantine import Quarantine
from fitness_assets.pipeline.strategies.computed.upsert import Upsert
from fitness_assets.pipeline.strategies.ingestion.file_ingestion import FileIngestion
from fitness_assets.pipeline.strategies.ingestion.kafka_ingestion import KafkaIngestion
from fitness_assets.pipeline.strategies.strategy import Strategy, StrategyResult, ZoneView

__all__ = ["Strategy", "StrategyResult", "ZoneView", "strategies_of"]

_STRATEGIES: dict[UpdateStrategy, type[Strategy[Any]]] = {
    UpdateStrategy.APPEND: FileIngestion,
    UpdateStrategy.UPSERT: Upsert,
    UpdateStrategy.INCREMENTAL: Incremental,
    UpdateStrategy.QUARANTINE: Quarantine,
}


def strategies_of(table: Table) -> list[type[Strategy[Any]]]:
    """The strategies that update a table, in the order in which they run.

    Files come before the broker: one that does not answer keeps nothing else from coming in.
    """
    first = _STRATEGIES[table.strategy]
    return [first, KafkaIngestion] if table.full_name == KAFKA_RECORDS.table else [first]
