"""How many records the sources brought, how many of them were refused, and what is unread: from Dagster's own events
and the broker, so that it is the same wherever the tables lie."""

from dataclasses import dataclass
from datetime import datetime, timezone

from dagster import AssetKey, DagsterInstance, IntMetadataValue

from fitness_assets.alerts import Backlog, Records
from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.contracts.registry import quarantine_table
from fitness_assets.defs.asset_keys import table_asset_key
from fitness_assets.errors import KafkaError
from fitness_assets.kafka.lag import TopicLag
from fitness_assets.resources.kafka_lag_watcher import KafkaLagWatcher

_ROWS = "dagster/row_count"


@dataclass(frozen=True)
class BrokerFacts:
    """What the broker says.

    Attributes:
        problem: why it says nothing; empty otherwise.
    """

    backlogs: tuple[Backlog, ...] = ()
    records: tuple[Records, ...] = ()
    problem: str = ""


def folder_records(instance: DagsterInstance) -> tuple[Records, ...]:
    """What each landing folder brought, as of the last materialization of its bronze table."""
    rows = _rows(instance, [table_asset_key(name) for name in FILE_FEEDS])
    return tuple(
        Records(feed.name, *rows[table_asset_key(name)])
        for name, feed in FILE_FEEDS.items()
        if table_asset_key(name) in rows
    )


def refused_count(instance: DagsterInstance) -> int | None:
    """How many records are in quarantine; None where it was never brought up to date."""
    key = table_asset_key(quarantine_table().full_name)
    rows = _rows(instance, [key]).get(key)
    return rows[0] if rows else None


def broker_facts(watcher: KafkaLagWatcher) -> BrokerFacts:
    """What each topic holds and how much of it is unread; nothing where there is no broker."""
    if not watcher.is_configured:
        return BrokerFacts()
    try:
        monitor = watcher.monitor
        lags: list[TopicLag] = monitor.measure() if monitor else []
    except KafkaError as error:
        return BrokerFacts(problem=str(error))
    return BrokerFacts(
        tuple(Backlog(lag.topic, lag.records, lag.committed_offset, lag.end_offset) for lag in lags),
        tuple(Records(lag.topic, lag.end_offset) for lag in lags),
    )


def _rows(instance: DagsterInstance, keys: list[AssetKey]) -> dict[AssetKey, tuple[int, datetime]]:
    """The rows of each table, and when it was last materialized (UTC)."""
    rows = {}
    for key, event in instance.get_latest_materialization_events(keys).items():
        materialization = event.asset_materialization if event else None
        count = materialization.metadata.get(_ROWS) if materialization else None
        if event and isinstance(count, IntMetadataValue) and count.value is not None:
            rows[key] = count.value, datetime.fromtimestamp(event.timestamp, timezone.utc)
    return rows
