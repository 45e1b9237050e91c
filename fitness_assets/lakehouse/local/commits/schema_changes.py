"""A table in a folder as it is made, and as its contract gains columns."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from deltalake import DeltaTable, Schema

from fitness_assets.contracts.arrow import arrow_schema, with_all_columns
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.local.commits.transaction import put_if_absent
from fitness_assets.lakehouse.local.commits.writes import write
from fitness_assets.lakehouse.local.log_files import commit_file, log_folder
from fitness_assets.lakehouse.local.lookup import read_batches
from fitness_assets.lakehouse.local.snapshot import Snapshot
from fitness_assets.lakehouse.schemas import TABLE_PROPERTIES
from fitness_assets.lakehouse.spark.writer import new_user_metadata
from fitness_assets.storage import make_folder


def create_table(path: Path, table: Table) -> None:
    """Make a table without rows, unless somebody was faster. What delta-rs writes, on the disk before it counts."""
    with TemporaryDirectory(prefix="fitness_assets_") as scratch:
        DeltaTable.create(
            scratch,
            schema=arrow_schema(table),
            partition_by=list(table.partition_by) or None,
            name=table.full_name,
            description=table.description,
            configuration=TABLE_PROPERTIES,
        )
        first = commit_file(log_folder(Path(scratch)), 0).read_text(encoding="utf-8")
    make_folder(log_folder(path))
    with suppress(FileExistsError):
        put_if_absent(commit_file(log_folder(path), 0), first)


def add_columns(snapshot: Snapshot, table: Table) -> None:
    """Add the columns that the table lacks, without values; the next update computes what is in them.

    All rows are written anew in one commit, so that every file has every column: not every reader puts up with files
    that lack one.

    Raises:
        CommitFailedError: another writer was faster.
    """
    schema = arrow_schema(table)
    user_metadata = new_user_metadata(columns_added=[name for name in schema.names if name not in snapshot.columns])
    write(snapshot, table, _with_columns(snapshot, schema), "overwrite", user_metadata, _metadata(snapshot, schema))


def _metadata(snapshot: Snapshot, schema: pa.Schema) -> dict[str, object]:
    """What the log tells of the table, with the columns of a schema."""
    before = DeltaTable(str(snapshot.path), version=snapshot.version.number).metadata()
    return {
        "id": before.id,
        "name": before.name,
        "description": before.description,
        "format": {"provider": "parquet", "options": {}},
        "schemaString": json.dumps(json.loads(Schema.from_arrow(schema).to_json())),
        "partitionColumns": list(before.partition_columns),
        "configuration": dict(before.configuration),
        "createdTime": before.created_time,
    }


def _with_columns(snapshot: Snapshot, schema: pa.Schema) -> Iterator[pa.Table]:
    existing = pa.schema([field for field in schema if field.name in snapshot.columns])
    for rows in read_batches(snapshot, existing):
        yield with_all_columns(rows, schema)
