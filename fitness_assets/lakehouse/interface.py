"""What a lakehouse can do, wherever its tables lie."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import pyarrow as pa
from pyspark.sql import SparkSession

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.rows.change_feed import ChangeFeed
from fitness_assets.lakehouse.rows.diff import RowCounts
from fitness_assets.lakehouse.rows.rowset import RowSet, StagingArea
from fitness_assets.lakehouse.spark.session import LazySession
from fitness_assets.lakehouse.sql.predicates import Predicate
from fitness_assets.lakehouse.sql.query_engine import QueryEngine
from fitness_assets.lakehouse.transaction_log import TransactionLog
from fitness_assets.settings import Settings


class Lakehouse(Protocol):
    """The Delta tables of one data zone.

    Attributes:
        session: the Spark session; nothing but what computes or writes many rows starts it.
    """

    settings: Settings
    session: LazySession

    def spark(self) -> SparkSession:
        """The session; the first call starts it."""

    def address(self, table: Table) -> str:
        """Where the table lies, for people."""

    def sql_name(self, table: Table) -> str:
        """The table's name in Spark's SQL."""

    def log(self, table: Table) -> TransactionLog:
        """The table's transaction log."""

    def latest_version_hint(self, table: Table) -> int | None:
        """The number of the latest version, -1 for no table; None where only an engine can tell."""

    def ensure(self, table: Table) -> TransactionLog:
        """Make the table, empty, if it is not there.

        Raises:
            SchemaMismatchError: the table there cannot become what its contract says.
            EngineError: the catalog or the schema is not there and cannot be made.
        """

    def columns(self, table: Table) -> tuple[dict[str, str], dict[str, str]]:
        """The columns that the table has and those that its contract says, each with its Delta type."""

    def remove(self, table: Table) -> None:
        """Remove the table with all its rows and versions, whether it is there or not."""

    def query_engine(self) -> AbstractContextManager[QueryEngine]:
        """Query rows by SQL, without Spark where that can be."""

    def fenced(self, table: Table) -> AbstractContextManager[None]:
        """Bind the commits of one update: the first follows the version that the table has now, each other the one
        before it. Where somebody else committed in between the next one fails with `ConcurrentWriteError`."""

    def check_fence(self, table: Table) -> None:
        """Hold the latest version of a table against the last one of its update.

        Raises:
            ConcurrentWriteError: somebody else has committed since.
        """

    def staging(self, table: Table) -> AbstractContextManager[StagingArea]:
        """The staging folder of one update of the table."""

    def read(self, table: Table, version: int | None = None) -> RowSet:
        """The rows of a table, in its latest version if none is given."""

    def rows(self, table: Table, version: int | None = None) -> pa.Table:
        """The rows of a small table in this process."""

    def changes(self, table: Table, after: int, until: int, expected_rows: int) -> ChangeFeed:
        """The change data feed of the versions in (after, until].

        Args:
            expected_rows: about how many there are.
        """

    def lookup(
        self,
        table: Table,
        version: int | None,
        predicates: Sequence[Predicate],
        among: Sequence[RowSet],
        is_intermediate: bool,
    ) -> RowSet:
        """The rows that predicates and values leave, or more of them where looking for these alone does not pay.

        Args:
            version: the latest if none is given.
            among: each some values in this process, its columns named as in the table.
            is_intermediate: whether the rows will narrow the reading of other tables.
        """

    def semi_join(self, table: Table, values: RowSet, columns: Sequence[str], version: int | None = None) -> RowSet:
        """Exactly the rows of a table whose values in some columns are among the given ones."""

    def pays_to_prune(self, tables: Sequence[Table]) -> bool:
        """Whether reading less of some of these tables is cheaper than reading all of all."""

    def cached(self, key: Hashable, make: Callable[[], pa.Table]) -> pa.Table:
        """Few rows that were computed from one version of a table, as long as there is room for them."""

    def preview(self, table: Table) -> list[dict[str, str]]:
        """A few rows for people to look at, the public columns as text, personal data masked."""

    def append(self, table: Table, rows: RowSet, expected_rows: int, user_metadata: str | None = None) -> int:
        """Append rows in one commit and return how many they were; none commit nothing.

        Raises:
            ConcurrentWriteError: another writer was faster.
        """

    def append_batches(self, table: Table, batches: Iterator[pa.Table], user_metadata: str) -> int:
        """Append rows of this process in one commit and return how many they were; none commit nothing.

        Args:
            batches: the rows, of which only some are held in memory at a time.

        Raises:
            ConcurrentWriteError: another writer was faster.
            Exception: whatever the batches raise; nothing is written then.
        """

    def replace_batches(self, table: Table, batches: Iterator[pa.Table], user_metadata: str) -> int:
        """The same in the place of all rows that are there."""

    def read_batches(self, table: Table) -> Iterator[pa.Table]:
        """All rows of the latest version, some at a time."""

    def apply_changes(self, table: Table, changes: RowSet) -> RowCounts:
        """Write a difference in one commit; an empty one commits nothing.

        Raises:
            ConcurrentWriteError: another writer was faster.
        """

    def overwrite(self, table: Table, rows: RowSet, expected_rows: int, user_metadata: str | None = None) -> RowCounts:
        """Put rows in the place of all that are there, in one commit.

        Raises:
            ConcurrentWriteError: another writer was faster.
        """

    def delete_not_null(self, table: Table, column: str) -> None:
        """Remove the rows that have a value in a column. What is killed on the way is done again."""

    def delete_rows(self, table: Table, is_deleted: Callable[[pa.Table], pa.Array], predicate: str) -> int:
        """Take out the rows that a function says, in one commit; how many they were. For none nothing is committed.

        Args:
            is_deleted: for each row whether it goes; it may be asked without partition columns.
            predicate: what the log says that they are.

        Raises:
            ConcurrentWriteError: another writer was faster.
            UnsupportedTableError: the table may only be written by Spark.
        """

    def forget_history(self, table: Table) -> str:
        """Remove every file that the latest version does not need, and every earlier version from the log.

        Returns:
            what remains and for how long; empty where nothing does.
        """

    def compact(self, table: Table) -> None:
        """Put small files together in one commit; no row changes.

        Raises:
            ConcurrentWriteError: another writer was faster.
        """

    def compact_fragments(self, table: Table) -> None:
        """Compact a table whose small updates have left it with many files, where nobody else does so."""

    def is_optimized_elsewhere(self, table: Table) -> bool:
        """Whether somebody else puts the small files of a table together, as predictive optimization of Databricks."""
