"""One extraction: read, compare with the ledger, decide, land."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fitness_assets.contracts.feeds import GYM_LOGINS, REGISTERED_USERS, FileFeed
from fitness_assets.pipeline.state.locks import table_lock
from fitness_assets.settings import Settings
from fitness_assets.sql_source.connect import connected
from fitness_assets.sql_source.ledger import Ledger
from fitness_assets.sql_source.lines import line_of
from fitness_assets.sql_source.settings import TABLE_VARIABLES, SqlSource
from fitness_assets.sql_source.tables import Mark, chunks, found, mark_of, rows_statement

EXTRACTED = (REGISTERED_USERS, GYM_LOGINS)
"""The landing folders that the SQL source fills."""
ROWS_A_FILE = 500_000


@dataclass(frozen=True)
class Extracted:
    """What an extraction did.

    Attributes:
        rows: the new and changed rows that were landed.
        files: the files that were landed, those left over by an extraction that was killed included.
        number: the number of the last file; it stays the same while nothing is new.
        read: the rows read from the source.
        repeated: those of them that equal another one in every field; they are landed once.
        whole: whether the whole table was read, not only what changed.
    """

    rows: int
    files: tuple[str, ...]
    number: int
    read: int
    repeated: int
    whole: bool
    seconds: float

    def line(self) -> str:
        how = "read whole" if self.whole else "read from the last rowversion on"
        return f"{self.rows:,} new or changed rows of {self.read:,} ({how}), {len(self.files)} files."


def state_folder(settings: Settings, folder: FileFeed) -> Path:
    """Where everything lies that remembers what was extracted."""
    return settings.checkpoint_zone / "sql_source" / folder.name


def extract(
    settings: Settings,
    source: SqlSource,
    folder: FileFeed,
    whole: bool = False,
    rows_a_file: int = ROWS_A_FILE,
    at: Callable[[str], None] = lambda point: None,
) -> Extracted:
    """Land the rows of the folder's table that are new or were changed since the last time.

    A row is known by its values. Rows deleted in the source are left alone: bronze never forgets.

    Args:
        whole: read the whole table although a rowversion says what changed.
        at: called at each point of the protocol where a test may end the process: `read`, `decided`,
            and for each file `written` and `renamed`.

    Raises:
        SqlSourceError: the source cannot be read, or the ledger.
        TableBusy: another process extracts the table and does not finish.
    """
    started = time.monotonic()
    state = state_folder(settings, folder)
    prefix = TABLE_VARIABLES[folder.name][1]
    with (
        table_lock(f"landing_zone/{folder.name}", state),
        Ledger(state, settings.landing_zone / folder.name, folder, prefix) as ledger,
    ):
        files = ledger.land(at)
        with connected(source) as connection:
            table = found(connection, source, folder)
            now = mark_of(connection, table)
            since = None if whole else _since(ledger.mark(), now)
            statement = rows_statement(table, connection.dialect.name, since, now)
            lines = (_lines(rows, folder) for rows in chunks(connection, statement))
            read, repeated, new = ledger.compare(lines)
        at("read")
        if new or now != ledger.mark():
            ledger.decide(new, rows_a_file, now)
            at("decided")
            files += ledger.land(at)
        took = time.monotonic() - started
        return Extracted(new, tuple(files), ledger.last, read, repeated, since is None, took)


def _since(noted: Mark | None, now: Mark | None) -> Mark | None:
    """The mark to read on from; None where it says nothing about the counter as it is now."""
    goes_on = noted and now and noted.counter == now.counter and noted.below <= now.below
    return noted if goes_on else None


def _lines(rows: Sequence[Sequence[object]], folder: FileFeed) -> list[str]:
    return [line_of(row, folder.fields) for row in rows]
