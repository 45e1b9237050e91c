"""Few rows committed from this process: tens of milliseconds, where a Spark job that writes them needs a second.

Spark has computed the rows; here they are only written. A commit that another writer was faster than is not tried
again: it was made from a version that is no longer the latest.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake

Bounds = Mapping[str, Sequence[tuple[Any, Any]]]
"""Closed ranges by column."""

_METRICS = {
    "num_added_rows": "numOutputRows",
    "num_target_rows_inserted": "numTargetRowsInserted",
    "num_target_rows_updated": "numTargetRowsUpdated",
    "num_target_rows_deleted": "numTargetRowsDeleted",
}


def append(path: Path, base: int, rows: pa.Table, mark: str) -> None:
    """Append rows in one commit.

    Args:
        base: the version after which nobody else may have committed.
        mark: what the commit carries as its user metadata.

    Raises:
        CommitFailedError: another writer was faster.
    """
    write_deltalake(DeltaTable(str(path), version=base), rows, mode="append", commit_properties=_properties(mark))


def merge(
    path: Path,
    base: int,
    change: pa.Table,
    op: str,
    key: Sequence[str],
    bounds: Bounds,
    mark: str,
) -> tuple[int, int, int]:
    """Insert, update and delete rows by their key in one commit, and return how many of each.

    A row that is not there, or is there already, is passed over.

    Args:
        base: the version after which nobody else may have committed.
        change: the rows, with what to do in the column `op`.
        bounds: closed ranges that hold all the changes' values of a column; files outside are passed over.

    Raises:
        CommitFailedError: another writer was faster.
    """
    columns = {name: f's."{name}"' for name in change.column_names if name != op}
    near = [_inside(f't."{name}"', spans) for name, spans in bounds.items()]
    done = (
        DeltaTable(str(path), version=base)
        .merge(
            change,
            " AND ".join(near + [f't."{name}" = s."{name}"' for name in key]),
            source_alias="s",
            target_alias="t",
            # Held as a whole, the changes give bounds of the key by themselves.
            streamed_exec=False,
            commit_properties=_properties(mark),
        )
        .when_matched_delete(f"s.{op} = 'delete'")
        .when_matched_update(columns, f"s.{op} = 'update'")
        .when_not_matched_insert(columns, f"s.{op} = 'insert'")
        .execute()
    )
    inserted, updated, deleted = (int(done[f"num_target_rows_{what}"]) for what in ("inserted", "updated", "deleted"))
    return inserted, updated, deleted


def as_spark_names(metrics: Mapping[str, str]) -> dict[str, str]:
    """The metrics of a commit, by the names that Spark gives them."""
    return {_METRICS.get(name, name): value for name, value in metrics.items()}


def _inside(column: str, spans: Sequence[tuple[Any, Any]]) -> str:
    return f"({' OR '.join(f'{column} BETWEEN {_literal(low)} AND {_literal(high)}' for low, high in spans)})"


def _literal(value: Any) -> str:
    """A value as a text that takes the column's own type; a typed literal would be cut to the years of nanoseconds."""
    if isinstance(value, datetime):
        value = value.astimezone(timezone.utc).isoformat(timespec="microseconds")
    if isinstance(value, date | str):
        return "'" + str(value).replace("'", "''") + "'"
    return str(value)


def _properties(mark: str) -> CommitProperties:
    return CommitProperties(custom_metadata={"userMetadata": mark}, max_commit_retries=0)
