"""Bringing many tables up to date: each as soon as its sources are, a few at once.

A table whose update or run_checks failed keeps the tables above it from taking over what may be wrong;
the others go on.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from threading import Lock

from pyspark.sql import SparkSession

from fitness_assets.contracts.model import Table, UpdateStrategy
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.errors import EngineError, FitnessError, error_summary
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.quality.checks import CheckResult, is_failing, run_checks
from fitness_assets.pipeline.quality.previews import previews
from fitness_assets.pipeline.quality.runbook import remedy_for
from fitness_assets.pipeline.result import UpdateResult
from fitness_assets.pipeline.update import SparkProvider, update

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
    def good(self) -> bool:
        return self.result is not None and all(one.good for one in self.checks)


def update_tables(
    lake: Lakehouse,
    chosen: Iterable[str],
    spark: SparkProvider,
    full: bool = False,
    starting: Callable[[Table], None] = lambda table: None,
) -> Iterator[TableOutcome]:
    """Bring the chosen tables (full names) up to date and run_checks them, sources first.

    Closing the iterator, or an interrupt, stops the Spark jobs that are under way; what was committed stays.

    Args:
        starting: is told of each table when its turn comes.
    """
    wanted = set(chosen)
    waiting = TopologicalSorter({name: _before(name) & wanted for name in wanted})
    waiting.prepare()
    around = {below for name in wanted for below in _below(name)} - wanted
    failed = {name: name for name in around if is_failing(lake, get_table(name))}
    engine = _Engine(spark)
    pool = ThreadPoolExecutor(MAX_CONCURRENT_UPDATES, thread_name_prefix="update")
    running: dict[Future[TableOutcome], str] = {}
    try:
        while waiting.is_active():
            for name in waiting.get_ready():
                blame = next((failed[below] for below in sorted(_below(name)) if below in failed), None)
                if blame:
                    failed[name] = blame
                    waiting.done(name)
                    yield TableOutcome(get_table(name), held_back_by=blame)
                else:
                    starting(get_table(name))
                    running[pool.submit(_outcome, lake, get_table(name), engine, full)] = name
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                name = running.pop(future)
                found = future.result()
                if not found.good:
                    failed[name] = name
                waiting.done(name)
                yield found
    finally:
        if running:
            engine.interrupt()
        pool.shutdown(wait=True, cancel_futures=True)


def outcome_problem(outcome: TableOutcome) -> str | None:
    """Why a person should look at the table; None where all is well."""
    name = outcome.table.full_name
    if outcome.error is not None:
        return f"{name} was not updated: {error_summary(outcome.error)}"
    if outcome.held_back_by:
        return f"{name} was held back, so that nothing wrong flows into it from {outcome.held_back_by}."
    wrong = [_wrong(name, one) for one in outcome.checks if not one.good]
    if wrong:
        return f"{name} did not pass {'; '.join(wrong)}"
    found = outcome.result.trouble if outcome.result else ""
    return f"{name} does not have all yet: {found}" if found else None


def _wrong(name: str, run_checks: CheckResult) -> str:
    figures = ", ".join(f"{what}: {found}" for what, found in run_checks.figures.items())
    return f"{run_checks.name} ({run_checks.description} {figures}). {remedy_for(run_checks.name, name)}"


def _below(name: str) -> set[str]:
    """All tables that a table is made from, directly or not."""
    direct = {source.table for source in all_tables()[name].sources}
    return direct.union(*(_below(source) for source in direct))


def _before(name: str) -> set[str]:
    """What is done before a table. Quarantine comes last: its sums are due once all others are up to date, and
    nobody waits for it as for gold."""
    return set(all_tables()) - {name} if get_table(name).strategy is UpdateStrategy.QUARANTINE else _below(name)


def _outcome(lake: Lakehouse, table: Table, spark: SparkProvider, full: bool) -> TableOutcome:
    """Bring one table up to date and run_checks it; whatever goes wrong is told in the outcome."""
    try:
        result = update(lake, table, spark, full)
        if result.changed:
            result = replace(result, previews=previews(lake, table))
        return TableOutcome(table, result, run_checks(lake, table))
    except Exception as error:  # whatever it is, the other tables go on; who asked for the run is told
        return TableOutcome(table, error=_gone(error) or error)


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


def _gone(error: Exception) -> EngineError | None:
    """What became of the table where the engine died under its update."""
    said = str(error)
    sign = next((sign for sign in _SIGNS_OF_A_LOST_ENGINE if sign in said), None)
    if sign is None or isinstance(error, FitnessError):
        return None
    lost = EngineError(
        f"The engine went away during the update ({sign}). No data is harmed: once it is back "
        f"(fitness-assets engine start) the next run goes on."
    )
    lost.__cause__ = error
    return lost


class _Engine:
    """The session, started once by whichever table needs it first."""

    def __init__(self, start: SparkProvider) -> None:
        self._start = start
        self._lock = Lock()
        self._session: SparkSession | None = None

    def __call__(self) -> SparkSession:
        with self._lock:
            if self._session is None:
                self._session = self._start()
            return self._session

    def interrupt(self) -> None:
        if self._session is not None:
            self._session.interruptAll()
