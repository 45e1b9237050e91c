"""One version of a table in a folder: its columns and its data files, as the transaction log has them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from fitness_assets.errors import TableUnreadableError
from fitness_assets.lakehouse.local.log_files import commit_digest, log_folder, read_actions
from fitness_assets.lakehouse.sql.predicates import Predicate, Statistics
from fitness_assets.lakehouse.transaction_log import Version


@dataclass(frozen=True)
class DataFile:
    """A Parquet file of a table. It never changes; it can only be gone.

    Attributes:
        path: within the table's folder.
        modified_ms: when it was written, milliseconds since 1970.
        statistics: the least and greatest values by column, where they are known; times cut to the millisecond.
        nulls: how many rows have no value in a column, where that is known.
    """

    path: str
    rows: int
    bytes: int
    modified_ms: int
    statistics: Statistics
    nulls: Mapping[str, int] = field(default_factory=dict)

    @property
    def partition(self) -> Mapping[str, str | None]:
        """The values of the partition columns, which are not in the file."""
        return self.statistics.constants

    def may_match(self, predicates: Sequence[Predicate]) -> bool:
        """Whether the file can hold a row for which all predicates are true."""
        return all(predicate.may_match(self.statistics) for predicate in predicates)


@dataclass(frozen=True)
class Snapshot:
    """One version of a table.

    Attributes:
        path: the table's folder.
        columns: with their Delta types.
        partition_by: the columns by whose values the files lie in folders.
        reader_features: what a reader of its files must understand.
        is_plain: whether a writer has to keep nothing but its columns and the change data feed.
        files: by their paths within the folder.
    """

    path: Path
    version: Version
    columns: Mapping[str, str]
    partition_by: tuple[str, ...]
    reader_features: frozenset[str]
    is_plain: bool
    files: Mapping[str, DataFile]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files.values())

    def row_count(self, partition: Mapping[str, str] | None = None) -> int:
        """How many rows there are, in all or in one partition."""
        partition_items = (partition or {}).items()
        return sum(file.rows for file in self.files.values() if partition_items <= file.partition.items())

    def matching_files(self, predicates: Sequence[Predicate] = ()) -> list[DataFile]:
        """The files that can hold rows for which all predicates are true."""
        if not predicates:
            return list(self.files.values())
        return [file for file in self.files.values() if file.may_match(predicates)]

    def bounds(self, column: str, predicates: Sequence[Predicate] = ()) -> tuple[Any, Any]:
        """The least and the greatest value of a column in these files, after their statistics.

        Times are right to the millisecond; None is unknown, or no rows.
        """
        statistics = [file.statistics for file in self.matching_files(predicates)]
        minimums = [file.minimums[column] for file in statistics if file.minimums.get(column) is not None]
        maximums = [file.maximums[column] for file in statistics if file.maximums.get(column) is not None]
        return min(minimums, default=None), max(maximums, default=None)


def open_snapshot(path: Path, version: int | None = None) -> Snapshot:
    """A version of the table in a folder, the latest if none is given.

    Raises:
        TableNotFoundError: there is no table.
        TableUnreadableError: its log is damaged.
    """
    try:
        delta = DeltaTable(str(path), version=version)
    except TableNotFoundError:
        raise
    except (DeltaError, OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    columns = {column["name"]: column["type"] for column in json.loads(delta.schema().to_json())["fields"]}
    files = {file.path: file for file in _open_files(path, pa.table(delta.get_add_actions(flatten=True)))}
    features = frozenset(delta.protocol().reader_features or [])
    number = delta.version()
    identity = Version(str(delta.metadata().id), number, commit_digest(log_folder(path), number))
    partition_by = tuple(delta.metadata().partition_columns)
    return Snapshot(path, identity, columns, partition_by, features, _is_plain(delta), files)


def _unreadable(path: Path, error: Exception) -> TableUnreadableError:
    log = log_folder(path)
    for commit in sorted(log.glob("*.json"), reverse=True)[:1]:
        for _ in read_actions(commit):  # tells of a torn last commit with what to do
            pass
    return TableUnreadableError(
        f"The transaction log {log} cannot be read: {str(error).splitlines()[0]} A damaged checkpoint and the hint to "
        f"it (_last_checkpoint) can be removed as long as the commits are there; otherwise put the table back from a "
        f"backup (fitness-assets restore)."
    )


_PLAIN_WRITER_VERSION, _FEATURES_VERSION = 4, 7
_PLAIN_FEATURES = {"appendOnly", "changeDataFeed", "checkConstraints", "generatedColumns", "invariants"}
"""Of these all but the change data feed are known by the properties and columns that use them."""


def _is_plain(delta: DeltaTable) -> bool:
    protocol, properties = delta.protocol(), delta.metadata().configuration
    if protocol.min_writer_version == _FEATURES_VERSION:
        is_known = _PLAIN_FEATURES.issuperset(protocol.writer_features or [])
    else:
        is_known = protocol.min_writer_version <= _PLAIN_WRITER_VERSION
    has_rules = any(name.startswith("delta.constraints.") for name in properties)
    has_rules |= properties.get("delta.appendOnly", "false").lower() == "true"
    has_rules |= properties.get("delta.columnMapping.mode", "none").lower() != "none"
    columns = json.loads(delta.schema().to_json())["fields"]
    has_rules |= any(name.startswith("delta.") for column in columns for name in column["metadata"])
    return is_known and not has_rules


def added_file(folder: Path, add: Mapping[str, Any], columns: Mapping[str, str]) -> DataFile:
    """The file that an `add` action of a commit names."""
    stats = json.loads(add.get("stats") or "{}")
    minimums, maximums = _typed(stats.get("minValues"), columns), _typed(stats.get("maxValues"), columns)
    path = unquote(add["path"])
    return DataFile(
        path=path,
        rows=_row_count(stats.get("numRecords"), folder / path),
        bytes=add["size"],
        modified_ms=add["modificationTime"],
        statistics=Statistics(minimums, maximums, add.get("partitionValues") or {}),
        nulls=stats.get("nullCount") or {},
    )


def _open_files(folder: Path, adds: pa.Table) -> Iterator[DataFile]:
    for row in adds.to_pylist():
        path = unquote(row["path"])
        yield DataFile(
            path=path,
            rows=_row_count(row.get("num_records"), folder / path),
            bytes=row["size_bytes"],
            modified_ms=row["modification_time"],
            statistics=Statistics(
                _known(_without_prefix(row, "min.")),
                _known(_without_prefix(row, "max.")),
                _without_prefix(row, "partition."),
            ),
            nulls=_known(_without_prefix(row, "null_count.")),
        )


def _row_count(reported: int | None, file: Path) -> int:
    """How many rows a file has; where its writer did not say, the file itself does."""
    return int(pq.read_metadata(file).num_rows) if reported is None else reported


def _without_prefix(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}


def _known(bounds: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in bounds.items() if value is not None}


def _typed(values: Mapping[str, Any] | None, columns: Mapping[str, str]) -> dict[str, Any]:
    """Statistics as values of the columns' own types; JSON has days and times as texts."""
    return {name: _typed_value(value, columns.get(name, "")) for name, value in (values or {}).items()}


def _typed_value(value: Any, kind: str) -> Any:
    """None, which tells nothing, where a writer spelled a day or a time in another way."""
    if not isinstance(value, str) or kind not in ("timestamp", "date"):
        return value
    try:
        if kind == "timestamp":
            return datetime.fromisoformat(value.replace("Z", "+00:00"))
        return date.fromisoformat(value)
    except ValueError:
        return None
