"""New files in the landing zone, and tables that were left behind. No JVM is started to look."""

from dagster import (
    AssetObservation,
    DagsterInstance,
    DefaultSensorStatus,
    ResourceParam,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
)

from fitness_assets.contracts.feeds import KAFKA_RECORDS
from fitness_assets.defs.asset_keys import folder_asset_key
from fitness_assets.defs.assets.source_assets import OBSERVED_FOLDERS
from fitness_assets.defs.automation.polling import INTERVAL_SECONDS, poll
from fitness_assets.defs.automation.run_requests import request_run, with_observations
from fitness_assets.defs.automation.unfinished_runs import unfinished_update
from fitness_assets.defs.events import DATA_VERSION_TAG, folder_observation
from fitness_assets.defs.jobs.update_all_tables import update_all_tables
from fitness_assets.resources.debouncer import RunRequestDebouncer
from fitness_assets.resources.kafka_lag_watcher import KafkaLagWatcher
from fitness_assets.resources.landing_zone_watcher import LandingZoneWatcher


def landing_zone_sensor(default_status: DefaultSensorStatus) -> SensorDefinition:
    return SensorDefinition(
        "landing_zone_sensor",
        evaluation_fn=_evaluate,
        job=update_all_tables,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=default_status,
        description="Asks for one run when complete files have landed or were replaced, or when tables were left "
        "behind.",
    )


def _evaluate(
    context: SensorEvaluationContext,
    landing_zone_watcher: ResourceParam[LandingZoneWatcher],
    kafka_lag_watcher: ResourceParam[KafkaLagWatcher],
    debouncer: ResourceParam[RunRequestDebouncer],
) -> SensorResult | SkipReason:
    """A run for what landed reads the topics too, so that it is not followed by one for them."""
    topics = {KAFKA_RECORDS.table} if kafka_lag_watcher.is_configured else set()

    def look() -> SensorResult | SkipReason:
        pending = landing_zone_watcher.pending()
        if not pending.table_names:
            return SkipReason("Nothing new has landed.")
        unfinished = unfinished_update(context.instance)
        if unfinished:
            return SkipReason(unfinished)
        return request_run(context, debouncer, pending.digest, pending.table_names | topics)

    return with_observations(poll(look), _unobserved(context.instance, landing_zone_watcher))


def _unobserved(instance: DagsterInstance, landing_zone_watcher: LandingZoneWatcher) -> list[AssetObservation]:
    """The folders that hold something else than when they were last observed, which Dagster itself remembers."""
    return [
        folder_observation(folder_name, fingerprint)
        for folder_name, fingerprint in landing_zone_watcher.fingerprints().items()
        if folder_name in OBSERVED_FOLDERS and fingerprint != _last_observed(instance, folder_name)
    ]


def _last_observed(instance: DagsterInstance, folder_name: str) -> str | None:
    records = instance.fetch_observations(folder_asset_key(folder_name), limit=1).records
    observation = records[0].asset_observation if records else None
    return observation.tags.get(DATA_VERSION_TAG) if observation else None
