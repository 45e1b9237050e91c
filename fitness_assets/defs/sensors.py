"""The sensors: new files in the landing zone, and records of the topics that were not read yet.

Each asks for all that waits, so that a run for the one is not followed by a run for the other. Neither starts a
JVM. A tick looks again and again for a few seconds, so that what lands is seen at once; each look is bounded in time.
"""

import time
from collections.abc import Callable, Collection

from dagster import (
    AssetObservation,
    MetadataValue,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    sensor,
)

from fitness_assets.contracts.feeds import KAFKA_RECORDS
from fitness_assets.defs.asking import Asked, ask, run_going
from fitness_assets.defs.automatic import sensor_status
from fitness_assets.defs.external import topic_key
from fitness_assets.defs.jobs import UPDATE
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.kafka.lag import LagWatch, TopicLag
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.state.pending import LandingZoneWatcher, PendingWork
from fitness_assets.resources.platform import SparkResource, Target
from fitness_assets.settings import Settings

INTERVAL_SECONDS = 5
_LOOKS_FOR_SECONDS = 4.0
_EVERY_SECONDS = 0.5
_PATIENCE_SECONDS = 5.0
"""A workspace that does not answer for so long fails the tick; the next one looks again."""
_watches: dict[str, LandingZoneWatcher] = {}
_lags: dict[str, LagWatch] = {}


def sensors() -> list[SensorDefinition]:
    return [landing_zone_sensor, kafka_lag_sensor]


@sensor(
    name="landing_zone",
    job_name=UPDATE,
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=sensor_status(),
    description="Asks for one run when complete files have landed or were replaced, or when tables were left behind.",
)
def landing_zone_sensor(context: SensorEvaluationContext) -> SensorResult | SkipReason:
    settings = Settings.from_env()
    look = _watching(settings)
    return _look(context, lambda: _landed(context, settings, look))


@sensor(
    name="kafka_lag",
    job_name=UPDATE,
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=sensor_status(),
    description="Asks for one run when the topics hold more unread records, or older ones, than the thresholds say.",
)
def kafka_lag_sensor(context: SensorEvaluationContext) -> SensorResult | SkipReason:
    settings = Settings.from_env()
    if settings.kafka is None:
        return SkipReason("KAFKA_BOOTSTRAP_SERVERS is not set: there is no broker to look at.")
    known = f"{settings.kafka.servers}/{settings.kafka.group}"
    watch = _lags.setdefault(known, LagWatch(Cluster(settings.kafka), settings.kafka))
    look = _watching(settings)
    return _look(context, lambda: _lagging(context, watch, look))


def _watching(settings: Settings) -> Callable[[], PendingWork]:
    """What tells what waits: the folders and notes here, or those in the volumes of the workspace."""
    if SparkResource().target is Target.DATABRICKS:
        # Whoever runs locally does not pay for the SDK's import.
        from fitness_assets.databricks.notes import WorkspaceNotes

        return WorkspaceNotes.from_env(_PATIENCE_SECONDS).waiting
    watch = _watches.setdefault(str(settings.base_dir), LandingZoneWatcher(Lakehouse(settings)))
    return watch.waiting


def _look(context: SensorEvaluationContext, once: Callable[[], SensorResult | SkipReason]) -> SensorResult | SkipReason:
    """Look until there is something to do, or the time of the tick is up."""
    until = time.monotonic() + _LOOKS_FOR_SECONDS
    while True:
        found = once()
        if isinstance(found, SensorResult) or time.monotonic() + _EVERY_SECONDS > until:
            return found
        time.sleep(_EVERY_SECONDS)


def _landed(
    context: SensorEvaluationContext, settings: Settings, look: Callable[[], PendingWork]
) -> SensorResult | SkipReason:
    waiting = look()
    if not waiting.names:
        return SkipReason("Nothing new has landed.")
    going = run_going(context.instance)
    if going:
        return SkipReason(going)
    topics = {KAFKA_RECORDS.table} if settings.kafka else set()
    return _asked(context, waiting.state, waiting.names | topics)


def _lagging(
    context: SensorEvaluationContext, watch: LagWatch, look: Callable[[], PendingWork]
) -> SensorResult | SkipReason:
    lags = watch.look()
    events = [_observed(lag) for lag in watch.worth_telling(lags)]
    over = watch.over(lags)
    said = ", ".join(str(lag) for lag in lags) or "the broker has none of the topics yet"
    found: SensorResult | SkipReason = SkipReason(f"Below the thresholds: {said}.")
    going = run_going(context.instance) if over else None
    if going:
        found = SkipReason(f"{said}. {going}")
    elif over:
        found = _asked(context, over, {KAFKA_RECORDS.table} | look().names)
    if isinstance(found, SensorResult):
        return SensorResult(run_requests=found.run_requests, cursor=found.cursor, asset_events=events)
    return SensorResult(skip_reason=found, asset_events=events) if events else found


def _asked(context: SensorEvaluationContext, state: str, changed: Collection[str]) -> SensorResult | SkipReason:
    wanted, asked = ask(Asked.from_cursor(context.cursor), state, changed)
    return wanted if isinstance(wanted, SkipReason) else SensorResult(run_requests=[wanted], cursor=asked.cursor())


def _observed(lag: TopicLag) -> AssetObservation:
    return AssetObservation(
        topic_key(lag.topic),
        metadata={
            "lag": MetadataValue.int(lag.records),
            "waiting_seconds": MetadataValue.float(round(lag.seconds, 1)),
            "end_offsets": MetadataValue.int(lag.end),
            "partitions": MetadataValue.int(lag.partitions),
        },
    )
