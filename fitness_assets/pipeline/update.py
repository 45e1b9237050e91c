"""Updating one table, whatever its strategy. The only way in from Dagster, the command line and Databricks."""

import logging
import time
from dataclasses import replace

from fitness_assets.contracts.model import Table
from fitness_assets.errors import ConcurrentWriteError
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.result import UpdateResult
from fitness_assets.pipeline.state.locks import table_lock
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets.pipeline.strategies import StrategyResult, strategies_of

log = logging.getLogger("fitness_assets")

_ATTEMPTS = 3


def update_table(lake: Lakehouse, table: Table, full_refresh: bool = False) -> UpdateResult:
    """Bring a table up to date with its sources.

    Args:
        full_refresh: compute the table whole and make it equal; a bronze table is loaded anew.

    Raises:
        FitnessError: the table cannot be brought up to date; the message says what to do.
    """
    began = time.monotonic()
    store = ProgressStore.from_settings(lake.settings)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with table_lock(store.storage, table):
                lake.ensure(table)
                with lake.fenced(table):
                    result = _run_strategies(lake, table, store, full_refresh, began)
                    if result.counts.rows:
                        lake.compact_fragments(table)
            break
        except ConcurrentWriteError as error:
            if attempt == _ATTEMPTS:
                raise
            log.warning("%s Trying again (%s of %s).", error, attempt + 1, _ATTEMPTS)
    return _update_result(lake, table, result, time.monotonic() - began)


def _run_strategies(
    lake: Lakehouse, table: Table, store: ProgressStore, full_refresh: bool, began: float
) -> StrategyResult:
    strategies = [strategy(lake, table, store) for strategy in strategies_of(table)]
    progress = store.read(table)
    # The last first: what commits say of the topics is taken over before a reload of the files moves the table on.
    for strategy in reversed(strategies):
        progress = strategy.prepare(progress, full_refresh)
    results: list[StrategyResult] = []
    for strategy in strategies:
        result = strategy.run(strategy.plan(progress, full_refresh), progress)
        progress = result.progress
        results.append(results[-1].followed_by(result) if results else result)
    before, after = store.read(table), results[-1].progress
    if before is not None and before.table != after.table:
        after = replace(after, previous_number=before.table.number)
    if after != before:
        # Nothing that somebody else did meanwhile may pass for what this update has seen.
        lake.check_fence(table)
        after = replace(after, seconds=round(time.monotonic() - began, 3))
        store.write(table, after)
    return replace(results[-1], progress=after)


def _update_result(lake: Lakehouse, table: Table, result: StrategyResult, seconds: float) -> UpdateResult:
    log = lake.log(table)
    return UpdateResult(
        table=table.full_name,
        mode=result.mode,
        reason=result.reason,
        version=log.base_number(),
        rows=log.row_count(),
        read=result.read,
        inserted=result.counts.inserted,
        updated=result.counts.updated,
        deleted=result.counts.deleted,
        seconds=seconds,
        accepted=result.progress.accepted,
        rejected=result.progress.rejected,
        problem=result.problem,
        warnings=result.warnings,
        left_alone=dict(result.left_alone),
    )
