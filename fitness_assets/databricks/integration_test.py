"""The integration test of a deployment: sample data through every table, checked, repeated and computed again."""

from collections.abc import Callable, Iterator, Sequence

from pyspark.sql import SparkSession

from fitness_assets.contracts.model import UpdateStrategy
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.scheduler import TableOutcome, outcome_problem, update_tables
from fitness_assets.sample.disorder import Disorder
from fitness_assets.sample.landing import SampleSize, arrivals, write_calendar, write_part

SIZE = SampleSize(users=6, days=1, every=60, disorder=Disorder(late=0.1, repeated=0.1, corrected=0.1, malformed=0.02))
BATCHES = 2


def integration_test(
    lake: Lakehouse, spark: SparkSession, sample: bool, updated: Callable[[TableOutcome], None]
) -> Iterator[tuple[str, str]]:
    """Bring every table up to date and hold it against the promises of the platform.

    Args:
        sample: land sample data first, in two batches; never where real data lands.
        updated: is told of each table that was brought up to date.

    Yields:
        Each table's name and what is wrong with it, empty where nothing is.
    """
    names = list(all_tables())
    wrong: dict[str, list[str]] = {name: [] for name in names}
    for batch in range(BATCHES if sample else 1):
        if sample:
            _land(lake, batch)
        for outcome in update_tables(lake, names, lambda: spark):
            updated(outcome)
            wrong[outcome.table.full_name] += [found for found in [outcome_problem(outcome)] if found]
    for name, found in _changed(lake, spark, names, full=False):
        wrong[name].append(f"a second update found something new: {found}")
    # Bronze remembers what landed; all above it can be computed again.
    above = [name for name in names if get_table(name).strategy is not UpdateStrategy.APPEND]
    for name, found in _changed(lake, spark, above, full=True):
        wrong[name].append(f"computed whole it is another table: {found}")
    for name in names:
        yield name, "; ".join(wrong[name])


def _land(lake: Lakehouse, batch: int) -> None:
    events, landing_zone = arrivals(SIZE), lake.settings.landing_zone
    size = -(-len(events) // BATCHES)
    if not any((landing_zone / "date_lookup").glob("*.json")):
        write_calendar(landing_zone)
    write_part(landing_zone, events[batch * size : (batch + 1) * size], f"integration_test_{batch}")


def _changed(lake: Lakehouse, spark: SparkSession, names: Sequence[str], full: bool) -> Iterator[tuple[str, str]]:
    for outcome in update_tables(lake, names, lambda: spark, full):
        if outcome.result is None or outcome.result.changed:
            yield outcome.table.full_name, outcome_problem(outcome) or (outcome.result.line() if outcome.result else "")
