"""The history of all tables, taken away after an erasure: earlier versions, and what the log tells of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.lakehouse import Lakehouse, Version
from fitness_assets.pipeline.state.locks import table_lock
from fitness_assets.pipeline.state.progress import ProgressStore

_PATIENCE_SECONDS = 600.0


def forget_history(lake: Lakehouse) -> list[str]:
    """Take the history of every table away; what remains where, and for how long.

    Nobody updates a table meanwhile. What the tables' progress names is their latest versions afterwards, so nothing is
    computed anew for a version that is gone.
    """
    store = ProgressStore.from_settings(lake.settings)
    tables = list(all_tables().values())
    with ExitStack() as locks:
        for table in tables:
            locks.enter_context(table_lock(store.storage, table, _PATIENCE_SECONDS))
        for table in tables:
            _move_progress_on(lake, store, table)
        remains = [lake.forget_history(each) for table in tables for each in _with_state(lake, table)]
    return [what for what in remains if what]


def _with_state(lake: Lakehouse, table: Table) -> Iterator[Table]:
    for each in (table, *table.state_tables):
        if lake.log(each).exists():
            yield each


def _move_progress_on(lake: Lakehouse, store: ProgressStore, table: Table) -> None:
    """Let the progress of a table name the latest versions, where since those that it names no row changed."""
    progress = store.read(table)
    if progress is None:
        return
    store.write(
        table,
        replace(
            progress,
            table=_latest(lake, table, progress.table),
            sources={name: _latest(lake, get_table(name), version) for name, version in progress.sources.items()},
            tombstones=_latest_state(lake, table.tombstone_table, progress.tombstones),
            archive=_latest_state(lake, table.archive_table, progress.archive),
        ),
    )


def _latest_state(lake: Lakehouse, table: Table | None, known: Version | None) -> Version | None:
    return known if table is None or known is None else _latest(lake, table, known)


def _latest(lake: Lakehouse, table: Table, known: Version) -> Version:
    log = lake.log(table)
    latest = log.version()
    if latest is None or not log.is_ancestor(known, latest):
        return known
    return known if any(commit.changed_rows for commit in log.commits(known.number, latest.number)) else latest
