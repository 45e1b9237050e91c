"""One look at everything that may be wrong, and whoever is on call told of it."""

from datetime import datetime, timezone
from itertools import chain
from pathlib import Path

from dagster import DagsterInstance

from fitness_assets.alerts import Change, Facts, open_alerts
from fitness_assets.contracts.feeds import FILE_FEEDS, TOPICS
from fitness_assets.defs.jobs.registry import JOB_NAMES
from fitness_assets.defs.monitoring.instance_facts import automations, failed_checks, failed_runs, stale_tables
from fitness_assets.defs.monitoring.source_facts import broker_facts, folder_records, refused_count
from fitness_assets.errors import SettingError
from fitness_assets.resources.kafka_lag_watcher import KafkaLagWatcher
from fitness_assets.settings.alerts import AlertSettings

AUTOMATION = (
    "landing_zone_sensor",
    "kafka_lag_sensor",
    "retention_sensor",
    "daily_age_refresh",
    "nightly_maintenance",
    "minutely_sql_extraction",
)
"""The sensors and schedules that are to look; the one of alerts itself is missed by whoever looks from outside."""
_OF_THE_BROKER = frozenset({"lag_growing", "source_silent"})


def require_known_sources(settings: AlertSettings) -> None:
    """
    Raises:
        SettingError: hours of silence are set for a topic or folder that there is not.
    """
    known = {*TOPICS, *(feed.name for feed in FILE_FEEDS.values())}
    if unknown := sorted(settings.silent_hours.keys() - known):
        raise SettingError(
            f"FITNESS_ALERT_SILENT_HOURS has {unknown[0]!r}, which is no topic or folder; there are "
            f"{', '.join(sorted(known))}."
        )


def observe(
    instance: DagsterInstance, kafka_lag_watcher: KafkaLagWatcher, watched_from: datetime | None = None
) -> list[Change]:
    """Look once, and tell.

    Args:
        watched_from: when the process was started that lets sensors look, UTC, where it is this one.

    Raises:
        SettingError: a setting cannot be understood.
        LockTimeoutError: another process looks, too, and does not finish.
    """
    return open_alerts().observe(lambda: _look(instance, kafka_lag_watcher, watched_from))


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


def _look(instance: DagsterInstance, kafka_lag_watcher: KafkaLagWatcher, watched_from: datetime | None) -> Facts:
    broker, folders, now = broker_facts(kafka_lag_watcher), folder_records(instance), datetime.now(timezone.utc)
    return Facts(
        at=now,
        watched_from=watched_from,
        failed_runs=tuple(failed_runs(instance, JOB_NAMES, now)),
        failed_checks=tuple(failed_checks(instance)),
        stale_tables=tuple(stale_tables(instance)),
        automations=tuple(automations(instance, AUTOMATION)),
        backlogs=broker.backlogs,
        records=tuple(chain(folders, broker.records)),
        loaded=sum(records.count for records in folders) if folders else None,
        refused=refused_count(instance),
        broker_problem=broker.problem,
        unknown_rules=_OF_THE_BROKER if broker.problem else frozenset(),
    )
