"""One look at everything that may be wrong, and whoever is on call told of it."""

from collections.abc import Iterable
from datetime import datetime, timezone
from itertools import chain
from pathlib import Path

from dagster import DagsterInstance

from fitness_assets.alerts import Change, Facts, open_alerts
from fitness_assets.defs.jobs.registry import JOB_NAMES
from fitness_assets.defs.monitoring.instance_facts import automations, failed_checks, failed_runs, stale_tables
from fitness_assets.defs.monitoring.source_facts import broker_facts, folder_records, refused_count
from fitness_assets.errors import SettingError
from fitness_assets.resources.kafka_lag_watcher import KafkaLagWatcher

_OF_THE_BROKER = frozenset({"lag_growing", "source_silent"})


def observe(instance: DagsterInstance, kafka_lag_watcher: KafkaLagWatcher, but: Iterable[str] = ()) -> list[Change]:
    """Look once, and tell.

    Args:
        but: sensors that are not looked at: the one that looks has not finished its own tick.

    Raises:
        SettingError: a setting cannot be understood.
        LockTimeoutError: another process looks, too, and does not finish.
    """
    return open_alerts().observe(lambda: _look(instance, kafka_lag_watcher, frozenset(but)))


def observe_from_outside(home: Path) -> list[Change]:
    """The same from another process than Dagster's, which may be dead.

    Args:
        home: the folder of Dagster's instance.

    Raises:
        SettingError: there is no such folder, or a setting cannot be understood.
        LockTimeoutError: another process looks, too, and does not finish.
    """
    if not home.is_dir():
        raise SettingError(f"{home} is no folder of a Dagster instance. Set DAGSTER_HOME to the one to look at.")
    with DagsterInstance.from_config(str(home)) as instance:
        return observe(instance, KafkaLagWatcher())


def _look(instance: DagsterInstance, kafka_lag_watcher: KafkaLagWatcher, but: frozenset[str]) -> Facts:
    broker, folders = broker_facts(kafka_lag_watcher), folder_records(instance)
    return Facts(
        at=datetime.now(timezone.utc),
        failed_runs=tuple(failed_runs(instance, JOB_NAMES)),
        failed_checks=tuple(failed_checks(instance)),
        stale_tables=tuple(stale_tables(instance)),
        automations=tuple(one for one in automations(instance) if one.name not in but),
        backlogs=broker.backlogs,
        records=tuple(chain(folders, broker.records)),
        loaded=sum(records.count for records in folders) if folders else None,
        refused=refused_count(instance),
        broker_problem=broker.problem,
        unknown_rules=_OF_THE_BROKER if broker.problem else frozenset(),
    )
