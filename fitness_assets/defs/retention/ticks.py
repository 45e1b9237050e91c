"""Ticks that found nothing: Dagster itself keeps them for a day at least, and one sensor makes 17,000 a day."""

from datetime import datetime, timedelta, timezone

from dagster import DagsterInstance

# The status of a tick has no public name; Dagster's version is pinned.
from dagster._core.scheduler.instigation import TickStatus

from fitness_assets.defs.retention.removal import can_forget

SKIPPED_TICK_HOURS = 1


def remove_skipped_ticks(instance: DagsterInstance, hours: float = SKIPPED_TICK_HOURS) -> None:
    """Remove the ticks of all sensors and schedules that asked for nothing and are older than so many hours."""
    if not can_forget(instance):
        return
    before = (datetime.now(timezone.utc) - timedelta(hours=hours)).timestamp()
    for state in instance.all_instigator_state():
        instance.purge_ticks(state.instigator_origin_id, state.selector_id, before, [TickStatus.SKIPPED])
