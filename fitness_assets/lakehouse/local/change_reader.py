"""The change data feed of a table in a folder, read without Spark."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.local.log_files import commit_file, log_folder, read_actions
from fitness_assets.lakehouse.local.snapshot import Snapshot
from fitness_assets.lakehouse.rows.change_feed import FEED_FIELDS

_CHANGE_TYPE, _COMMIT_VERSION = FEED_FIELDS


def read_change_feed(snapshot: Snapshot, table: Table, after: int, until: int) -> pa.Table:
    """The rows that the versions in (after, until] added, changed and removed.

    delta-rs opens the table anew for this, which costs several times what a few files do; it reads what only it knows.
    """
    schema = pa.schema([*arrow_schema(table), *FEED_FIELDS])
    if not snapshot.is_plain:
        feed = DeltaTable(str(snapshot.path), version=until).load_cdf(starting_version=after + 1, ending_version=until)
        return pa.table(feed).select(schema.names).cast(schema)
    parts = [part for number in range(after + 1, until + 1) for part in _changes(snapshot, table, number)]
    return pa.concat_tables([schema.empty_table(), *(part.select(schema.names).cast(schema) for part in parts)])


def _changes(snapshot: Snapshot, table: Table, number: int) -> Iterator[pa.Table]:
    """What one commit changed: as its change data says, and where it has none as its data files do."""
    actions = list(read_actions(commit_file(log_folder(snapshot.path), number)))
    version = pa.scalar(number, _COMMIT_VERSION.type)
    if told := [action["cdc"] for action in actions if "cdc" in action]:
        for file in told:
            yield _with_constant(_read(snapshot, table, file, has_change_type=True), _COMMIT_VERSION, version)
        return
    for kind, change_type in (("add", "insert"), ("remove", "delete")):
        for file in (action[kind] for action in actions if action.get(kind, {}).get("dataChange")):
            rows = _with_constant(_read(snapshot, table, file), _CHANGE_TYPE, pa.scalar(change_type))
            yield _with_constant(rows, _COMMIT_VERSION, version)


def _read(snapshot: Snapshot, table: Table, file: Mapping[str, Any], has_change_type: bool = False) -> pa.Table:
    partition = file.get("partitionValues") or {}
    in_file = [field for field in arrow_schema(table) if field.name not in partition]
    schema = pa.schema([*in_file, *([_CHANGE_TYPE] if has_change_type else [])])
    rows = pq.read_table(snapshot.path / unquote(file["path"]), schema=schema, partitioning=None)
    for name, value in partition.items():
        rows = _with_constant(rows, arrow_schema(table).field(name), pa.scalar(value, pa.string()))
    return rows


def _with_constant(rows: pa.Table, field: pa.Field, value: pa.Scalar) -> pa.Table:
    return rows.append_column(field, pa.repeat(value, rows.num_rows).cast(field.type))
