"""Rows of this process appended to a table in a folder, or put in the place of all that are there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.local.commits.data_files import DataFileWriter, WrittenFile
from fitness_assets.lakehouse.local.commits.transaction import Transaction
from fitness_assets.lakehouse.local.snapshot import Snapshot
from fitness_assets.lakehouse.rows import limits

WriteMode: TypeAlias = Literal["append", "overwrite"]


def write(
    snapshot: Snapshot,
    table: Table,
    batches: Iterator[pa.Table],
    mode: WriteMode,
    user_metadata: str,
    metadata: Mapping[str, Any] | None = None,
) -> int:
    """Write rows in one commit after a snapshot, of which only some are held in memory at a time; how many they were.

    Args:
        metadata: what the log tells of the table from now on, where that changes.

    Raises:
        CommitFailedError: another writer was faster.
        Exception: whatever the batches raise; nothing is written then.
    """
    transaction = Transaction(snapshot.path, snapshot.version.number)
    files = _PartitionedFiles(snapshot, table)
    try:
        for rows in batches:
            files.write(rows)
        written = files.close()
    except BaseException:  # an interrupt too; raised again
        files.abandon()
        raise
    if metadata is not None:
        transaction.set_metadata(metadata)
    for file in written:
        transaction.add(file)
    if mode == "overwrite":
        for removed in snapshot.files.values():
            transaction.remove(removed)
    count = sum(file.rows for file in written)
    commit_write(transaction, mode, written, user_metadata)
    return count


def commit_write(
    transaction: Transaction, mode: WriteMode, written: Sequence[WrittenFile], user_metadata: str | None
) -> None:
    """Commit written files, of which the transaction knows already.

    Raises:
        CommitFailedError: another writer was faster.
    """
    transaction.commit(
        "WRITE",
        {"mode": "Append" if mode == "append" else "Overwrite", "partitionBy": "[]"},
        {
            "numFiles": len(written),
            "numOutputRows": sum(file.rows for file in written),
            "numOutputBytes": sum(file.size for file in written),
        },
        user_metadata,
    )


class _PartitionedFiles:
    """The files of one write, one or more in each partition."""

    def __init__(self, snapshot: Snapshot, table: Table) -> None:
        schema = arrow_schema(table)
        self._folder = snapshot.path
        self._partition_by = list(table.partition_by)
        self._schema = schema
        self._in_file = pa.schema([field for field in schema if field.name not in table.partition_by])
        self._open: dict[tuple[str | None, ...], DataFileWriter] = {}
        self._written: list[WrittenFile] = []

    def write(self, rows: pa.Table) -> None:
        rows = rows.select(self._schema.names).cast(self._schema)
        for values, part in _by_values(rows, self._partition_by):
            partition = dict(zip(self._partition_by, values, strict=True))
            self._write_part(values, partition, part)

    def close(self) -> list[WrittenFile]:
        """All files that were written, on the disk."""
        while self._open:
            self._written.append(self._open.popitem()[1].close())
        return self._written

    def abandon(self) -> None:
        while self._open:
            self._open.popitem()[1].abandon()
        for file in self._written:
            (self._folder / file.path).unlink(missing_ok=True)

    def _write_part(self, values: tuple[str | None, ...], partition: Mapping[str, str | None], rows: pa.Table) -> None:
        if values not in self._open:
            self._open[values] = DataFileWriter(self._folder, self._in_file, partition)
        self._open[values].write(rows)
        if self._open[values].rows >= limits.ROWS_PER_APPENDED_FILE:
            self._written.append(self._open.pop(values).close())


def _by_values(rows: pa.Table, columns: list[str]) -> Iterator[tuple[tuple[str | None, ...], pa.Table]]:
    """Rows by their values in some columns of text."""
    if not columns:
        yield (), rows
        return
    for combination in rows.select(columns).group_by(columns).aggregate([]).to_pylist():
        values = tuple(combination[name] for name in columns)
        wanted = pc.field(columns[0]) == values[0]
        for name, value in zip(columns[1:], values[1:], strict=True):
            wanted &= pc.field(name) == value
        yield values, rows.filter(wanted)
