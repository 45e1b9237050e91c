"""Ticks of an hour ago that found nothing are removed. Dagster's own retention counts in days."""

from dagster import DefaultSensorStatus, SensorDefinition, SensorEvaluationContext, SkipReason

from fitness_assets.defs.retention.ticks import SKIPPED_TICK_HOURS, remove_skipped_ticks

_INTERVAL_SECONDS = 600


def tick_retention_sensor(default_status: DefaultSensorStatus) -> SensorDefinition:
    return SensorDefinition(
        "tick_retention_sensor",
        evaluation_fn=_evaluate,
        minimum_interval_seconds=_INTERVAL_SECONDS,
        default_status=default_status,
        description=f"Removes ticks that asked for nothing {SKIPPED_TICK_HOURS} h ago or earlier. Asks for no run.",
    )


def _evaluate(context: SensorEvaluationContext) -> SkipReason:
    remove_skipped_ticks(context.instance)
    return SkipReason(f"Ticks that asked for nothing are kept for {SKIPPED_TICK_HOURS} h.")
