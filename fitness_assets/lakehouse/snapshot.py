"""One state of a table, pinned: its files, and what the log says is in them. Without Spark, in milliseconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from fitness_assets.contracts.model import Table
from fitness_assets.errors import SchemaMismatchError, TableUnreadableError
from fitness_assets.lakehouse.following import Mark, mark
from fitness_assets.lakehouse.predicates import COARSE, Between, Condition, OneOf
from fitness_assets.lakehouse.table_log import TableLog
from fitness_assets.lakehouse.transaction_log import Commit, Version

_TRIES = 20


@dataclass(frozen=True)
class DataFile:
    """A Parquet file of a table. It never changes; it can only be gone.

    Attributes:
        partition: the values of the partition columns, which are not in the file.
    """

    path: str
    rows: int
    partition: Mapping[str, str | None]


@dataclass(frozen=True)
class Snapshot:
    """One version of a table.

    Attributes:
        adds: a row a file, with the statistics of its columns, as the log has them.
        change: the last commit that changed rows; None where there was none, or the log no longer has it.
    """

    table: Table
    path: Path
    version: Version
    adds: pa.Table
    change: Commit | None

    @cached_property
    def row_count(self) -> int:
        return pc.sum(self.adds["num_records"]).as_py() or 0

    @cached_property
    def bytes(self) -> int:
        return pc.sum(self.adds["size_bytes"]).as_py() or 0

    def files(self, where: Mapping[str, Condition] | None = None) -> list[DataFile]:
        """The files that can hold rows for which all conditions are true."""
        adds, partitions = self._adds(where), self.table.partition_by
        if not adds.num_rows:
            return []
        rows = adds.select(["path", "num_records", *[f"partition.{name}" for name in partitions]])
        return [
            DataFile(
                str(self.path / row["path"]),
                row["num_records"] or 0,
                {name: row[f"partition.{name}"] for name in partitions},
            )
            for row in rows.to_pylist()
        ]

    def ends(self, column: str, where: Mapping[str, Condition] | None = None) -> tuple[Any, Any]:
        """The least and the greatest value of a column in these files, after their statistics.

        Times are right to the millisecond; None is unknown, or no rows.
        """
        if f"min.{column}" not in self.adds.column_names:
            return None, None
        adds = self._adds(where)
        return pc.min(adds[f"min.{column}"]).as_py(), pc.max(adds[f"max.{column}"]).as_py()

    def _adds(self, where: Mapping[str, Condition] | None) -> pa.Table:
        adds = self.adds
        for column, condition in (where or {}).items() if adds.num_rows else ():
            keep = self._may_hold(adds, column, condition)
            adds = adds if keep is None else adds.filter(keep)
        return adds

    def _may_hold(self, adds: pa.Table, column: str, condition: Condition) -> Any:
        if column in self.table.partition_by and isinstance(condition, OneOf):
            return pc.is_in(adds[f"partition.{column}"], pa.array(condition.values, pa.string()))
        if f"min.{column}" not in adds.column_names or self.table.column(column).type in ("string", "boolean"):
            return None
        least, most = adds[f"min.{column}"], adds[f"max.{column}"]
        if pa.types.is_timestamp(most.type):
            most = pc.add(most, pa.scalar(COARSE, pa.duration("us")))
        if isinstance(condition, OneOf):
            if not condition.values:
                return pa.array([False] * adds.num_rows, pa.bool_())
            condition = Between(min(condition.values), max(condition.values))
        keep = pa.chunked_array([pa.array([True] * adds.num_rows, pa.bool_())])
        try:
            if condition.low is not None:
                low = pa.scalar(condition.low, most.type)
                keep = pc.and_(keep, pc.fill_null(pc.greater_equal(most, low), True))
            if condition.high is not None:
                high = pa.scalar(condition.high, least.type)
                keep = pc.and_(keep, pc.fill_null(pc.less_equal(least, high), True))
        except (OverflowError, pa.ArrowInvalid):
            # A number that no column can hold; which rows match is for the query to say.
            return None
        return keep


class Watched:
    """The latest version of one table, read anew only when there is a later one. Safe for threads."""

    def __init__(self, table: Table, path: Path) -> None:
        self.table = table
        self._log = TableLog(path)
        self._known: tuple[Mark, Snapshot] | None = None
        self._lock = Lock()

    def latest(self) -> Snapshot | None:
        """The table as it is now, None where it is not there.

        Raises:
            TableUnreadableError: the table has a feature that needs another reader, or its log is damaged.
            SchemaMismatchError: the table lacks columns of its contract.
        """
        known = self._known
        if known and self._is_last(known[0]):
            return known[1]
        with self._lock:
            if self._known and self._is_last(self._known[0]):
                return self._known[1]
            self._known = self._read()
            return self._known[1] if self._known else None

    def _read(self) -> tuple[Mark, Snapshot] | None:
        trouble: Exception | None = None
        for _ in range(_TRIES):
            number = self._log.latest_number()
            before = self._mark(number)
            if before is None:
                return None
            try:
                delta = self._log.delta()
                snapshot = self._pinned(delta)
            except TableNotFoundError:
                continue
            except (DeltaError, OSError) as error:
                trouble = error
                continue
            # The file of the commit is the same as before, so no table was made anew in between.
            if delta.version() == number and self._mark(number) == before:
                return before, snapshot
        if trouble is None:
            return None
        raise TableUnreadableError(f"{self.table.full_name} in {self._log.path} cannot be read: {trouble}") from trouble

    def _pinned(self, delta: DeltaTable) -> Snapshot:
        features = set(delta.protocol().reader_features or []) & {"deletionVectors", "columnMapping"}
        if features:
            raise TableUnreadableError(
                f"{self.table.full_name} in {self._log.path} uses {', '.join(sorted(features))}, with which its files "
                f"cannot be read by themselves. Switch that off, or rewrite the table: "
                f"fitness-assets run {self.table.full_name} --full-refresh"
            )
        missing = set(self.table.column_names) - {field.name for field in delta.schema().fields}
        if missing:
            raise SchemaMismatchError(
                f"{self.table.full_name} in {self._log.path} lacks the columns {', '.join(sorted(missing))} of its "
                f"contract. Build it anew: fitness-assets clean --table {self.table.full_name}"
            )
        version = Version(str(delta.metadata().id), delta.version())
        adds = pa.table(delta.get_add_actions(flatten=True))
        return Snapshot(self.table, self._log.path, version, adds, self._change(version))

    def _change(self, version: Version) -> Commit | None:
        """The last commit that changed rows, looked for backwards until what is known already."""
        before = self._known[1] if self._known else None
        known = before.version.number if before and before.version.table_id == version.table_id else -1
        for number in range(version.number, known, -1):
            for commit in self._log.commits(number - 1, number):
                if commit.files:
                    return commit
        return before.change if before and known >= 0 else None

    def _is_last(self, mark: Mark) -> bool:
        return self._mark(mark[0]) == mark and self._mark(mark[0] + 1) is None

    def _mark(self, number: int) -> Mark | None:
        return mark(self._log.path / "_delta_log", number)


def at_one_instant(tables: Sequence[Watched]) -> list[Snapshot | None]:
    """The versions that these tables had at one and the same instant."""
    found = [table.latest() for table in tables]
    for _ in range(_TRIES):
        again = [table.latest() for table in tables]
        if all(one is other for one, other in zip(again, found, strict=True)):
            break
        found = again
    return found
