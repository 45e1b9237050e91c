"""A table in a folder as it is made, and as its contract changes."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, Schema

from fitness_assets.contracts.arrow import arrow_schema, with_all_columns
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.local.commits.transaction import put_if_absent
from fitness_assets.lakehouse.local.commits.writes import write
from fitness_assets.lakehouse.local.log_files import commit_file, log_folder, read_actions
from fitness_assets.lakehouse.local.lookup import read_batches
from fitness_assets.lakehouse.local.snapshot import Snapshot
from fitness_assets.lakehouse.schemas import TABLE_PROPERTIES, SchemaChange
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
        actions = [_at(path, action) for action in read_actions(commit_file(log_folder(Path(scratch)), 0))]
    make_folder(log_folder(path))
    with suppress(FileExistsError):
        put_if_absent(commit_file(log_folder(path), 0), "".join(f"{json.dumps(action)}\n" for action in actions))


def _at(path: Path, action: dict[str, Any]) -> dict[str, Any]:
    """An action that tells of the table's own folder, not of the one in which it was made."""
    if "commitInfo" in action:
        action["commitInfo"]["operationParameters"]["location"] = path.absolute().as_uri()
    return action


def change_columns(snapshot: Snapshot, table: Table, change: SchemaChange) -> None:
    """Give a table the columns of its contract; the next update computes what is in the new ones.

    All rows are written anew in one commit, so that every file has every column: not every reader puts up with files
    that lack one. Earlier versions stay as they were.

    Raises:
        CommitFailedError: another writer was faster.
    """
    user_metadata = new_user_metadata(columns=str(change))
    schema = arrow_schema(table)
    batches = _with_columns(snapshot, schema, change)
    write(snapshot, table, batches, "overwrite", user_metadata, _metadata(snapshot, table, schema))


def _metadata(snapshot: Snapshot, table: Table, schema: pa.Schema) -> dict[str, object]:
    """What the log tells of the table, with the columns of a schema."""
    before = DeltaTable(str(snapshot.path), version=snapshot.version.number).metadata()
    return {
        "id": before.id,
        "name": before.name,
        "description": before.description,
        "format": {"provider": "parquet", "options": {}},
        "schemaString": json.dumps(json.loads(Schema.from_arrow(schema).to_json())),
        "partitionColumns": list(table.partition_by),
        "configuration": dict(before.configuration),
        "createdTime": before.created_time,
    }


def _with_columns(snapshot: Snapshot, schema: pa.Schema, change: SchemaChange) -> Iterator[pa.Table]:
    kept = [field for field in schema if field.name in change.names]
    as_named_there = pa.schema([field.with_name(change.names[field.name]) for field in kept])
    for rows in read_batches(snapshot, as_named_there):
        yield with_all_columns(rows.rename_columns([field.name for field in kept]), schema)
