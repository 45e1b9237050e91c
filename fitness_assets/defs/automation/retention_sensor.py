"""What grows with every trigger is bounded during the day too; a nightly job would come too late for it.

Sensors that find something new each few seconds ask for thousands of runs a day, and Dagster's own retention of ticks
counts in days.
"""

from dagster import DefaultSensorStatus, SensorDefinition, SensorEvaluationContext, SkipReason

from fitness_assets.defs.retention.history import remove_surplus_runs
from fitness_assets.defs.retention.ticks import SKIPPED_TICK_HOURS, remove_skipped_ticks
from fitness_assets.settings.dagster import DagsterSettings

_INTERVAL_SECONDS = 600


def retention_sensor(default_status: DefaultSensorStatus) -> SensorDefinition:
    return SensorDefinition(
        "retention_sensor",
        evaluation_fn=_evaluate,
        minimum_interval_seconds=_INTERVAL_SECONDS,
        default_status=default_status,
        description=f"Removes ticks that asked for nothing {SKIPPED_TICK_HOURS} h ago or earlier, and the oldest runs "
        f"where there are more than FITNESS_DAGSTER_RUNS. Asks for no run.",
    )


def _evaluate(context: SensorEvaluationContext) -> SkipReason:
    remove_skipped_ticks(context.instance)
    removed = remove_surplus_runs(context.instance, DagsterSettings.from_env().max_runs)
    return SkipReason(f"{removed:,} runs removed; ticks that asked for nothing are kept for {SKIPPED_TICK_HOURS} h.")
