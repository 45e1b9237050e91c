"""The columns of a table in a folder: as it is made, and as its contract gains some."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake

from fitness_assets.contracts.arrow import arrow_schema, with_all_columns
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.conflicts import conflicts_as_errors
from fitness_assets.lakehouse.local.lookup import read_batches
from fitness_assets.lakehouse.local.snapshot import Snapshot
from fitness_assets.lakehouse.rows.row_stream import RowStream
from fitness_assets.lakehouse.schemas import TABLE_PROPERTIES
from fitness_assets.lakehouse.spark.writer import new_user_metadata


def create_table(path: Path, table: Table) -> None:
    """Make a table without rows, unless it is there."""
    path.mkdir(parents=True, exist_ok=True)
    DeltaTable.create(
        str(path),
        schema=arrow_schema(table),
        mode="ignore",
        partition_by=list(table.partition_by) or None,
        name=table.full_name,
        description=table.description,
        configuration=TABLE_PROPERTIES,
    )


def add_columns(path: Path, snapshot: Snapshot, table: Table) -> None:
    """Add the columns that the table lacks, without values; the next update computes what is in them.

    All rows are written anew in one commit, so that every file has every column: not every reader puts up with files
    that lack one.

    Raises:
        ConcurrentWriteError: another writer was faster.
    """
    schema = arrow_schema(table)
    metadata = new_user_metadata(columns_added=[name for name in schema.names if name not in snapshot.columns])
    with conflicts_as_errors(table):
        rows = RowStream(schema, _with_columns(snapshot, schema))
        with rows.failures_raised():
            write_deltalake(
                DeltaTable(str(path), version=snapshot.version.number),
                rows.reader,
                mode="overwrite",
                schema_mode="overwrite",
                commit_properties=CommitProperties(custom_metadata={"userMetadata": metadata}, max_commit_retries=0),
            )


def _with_columns(snapshot: Snapshot, schema: pa.Schema) -> Iterator[pa.Table]:
    existing = pa.schema([field for field in schema if field.name in snapshot.columns])
    for rows in read_batches(snapshot, existing):
        yield with_all_columns(rows, schema)
