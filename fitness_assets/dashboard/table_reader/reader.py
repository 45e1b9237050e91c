"""The tables for the pages: read without Spark, one set of versions a query, and cheap to read again."""

import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import NoReturn, TypeVar

import duckdb
import pyarrow as pa

from fitness_assets.contracts.registry import get_table
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction
from fitness_assets.errors import TableUnreadableError
from fitness_assets.lakehouse import RowCache, TableSnapshot, TableSnapshots, open_lakehouse
from fitness_assets.pipeline.pending import LocalZoneView
from fitness_assets.settings import Settings

_MAX_ATTEMPTS = 8

T = TypeVar("T")


@dataclass(frozen=True)
class LatestCommit:
    """The last commit in a table's log, by its file's name and time alone.

    Attributes:
        number: of the version; -1 where there is no table.
        written_ns: nanoseconds since 1970; 0 where there is no table.
    """

    number: int
    written_ns: int


class TableReader:
    """The Delta tables of one data zone, for many threads at once. Made once a process.

    Args:
        settings: where the tables lie.

    Raises:
        SettingError: the tables lie in a catalog.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.lakehouse = open_lakehouse(settings, _no_session)
        self.zone = LocalZoneView(self.lakehouse)
        self._tables = TableSnapshots(settings)
        self._cache = RowCache()
        self._cache_locks: defaultdict[Hashable, Lock] = defaultdict(Lock)
        # With its first array Arrow imports pandas: half a second that no query should have to wait for.
        pa.array([])
        self._database = duckdb.connect()
        self._database.execute("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true")
        # A name that no table has must be an error and not one of our Python variables.
        self._database.execute("SET python_enable_replacements = false")

    def snapshots(self, table_names: Sequence[str]) -> dict[str, TableSnapshot | None]:
        """The versions that these tables have at one instant; None for a table that is not there."""
        return dict(
            zip(table_names, self._tables.at_one_instant([get_table(name) for name in table_names]), strict=True)
        )

    def begin(self, table_names: Sequence[str]) -> ReadTransaction:
        """A transaction on these tables as they are at one instant."""
        snapshots = self.snapshots(table_names)
        return ReadTransaction(self._database.cursor(), snapshots, self._cache, self._cache_locks)

    def run(self, table_names: Sequence[str], query: Callable[[ReadTransaction], T]) -> T:
        """Run a query on these tables as they are at one instant.

        If a file is removed while it is needed (a vacuum, a table made anew), the query is run again on the versions
        that are there then.

        Raises:
            TableUnreadableError: a file that the latest version needs is gone or damaged.
        """
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            transaction = self.begin(table_names)
            try:
                with transaction:
                    return query(transaction)
            except (duckdb.IOException, duckdb.InvalidInputException, OSError, pa.ArrowInvalid) as error:
                if attempt == _MAX_ATTEMPTS:
                    raise TableUnreadableError(
                        f"A file of {', '.join(table_names)} cannot be read: {str(error).splitlines()[0]} If it stays "
                        f"so, build the table anew: fitness-assets run <table> --full-refresh"
                    ) from error
                time.sleep(0.01 * attempt)
        raise AssertionError("unreachable")

    def latest_commit(self, table_name: str) -> LatestCommit:
        """The last commit of a table; reads no file, so it can be asked every second."""
        log = self._tables.log(get_table(table_name))
        number = log.latest_number()
        return LatestCommit(number, log.written_ns(number))


def _no_session() -> NoReturn:
    raise AssertionError("the dashboard reads without Spark")
