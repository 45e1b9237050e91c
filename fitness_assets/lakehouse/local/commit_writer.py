"""Few rows committed from this process: tens of milliseconds, where a Spark job that writes them needs a second.

Spark has computed the rows; here they are only written. A commit that another writer was faster than is not tried
again: it was made from a version that is no longer the latest.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake

from fitness_assets.lakehouse.rows.diff import CHANGE_TYPE, RowCounts
from fitness_assets.lakehouse.rows.row_stream import RowStream
from fitness_assets.lakehouse.sql.dialect import DATAFUSION
from fitness_assets.lakehouse.sql.predicates import Range

WriteMode: TypeAlias = Literal["append", "overwrite", "overwrite_schema"]

_SPARK_NAMES = {
    "num_added_rows": "numOutputRows",
    "num_target_rows_inserted": "numTargetRowsInserted",
    "num_target_rows_updated": "numTargetRowsUpdated",
    "num_target_rows_deleted": "numTargetRowsDeleted",
}


def write(
    path: Path,
    base: int,
    rows: pa.Table | pa.RecordBatchReader,
    mode: WriteMode,
    user_metadata: str,
) -> None:
    """Write rows in one commit, beside those that are there or in their place.

    Args:
        base: the version after which nobody else may have committed.

    Raises:
        CommitFailedError: another writer was faster.
    """
    properties = _properties(user_metadata)
    write_deltalake(
        DeltaTable(str(path), version=base),
        rows,
        mode="append" if mode == "append" else "overwrite",
        schema_mode="overwrite" if mode == "overwrite_schema" else None,
        commit_properties=properties,
    )


def write_batches(
    path: Path, base: int, schema: pa.Schema, batches: Iterator[pa.Table], mode: WriteMode, user_metadata: str
) -> int:
    """The same with rows of which only some are held in memory at a time; how many they were.

    Raises:
        CommitFailedError: another writer was faster.
        Exception: whatever the batches raise; nothing is written then.
    """
    rows = RowStream(schema, batches)
    with rows.failures_raised():
        write(path, base, rows.reader, mode, user_metadata)
    return rows.count


def merge(
    path: Path,
    base: int,
    changes: pa.Table,
    key: Sequence[str],
    bounds: Mapping[str, Sequence[Range]],
    user_metadata: str,
) -> RowCounts:
    """Insert, update and delete rows by their key in one commit, and return how many of each.

    A row that is not there, or is there already, is passed over.

    Args:
        base: the version after which nobody else may have committed.
        changes: the rows, with what to do in the column `CHANGE_TYPE`.
        bounds: closed ranges that hold all the changes' values of a column; files outside are passed over.

    Raises:
        CommitFailedError: another writer was faster.
    """
    columns = {name: f"s.{DATAFUSION.name(name)}" for name in changes.column_names if name != CHANGE_TYPE}
    inside = [_in_ranges(f"t.{DATAFUSION.name(name)}", ranges) for name, ranges in bounds.items()]
    equal = [f"t.{DATAFUSION.name(name)} = s.{DATAFUSION.name(name)}" for name in key]
    metrics = (
        DeltaTable(str(path), version=base)
        .merge(
            changes,
            " AND ".join(inside + equal),
            source_alias="s",
            target_alias="t",
            # Held as a whole, the changes give bounds of the key by themselves.
            streamed_exec=False,
            commit_properties=_properties(user_metadata),
        )
        .when_matched_delete(f"s.{CHANGE_TYPE} = 'delete'")
        .when_matched_update(columns, f"s.{CHANGE_TYPE} = 'update'")
        .when_not_matched_insert(columns, f"s.{CHANGE_TYPE} = 'insert'")
        .execute()
    )
    return RowCounts(*(int(metrics[f"num_target_rows_{what}"]) for what in ("inserted", "updated", "deleted")))


def with_spark_names(metrics: Mapping[str, str]) -> dict[str, str]:
    """The metrics of a commit, by the names that Spark gives them."""
    return {_SPARK_NAMES.get(name, name): value for name, value in metrics.items()}


def _in_ranges(column: str, ranges: Sequence[Range]) -> str:
    parts = [f"{column} BETWEEN {DATAFUSION.literal(low)} AND {DATAFUSION.literal(high)}" for low, high in ranges]
    return f"({' OR '.join(parts)})"


def _properties(user_metadata: str) -> CommitProperties:
    return CommitProperties(custom_metadata={"userMetadata": user_metadata}, max_commit_retries=0)
