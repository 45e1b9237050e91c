"""Rows taken out of a table in a folder, read only where the log does not say which file holds."""

import json
from collections.abc import Callable
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.local.commits.data_files import CHANGE_DATA_FOLDER, write_data_file
from fitness_assets.lakehouse.local.commits.merge import MERGE_FEED_TYPE
from fitness_assets.lakehouse.local.commits.transaction import Transaction
from fitness_assets.lakehouse.local.snapshot import DataFile, Snapshot
from fitness_assets.lakehouse.spark.writer import new_user_metadata

RowMask: TypeAlias = Callable[[pa.Table], pa.Array]
"""For each row of a table whether it is one of those that are meant."""


def delete_files_without_nulls(snapshot: Snapshot, column: str) -> int:
    """Take out the files in which every row has a value in a column; how many rows they had. None is opened.

    Raises:
        CommitFailedError: another writer was faster.
    """
    files = [file for file in snapshot.files.values() if file.nulls.get(column) == 0]
    if files:
        with Transaction(snapshot.path, snapshot.version.number) as transaction:
            for file in files:
                transaction.remove(file)
            _commit(transaction, f"{column} IS NOT NULL", sum(file.rows for file in files))
    return sum(file.rows for file in files)


def delete_rows_with_value(snapshot: Snapshot, table: Table, column: str) -> int:
    """Take the rows that have a value in a column out of the files in which others have none; how many they were.

    Raises:
        CommitFailedError: another writer was faster.
    """
    deleted = 0
    with Transaction(snapshot.path, snapshot.version.number) as transaction:
        for file in snapshot.files.values():
            if file.nulls.get(column) != file.rows:
                deleted += _split(transaction, snapshot, table, file, lambda rows: pc.is_valid(rows[column]))
        if deleted:
            _commit(transaction, f"{column} IS NOT NULL", deleted)
    return deleted


def delete_rows(snapshot: Snapshot, table: Table, is_deleted: RowMask, predicate: str) -> int:
    """Take out the rows that a function says, in one commit; how many they were.

    Args:
        is_deleted: for each row of a file, without the partition columns, whether it goes.
        predicate: what the log says that they are.

    Raises:
        CommitFailedError: another writer was faster.
    """
    deleted = 0
    with Transaction(snapshot.path, snapshot.version.number) as transaction:
        for file in snapshot.files.values():
            deleted += _split(transaction, snapshot, table, file, is_deleted)
        if deleted:
            _commit(transaction, predicate, deleted, new_user_metadata(removed=predicate))
    return deleted


def _split(transaction: Transaction, snapshot: Snapshot, table: Table, file: DataFile, is_deleted: RowMask) -> int:
    schema = arrow_schema(table)
    in_file = pa.schema([field for field in schema if field.name not in table.partition_by])
    rows = pq.read_table(snapshot.path / file.path, schema=in_file, partitioning=None)
    mask = is_deleted(rows)
    gone, kept = rows.filter(mask), rows.filter(pc.invert(mask))
    if gone.num_rows:
        transaction.remove(file)
        if kept.num_rows:
            transaction.add(write_data_file(snapshot.path, kept, file.partition))
        told = gone.append_column(MERGE_FEED_TYPE, pa.array(["delete"] * gone.num_rows, pa.string()))
        transaction.add_change_data(write_data_file(snapshot.path, told, file.partition, CHANGE_DATA_FOLDER))
    return int(gone.num_rows)


def _commit(transaction: Transaction, predicate: str, rows: int, user_metadata: str | None = None) -> None:
    transaction.commit("DELETE", {"predicate": json.dumps([predicate])}, {"numDeletedRows": rows}, user_metadata)
