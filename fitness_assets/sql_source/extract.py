"""One extraction: read, compare with the ledger, plan the files, land them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.pipeline.state.erasures import read_erasures
from fitness_assets.sql_source.connection import open_connection
from fitness_assets.sql_source.csv_lines import csv_line
from fitness_assets.sql_source.erased_lines import without_erased
from fitness_assets.sql_source.feeds import state_prefix
from fitness_assets.sql_source.ledger import Ledger
from fitness_assets.sql_source.ledger_state import RowversionBound
from fitness_assets.sql_source.settings import TABLE_SETTINGS, SqlSource
from fitness_assets.sql_source.tables import (
    current_bound,
    find_table,
    read_chunks,
    rows_statement,
)
from fitness_assets.sql_source.zones import Zones

MAX_ROWS_PER_FILE = 500_000


@dataclass(frozen=True)
class ExtractionResult:
    """What an extraction did.

    Attributes:
        landed: the new and changed rows that were landed.
        files: the files that were landed, those left over by an extraction that was killed included.
        last_file_number: the number of the last file; it stays the same while nothing is new.
        read: the rows read from the source.
        repeated: those of them that equal another one in every field; they are landed once.
        is_full: whether the whole table was read, not only what changed.
    """

    landed: int
    files: tuple[str, ...]
    last_file_number: int
    read: int
    repeated: int
    is_full: bool
    seconds: float

    def summary(self) -> str:
        how = "read whole" if self.is_full else "read from the last rowversion on"
        return f"{self.landed:,} new or changed rows of {self.read:,} ({how}), {len(self.files)} files."


def extract(
    zones: Zones,
    source: SqlSource,
    feed: FileFeed,
    full: bool = False,
    max_rows_per_file: int = MAX_ROWS_PER_FILE,
    on_step: Callable[[str], None] = lambda step: None,
) -> ExtractionResult:
    """Land the rows of the feed's table that are new or were changed since the last time.

    A row is known by its values. Rows deleted in the source are left alone: bronze never forgets.

    Args:
        full: read the whole table although a rowversion says what changed.
        on_step: called after each step where a test may end the process: `read`, `planned`, and for each file
            `written` and `renamed`.

    Raises:
        SqlSourceError: the source cannot be read, or the ledger.
        WorkspaceError: the zones lie in a workspace, which does not answer or refuses us.
        LockTimeoutError: another process extracts the table and does not finish.
    """
    started = time.monotonic()
    state, file_prefix = state_prefix(feed), TABLE_SETTINGS[feed.name]
    storage = zones.checkpoints
    with (
        storage.lease(f"{state}/writer.lock", f"landing_zone/{feed.name}"),
        Ledger(storage, state, zones.landing(feed), feed, file_prefix) as ledger,
    ):
        files = ledger.land_files(on_step)
        ledger.note_landed(ledger.bound)
        with open_connection(source) as connection:
            source_table = find_table(connection, source, feed)
            until = current_bound(connection, source_table)
            since = None if full else start_bound(ledger.bound, until)
            statement = rows_statement(source_table, connection.dialect.name, since, until)
            erasures = read_erasures(storage)
            lines = (
                without_erased(feed, _csv_lines(rows, feed), erasures) for rows in read_chunks(connection, statement)
            )
            read, repeated, new = ledger.find_new(lines)
        on_step("read")
        if new:
            ledger.plan_files(new, max_rows_per_file)
            on_step("planned")
            files += ledger.land_files(on_step)
        ledger.note_landed(until)
        return ExtractionResult(
            landed=new,
            files=tuple(files),
            last_file_number=ledger.last_file_number,
            read=read,
            repeated=repeated,
            is_full=since is None,
            seconds=time.monotonic() - started,
        )


def start_bound(last: RowversionBound | None, current: RowversionBound | None) -> RowversionBound | None:
    """The bound to read on from; None where it says nothing about the counter as it is now."""
    goes_on = last and current and last.counter == current.counter and last.below <= current.below
    return last if goes_on else None


def _csv_lines(rows: Sequence[Sequence[object]], feed: FileFeed) -> list[str]:
    return [csv_line(row, feed.fields) for row in rows]
