"""Records that are older than their contract keeps them leave bronze, landed files, ledgers and all tables above, but
for rows that stay by the contract of their table: these are archived first.

What is too old is said by cutoffs, which lie with the erasures and are asked by every update of bronze: so nothing
brings the records back. A cutoff moves in steps, because moving it reads the table and its files whole.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta, timezone

from fitness_assets.contracts.lineage import downstream, upstream
from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.maintenance import MaintenanceResult
from fitness_assets.pipeline.scheduler import outcome_problem, update_tables
from fitness_assets.pipeline.state.archive_mark import due_mark
from fitness_assets.pipeline.state.erasures import Cutoff, ErasureRegister
from fitness_assets.pipeline.strategies.computed.archive import archive_rows
from fitness_assets.sql_source.erasing import erase_extracted
from fitness_assets.storage import open_storage

_STEPS = 24
"""A cutoff moves once it can do so by this part of the time that records are kept: of two years by a month."""


def keep_retention(lake: Lakehouse) -> Iterator[MaintenanceResult]:
    """Let go of what is too old, and bring the tables above up to date. Nothing where no contract has a retention.

    One that was killed is finished by the next, or by any update.
    """
    tables = [table for table in all_tables().values() if table.retention]
    if not tables:
        return
    register = ErasureRegister(open_storage(lake.settings.checkpoint_zone))
    cutoffs = due_cutoffs(lake)
    if cutoffs:
        problems = list(_archive(lake, cutoffs))
        if problems:
            yield from problems
            return
        register.put_cutoffs(cutoffs)
    erase_extracted(lake.settings, register.read())
    rows = {name: lake.ensure(table).row_count() for name, table in all_tables().items()}
    for outcome in update_tables(lake, downstream({table.full_name for table in tables})):
        name = outcome.table.full_name
        gone = max(rows[name] - lake.log(outcome.table).row_count(), 0)
        problem = outcome_problem(outcome) or ""
        if gone or problem:
            yield MaintenanceResult(name, expired=gone, problem=problem)


def due_cutoffs(lake: Lakehouse) -> tuple[Cutoff, ...]:
    """All cutoffs as of the next step; none where none of them moves."""
    tables = [table for table in all_tables().values() if table.retention]
    before = ErasureRegister(open_storage(lake.settings.checkpoint_zone)).read().cutoffs
    moved = _moved(before, _wanted(lake, tables))
    return () if moved == before else moved


def _archive(lake: Lakehouse, cutoffs: tuple[Cutoff, ...]) -> Iterator[MaintenanceResult]:
    """Archive the rows that stay, of tables that are up to date; what keeps them from that."""
    tables = [table for table in all_tables().values() if due_mark(table, cutoffs)]
    if not tables:
        return
    names = {name for table in tables for name in (table.full_name, *upstream(table.full_name))}
    for outcome in update_tables(lake, names):
        if not outcome.is_good:
            problem = f"nothing goes before the rows that stay are right: {outcome_problem(outcome)}"
            yield MaintenanceResult(outcome.table.full_name, problem=problem)
            tables = []
    for table in tables:
        archive_rows(lake, table, cutoffs)


def _wanted(lake: Lakehouse, tables: list[Table]) -> Iterator[tuple[Cutoff, timedelta]]:
    """The cutoffs of the day that ages are counted on, and by how much each has to move at least."""
    # A day in the future, which somebody may set for a trial, lets go of nothing for good.
    day = min(lake.settings.as_of, datetime.now(timezone.utc).date())
    today = datetime.combine(day, time(), timezone.utc)
    for table in tables:
        for retention in table.retention:
            kept = timedelta(days=retention.days)
            before = (today - kept).timestamp()
            yield Cutoff(table.full_name, retention.column, retention.topic, before), kept / _STEPS


def _moved(before: tuple[Cutoff, ...], wanted: Iterable[tuple[Cutoff, timedelta]]) -> tuple[Cutoff, ...]:
    """The cutoffs from now on. What was let go stays away, also where a contract keeps records for longer now, or for
    ever."""
    moved = {(cutoff.table, cutoff.column, cutoff.topic): cutoff for cutoff in before}
    for cutoff, step in wanted:
        place = (cutoff.table, cutoff.column, cutoff.topic)
        if place not in moved or cutoff.before - moved[place].before >= step.total_seconds():
            moved[place] = cutoff
    return tuple(moved.values())
