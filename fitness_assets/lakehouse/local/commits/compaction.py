"""Small files of a table in a folder put together, without a change of any row."""

from collections import defaultdict
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.local.commits.data_files import in_files, write_data_file
from fitness_assets.lakehouse.local.commits.transaction import Transaction
from fitness_assets.lakehouse.local.snapshot import DataFile, Snapshot
from fitness_assets.lakehouse.rows import limits

_PART = 4
"""A file with fewer than this part of the rows of a full one is small."""


def small_files(snapshot: Snapshot) -> list[DataFile]:
    """The files that many small updates left."""
    return [file for file in snapshot.files.values() if file.rows < limits.ROWS_PER_FILE // _PART]


def compact_small_files(snapshot: Snapshot, table: Table, at_most: int) -> None:
    """Put small files together, where there are more of them, in one commit after a snapshot.

    Raises:
        CommitFailedError: another writer was faster.
    """
    files = small_files(snapshot)
    if len(files) <= at_most:
        return
    schema = arrow_schema(table)
    in_file = pa.schema([field for field in schema if field.name not in table.partition_by])
    partitions: defaultdict[tuple[tuple[str, str | None], ...], list[DataFile]] = defaultdict(list)
    for file in files:
        partitions[tuple(sorted(file.partition.items()))].append(file)
    removed = added = 0
    with Transaction(snapshot.path, snapshot.version.number, changes_data=False) as transaction:
        for partition, parts in partitions.items():
            for group in _groups(parts):
                rows = pa.concat_tables([_read(snapshot, file, in_file) for file in group])
                for part in in_files(rows, table.cluster_by):
                    transaction.add(write_data_file(snapshot.path, part, dict(partition)))
                    added += 1
                for file in group:
                    transaction.remove(file)
                removed += len(group)
        if removed:
            metrics = {"numAddedFiles": added, "numRemovedFiles": removed}
            transaction.commit("OPTIMIZE", {"predicate": "[]"}, metrics, None)


def _read(snapshot: Snapshot, file: DataFile, schema: pa.Schema) -> pa.Table:
    return pq.read_table(snapshot.path / file.path, schema=schema, partitioning=None)


def _groups(files: Sequence[DataFile]) -> list[list[DataFile]]:
    """Files that are put together at a time, in the order in which they were written: what is held in memory."""
    groups: list[list[DataFile]] = [[]]
    for file in sorted(files, key=lambda file: (file.modified_ms, file.path)):
        if sum(each.rows for each in groups[-1]) + file.rows > limits.MAX_COMPACTED_ROWS and groups[-1]:
            groups.append([])
        groups[-1].append(file)
    return [group for group in groups if len(group) > 1]
