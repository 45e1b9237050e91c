"""Looks whether something is wrong and tells whoever is on call. What began or ended is also seen in Dagster."""

from datetime import datetime, timezone

from dagster import (
    AssetObservation,
    AssetSpec,
    DefaultSensorStatus,
    MetadataValue,
    ResourceParam,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
)

from fitness_assets.alerts import RULES, Change, open_alerts
from fitness_assets.defs.asset_keys import alerts_asset_key
from fitness_assets.defs.assets.source_assets import OWNERS
from fitness_assets.defs.monitoring.alerting import observe, require_known_sources
from fitness_assets.resources.kafka_lag_watcher import KafkaLagWatcher
from fitness_assets.settings.alerts import AlertSettings

NAME = "alert_sensor"
_INTERVAL_SECONDS = 30
_STARTED_AT = datetime.now(timezone.utc)
"""When this process was started, the code server: before, no sensor of ours could look."""


def alert_sensor(default_status: DefaultSensorStatus) -> SensorDefinition:
    """
    Raises:
        SettingError: a setting of alerts cannot be understood, which is told when the definitions are loaded.
    """
    require_known_sources(AlertSettings.from_env())
    return SensorDefinition(
        NAME,
        evaluation_fn=_evaluate,
        minimum_interval_seconds=_INTERVAL_SECONDS,
        default_status=default_status,
        description="Tells whoever is on call of failed runs and checks, stale tables, lag, refused records, silent "
        "sources and sensors: once when it begins, again while it goes on, and once when it is over.",
    )


def alerts_asset() -> AssetSpec:
    """Where Dagster shows what began and ended, as observations."""
    rules = "\n".join(f"- `{rule.name}`: {rule.meaning}" for rule in RULES.values())
    return AssetSpec(
        alerts_asset_key(),
        description=f"What is wrong and what was, recorded by the sensor `{NAME}` while it is on.\n\n{rules}",
        group_name="operations",
        kinds={"python"},
        owners=OWNERS,
    )


def _evaluate(context: SensorEvaluationContext, kafka_lag_watcher: ResourceParam[KafkaLagWatcher]) -> SensorResult:
    changes = observe(context.instance, kafka_lag_watcher, _STARTED_AT)
    manager = open_alerts()
    for receiver, problem in manager.problems().items():
        context.log.warning(f"{receiver} could not be told: {problem}")
    going_on = [incident.alert.key for incident in manager.open_incidents()]
    said = f"{len(going_on)} go on: {', '.join(going_on)}." if going_on else "Nothing is wrong."
    return SensorResult(skip_reason=SkipReason(said), asset_events=[_observation(change) for change in changes])


def _observation(change: Change) -> AssetObservation:
    alert = change.incident.alert
    return AssetObservation(
        alerts_asset_key(),
        description=alert.summary,
        metadata={
            "news": MetadataValue.text("begins" if change.has_begun else "ends"),
            "rule": MetadataValue.text(alert.rule),
            "subject": MetadataValue.text(alert.subject),
            "summary": MetadataValue.text(alert.summary),
            "what to do": MetadataValue.text(alert.advice),
        },
    )
