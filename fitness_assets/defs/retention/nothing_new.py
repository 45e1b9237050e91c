"""A run that found nothing new leaves next to nothing: it goes when two later ones have found nothing new too.

So however often somebody looks, Dagster keeps the latest two such runs, with materializations and checks, and every
run that did something or failed.
"""

from dagster import AssetExecutionContext, DagsterInstance, DagsterRun, RunsFilter
from sqlalchemy.exc import SQLAlchemyError

from fitness_assets.defs.retention.latest_runs import latest_finished_run_ids, latest_run_ids
from fitness_assets.defs.retention.removal import FINISHED, can_forget, remove_run

TAG_PREFIX = "fitness_assets.nothing_new/"
"""What the tag of a step begins with that found nothing new; the step's key follows."""
_REMOVED_AT_ONCE = 20
"""Earlier ones are few: those that were going, or shown as the latest, when others went."""


def note_nothing_new(context: AssetExecutionContext) -> None:
    """Note that this step of a run found nothing new, and let go of the earlier runs that are all like that."""
    instance = context.instance
    if instance.is_ephemeral or not can_forget(instance):
        return
    tag = f"{TAG_PREFIX}{context.op_execution_context.op_handle}"
    try:
        instance.add_run_tags(context.run_id, {tag: "true"})
        for run_id in _earlier_runs(instance, tag, context.run_id):
            remove_run(instance, run_id)
    except (SQLAlchemyError, OSError) as error:
        # The tables are up to date whatever becomes of this; the next such run tries again.
        context.log.warning(f"Earlier runs that found nothing new stay for now: {error}")


def _earlier_runs(instance: DagsterInstance, tag: str, this_run: str) -> list[str]:
    found = instance.get_runs(RunsFilter(statuses=FINISHED, tags={tag: "true"}), limit=_REMOVED_AT_ONCE)
    # This run may fail yet, and then the one before it tells how the job is.
    shown = latest_run_ids(instance) | latest_finished_run_ids(instance) | {this_run}
    return [run.run_id for run in found if run.run_id not in shown and _found_nothing_new(instance, run)]


def _found_nothing_new(instance: DagsterInstance, run: DagsterRun) -> bool:
    """Whether each step of the run did so; a run may have steps that are not ours."""
    if run.execution_plan_snapshot_id is None:
        return False
    steps = instance.get_execution_plan_snapshot(run.execution_plan_snapshot_id).step_keys_to_execute
    return all(f"{TAG_PREFIX}{step}" in run.tags for step in steps)
