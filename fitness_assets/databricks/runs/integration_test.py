"""The integration test of a deployment: sample data through every table, checked, repeated and computed again."""

from collections.abc import Callable, Iterator, Sequence

from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.contracts.registry import all_tables
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.scheduler import TableOutcome, outcome_problem, update_tables
from fitness_assets.sample.faults import Faults
from fitness_assets.sample.history import SampleSize, sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events

FAULTS = Faults(late=0.1, repeated=0.1, corrected=0.1, malformed=0.02)
SIZE = SampleSize(users=6, days=1, reading_interval=60, faults=FAULTS)
BATCHES = 2


def run_integration_test(
    lake: Lakehouse, sample: bool, report: Callable[[TableOutcome], None]
) -> Iterator[tuple[str, str]]:
    """Bring every table up to date and hold it against the promises of the platform.

    Args:
        sample: land sample data first, in two batches; never where real data lands.
        report: is called with each table that was brought up to date.

    Yields:
        Each table's name and what is wrong with it, empty where nothing is.
    """
    names = list(all_tables())
    problems: dict[str, list[str]] = {name: [] for name in names}
    for batch in range(BATCHES if sample else 1):
        if sample:
            _land(lake, batch)
        for outcome in update_tables(lake, names):
            report(outcome)
            problem = outcome_problem(outcome)
            problems[outcome.table.full_name] += [problem] if problem else []
    for name, change in _changes(lake, names, full_refresh=False):
        problems[name].append(f"a second update found something new: {change}")
    # Bronze remembers what landed; all above it can be computed again.
    above = [name for name in names if name not in FILE_FEEDS]
    for name, change in _changes(lake, above, full_refresh=True):
        problems[name].append(f"computed whole it is another table: {change}")
    for name in names:
        yield name, "; ".join(problems[name])


def _land(lake: Lakehouse, batch: int) -> None:
    events, landing_zone = sample_arrivals(SIZE), lake.settings.landing_zone
    batch_size = -(-len(events) // BATCHES)
    if not any((landing_zone / "date_lookup").glob("*.json")):
        write_calendar(landing_zone)
    write_events(landing_zone, events[batch * batch_size : (batch + 1) * batch_size], f"integration_test_{batch}")


def _changes(lake: Lakehouse, names: Sequence[str], full_refresh: bool) -> Iterator[tuple[str, str]]:
    for outcome in update_tables(lake, names, full_refresh):
        if outcome.result is None or outcome.result.changed:
            yield outcome.table.full_name, outcome_problem(outcome) or (outcome.result.line() if outcome.result else "")
