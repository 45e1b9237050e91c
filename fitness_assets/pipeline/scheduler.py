"""Updating many tables: each as soon as its sources are up to date, a few at once.

A table whose update or check failed keeps the tables downstream from taking over what may be wrong; the others go on.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial
from graphlib import TopologicalSorter

from fitness_assets.contracts.lineage import upstream
from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.errors import EngineError, FitnessError, error_summary
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.quality.checks import is_failing, run_checks
from fitness_assets.pipeline.quality.previews import previews
from fitness_assets.pipeline.quality.runbook import remedy_for
from fitness_assets.pipeline.reporting import Report, reporting_to
from fitness_assets.pipeline.result import CheckResult, UpdateResult
from fitness_assets.pipeline.strategies import strategies_of
from fitness_assets.pipeline.update import update_table

MAX_CONCURRENT_UPDATES = 4
"""More than there are cores: much of a small update is waiting for one Spark job after the other."""


@dataclass(frozen=True)
class TableOutcome:
    """What became of one table.

    Attributes:
        result: what the update did; None where there was none.
        checks: what was checked afterwards.
        error: why the update failed.
        held_back_by: the source whose failure kept this table from being updated.
    """

    table: Table
    result: UpdateResult | None = None
    checks: list[CheckResult] = field(default_factory=list)
    error: Exception | None = None
    held_back_by: str | None = None

    @property
    def is_good(self) -> bool:
        return self.result is not None and all(check.allows_downstream for check in self.checks)

    @property
    def has_problem(self) -> bool:
        """Whether a person should look at the table."""
        return not self.is_good or bool(self.result and self.result.problem)

    @property
    def found_nothing_new(self) -> bool:
        """Whether the update had nothing to do, and there is nothing to tell of it."""
        result = self.result
        return result is not None and result.mode == "unchanged" and not (result.warnings or self.has_problem)


def update_tables(
    lake: Lakehouse,
    table_names: Iterable[str],
    full_refresh: bool = False,
    on_start: Callable[[Table], None] = lambda table: None,
    on_progress: Callable[[Table, str], None] = lambda table, text: None,
) -> Iterator[TableOutcome]:
    """Bring tables (full names) up to date and check them, sources first.

    Closing the iterator, or an interrupt, stops the Spark jobs that are under way; what was committed stays.

    Args:
        on_start: is called with each table when its turn comes.
        on_progress: is called, from threads of its own, with how far a table is whose update takes long.
    """
    chosen = set(table_names)
    sorter = TopologicalSorter({name: _predecessors(name) & chosen for name in chosen})
    sorter.prepare()
    not_chosen = {source for name in chosen for source in upstream(name)} - chosen
    failed = {name: name for name in not_chosen if is_failing(lake, get_table(name))}
    lake.session.renew()
    pool = ThreadPoolExecutor(MAX_CONCURRENT_UPDATES, thread_name_prefix="update")
    running: dict[Future[TableOutcome], str] = {}
    try:
        while sorter.is_active():
            for name in sorter.get_ready():
                culprit = next((failed[source] for source in sorted(upstream(name)) if source in failed), None)
                if culprit:
                    failed[name] = culprit
                    sorter.done(name)
                    yield TableOutcome(get_table(name), held_back_by=culprit)
                else:
                    on_start(get_table(name))
                    report = partial(on_progress, get_table(name))
                    running[pool.submit(_outcome, lake, get_table(name), full_refresh, report)] = name
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                name = running.pop(future)
                outcome = future.result()
                if not outcome.is_good:
                    failed[name] = name
                sorter.done(name)
                yield outcome
    finally:
        if running:
            lake.session.interrupt()
        pool.shutdown(wait=True, cancel_futures=True)


def outcome_problem(outcome: TableOutcome) -> str | None:
    """Why a person should look at the table; None where all is well."""
    name = outcome.table.full_name
    if outcome.error is not None:
        return f"{name} was not updated: {error_summary(outcome.error)}"
    if outcome.held_back_by:
        return f"{name} was held back, so that nothing wrong flows into it from {outcome.held_back_by}."
    failures = [_failure(name, check) for check in outcome.checks if not check.allows_downstream]
    if failures:
        return f"{name} did not pass {'; '.join(failures)}"
    problem = outcome.result.problem if outcome.result else ""
    return f"{name} does not have all yet: {problem}" if problem else None


def _failure(name: str, check: CheckResult) -> str:
    figures = ", ".join(f"{what}: {figure}" for what, figure in check.figures.items())
    return f"{check.name} ({check.description} {figures}). {remedy_for(check.name, name)}"


def _predecessors(name: str) -> set[str]:
    """What is done before a table. Quarantine comes last: its sums are due once all others are up to date, and
    nobody waits for it as for gold."""
    runs_last = any(strategy.runs_last for strategy in strategies_of(get_table(name)))
    return set(all_tables()) - {name} if runs_last else upstream(name)


def _outcome(lake: Lakehouse, table: Table, full_refresh: bool, report: Report) -> TableOutcome:
    """Bring one table up to date and check it; whatever goes wrong is in the outcome."""
    try:
        with reporting_to(report):
            result = update_table(lake, table, full_refresh)
        if result.changed:
            result = replace(result, previews=previews(lake, table))
        return TableOutcome(table, result, run_checks(lake, table))
    except Exception as error:  # whatever it is, the other tables go on; the outcome has it
        return TableOutcome(table, error=_lost_engine(error) or error)


_SIGNS_OF_A_LOST_ENGINE = (
    "UNAVAILABLE",
    "Connection refused",
    "Connection reset",
    "Socket closed",
    "SESSION_NOT_FOUND",
    "SESSION_CHANGED",
    "SESSION_CLOSED",
    "OPERATION_NOT_FOUND",
    "RETRIES_EXCEEDED",
    "Answer from Java side is empty",
)


def _lost_engine(error: Exception) -> EngineError | None:
    """What to tell where the engine died under the update of a table."""
    message = str(error)
    sign = next((sign for sign in _SIGNS_OF_A_LOST_ENGINE if sign in message), None)
    if sign is None or isinstance(error, FitnessError):
        return None
    engine_error = EngineError(
        f"The engine went away during the update ({sign}). No data is harmed: once it is back "
        f"(fitness-assets engine start) the next run goes on."
    )
    engine_error.__cause__ = error
    return engine_error
