"""Records of the topics that were not read yet. Each call of the broker is bounded in time."""

from dagster import (
    DefaultSensorStatus,
    ResourceParam,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
)

from fitness_assets.contracts.feeds import KAFKA_RECORDS
from fitness_assets.defs.automation.polling import INTERVAL_SECONDS, poll
from fitness_assets.defs.automation.run_requests import request_run, with_observations
from fitness_assets.defs.automation.unfinished_runs import unfinished_update
from fitness_assets.defs.events import topic_observation
from fitness_assets.defs.jobs.update_all_tables import update_all_tables
from fitness_assets.kafka.lag import TopicLag
from fitness_assets.resources.debouncer import RunRequestDebouncer
from fitness_assets.resources.kafka_lag_watcher import KafkaLagWatcher
from fitness_assets.resources.landing_zone_watcher import LandingZoneWatcher


def kafka_lag_sensor(default_status: DefaultSensorStatus) -> SensorDefinition:
    return SensorDefinition(
        "kafka_lag_sensor",
        evaluation_fn=_evaluate,
        job=update_all_tables,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=default_status,
        description="Asks for one run when the topics hold more unread records, or older ones, than the thresholds "
        "say.",
    )


def _evaluate(
    context: SensorEvaluationContext,
    kafka_lag_watcher: ResourceParam[KafkaLagWatcher],
    landing_zone_watcher: ResourceParam[LandingZoneWatcher],
    debouncer: ResourceParam[RunRequestDebouncer],
) -> SensorResult | SkipReason:
    """A run for the topics takes what landed too, so that it is not followed by one for that."""
    monitor = kafka_lag_watcher.monitor
    if monitor is None:
        return SkipReason("KAFKA_BOOTSTRAP_SERVERS is not set: there is no broker to look at.")

    def look() -> SensorResult | SkipReason:
        lags = monitor.measure()
        return with_observations(decide(lags), [topic_observation(lag) for lag in monitor.lags_to_report(lags)])

    def decide(lags: list[TopicLag]) -> SensorResult | SkipReason:
        lag_line = ", ".join(str(lag) for lag in lags) or "the broker has none of the topics yet"
        state = monitor.exceeding_offsets(lags)
        if not state:
            return SkipReason(f"Below the thresholds: {lag_line}.")
        unfinished = unfinished_update(context.instance)
        if unfinished:
            return SkipReason(f"{lag_line}. {unfinished}")
        return request_run(
            context, debouncer, state, {KAFKA_RECORDS.table} | landing_zone_watcher.pending().table_names
        )

    return poll(look)
