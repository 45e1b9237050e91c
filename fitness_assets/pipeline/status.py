"""How the platform stands, in one look: what landed, what waits, what is left alone or refused, which checks fail."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from fitness_assets.contracts.feeds import FILE_FEEDS, FileFeed
from fitness_assets.contracts.registry import all_tables, get_table, quarantine_table
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.landing.listing import feed_folder, list_files
from fitness_assets.pipeline.quality.checks import last_check_record
from fitness_assets.pipeline.result import CheckResult
from fitness_assets.pipeline.state.ingested_files import read_ingested_files
from fitness_assets.storage import open_storage


@dataclass(frozen=True)
class FeedStatus:
    """One folder of the landing zone.

    Attributes:
        files: how many complete files lie there.
        waiting: those that are not loaded yet, or changed since, by name.
        left_alone: what is not read, by name, and why.
        refused_files: the files that could not be read at all, and why.
        records: how many records its bronze table has, those of a broker among them.
    """

    name: str
    files: int
    waiting: tuple[str, ...]
    left_alone: dict[str, str]
    refused_files: dict[str, str]
    records: int


@dataclass(frozen=True)
class RefusedCount:
    """How many records of one bronze table were refused for one reason."""

    source: str
    reason: str
    records: int


@dataclass(frozen=True)
class TableChecks:
    """What was found when a table was last checked.

    Attributes:
        checked_at: when, UTC; None where it never was.
        failed: the checks that did not pass.
    """

    table: str
    rows: int
    checked_at: datetime | None = None
    passed: int = 0
    failed: tuple[CheckResult, ...] = field(default_factory=tuple)


def feed_statuses(lake: Lakehouse) -> Iterator[FeedStatus]:
    """How each folder of the landing zone stands."""
    for feed in FILE_FEEDS.values():
        yield feed_status(lake, feed)


def feed_status(lake: Lakehouse, feed: FileFeed) -> FeedStatus:
    """How one folder of the landing zone stands; no file is opened."""
    table = get_table(feed.table)
    listing = list_files(feed_folder(lake.settings, feed), feed)
    ingested = read_ingested_files(open_storage(lake.settings.checkpoint_zone), table) or {}
    known = {name: ingested.get(name) for name in listing.files}
    return FeedStatus(
        name=feed.name,
        files=len(listing.files),
        waiting=tuple(name for name, file in known.items() if not file or file.version != listing.files[name]),
        left_alone=dict(listing.left_alone),
        refused_files={name: file.content.reason for name, file in known.items() if file and file.content.reason},
        records=lake.log(table).row_count(),
    )


def refused_counts(lake: Lakehouse) -> list[RefusedCount]:
    """What is in quarantine, the most first."""
    table = quarantine_table()
    if not lake.log(table).row_count():
        return []
    with lake.query_engine() as engine:
        scan = engine.scan(table)
        counts = scan.fetch(f"SELECT source_table, reason, count(*) FROM {scan.all_rows} GROUP BY source_table, reason")
    rows = [RefusedCount(str(source), str(reason), int(records)) for source, reason, records in counts]
    return sorted(rows, key=lambda row: (-row.records, row.source, row.reason))


def table_checks(lake: Lakehouse) -> Iterator[TableChecks]:
    """The checks of each table, as of its last update."""
    for table in all_tables().values():
        rows, record = lake.log(table).row_count(), last_check_record(lake.settings, table)
        if record is None:
            yield TableChecks(table.full_name, rows)
        else:
            failed = tuple(result for result in record.results if not result.passed)
            passed = len(record.results) - len(failed)
            yield TableChecks(table.full_name, rows, record.checked_at, passed, failed)
