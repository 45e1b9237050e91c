"""A MERGE of few changes into a table in a folder that has no partitions.

Each file that holds a changed row is written anew by itself, in the table's order, and takes the new rows that fall
into its stretch; the other new rows are a file of their own. Files that hold none are not opened but for their keys.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.local.commits.data_files import CHANGE_DATA_FOLDER, in_files, write_data_file
from fitness_assets.lakehouse.local.commits.transaction import Transaction
from fitness_assets.lakehouse.local.snapshot import DataFile, Snapshot
from fitness_assets.lakehouse.rows.diff import CHANGE_TYPE, RowCounts
from fitness_assets.lakehouse.sql.dialect import DUCKDB
from fitness_assets.lakehouse.sql.predicates import InRanges, Range, Where

MERGE_FEED_TYPE = "_change_type"


@dataclass(frozen=True)
class _Match:
    """A changed row that is there.

    Attributes:
        place: that of the row in its file.
        change: that of the change among all.
    """

    place: int
    change: int


def merge(
    db: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    table: Table,
    changes: pa.Table,
    bounds: Mapping[str, Sequence[Range]],
    user_metadata: str,
) -> RowCounts:
    """Insert, update and delete rows by their key in one commit after a snapshot, and return how many of each.

    A row to change that is not there, and one to insert that is, is passed over.

    Args:
        changes: the rows, with what to do in the column `CHANGE_TYPE`.
        bounds: closed ranges that hold all the changes' values of a column; files outside are passed over.

    Raises:
        CommitFailedError: another writer was faster.
    """
    candidates = snapshot.matching_files([Where(name, InRanges(ranges)) for name, ranges in bounds.items()])
    rewrite = _Rewrite(snapshot, table, changes, _matches(db, snapshot, candidates, changes, table.key))
    with Transaction(snapshot.path, snapshot.version.number) as transaction:
        for file in candidates:
            rewrite.take(file, transaction)
        counts = rewrite.finish(transaction)
        if counts.rows:
            commit_merge(transaction, table, counts, user_metadata)
    return counts


def commit_merge(transaction: Transaction, table: Table, counts: RowCounts, user_metadata: str) -> None:
    """Commit a MERGE whose files the transaction knows.

    Raises:
        CommitFailedError: another writer was faster.
    """
    on = " AND ".join(f"t.{name} = s.{name}" for name in table.key)
    rows = {"Inserted": counts.inserted, "Updated": counts.updated, "Deleted": counts.deleted}
    metrics = {f"numTargetRows{what}": count for what, count in rows.items()}
    transaction.commit("MERGE", {"predicate": json.dumps([on])}, metrics, user_metadata)


class _Rewrite:
    """The files of a table that a difference changes, written anew one after the other."""

    def __init__(
        self, snapshot: Snapshot, table: Table, changes: pa.Table, matches: Mapping[str, Sequence[_Match]]
    ) -> None:
        self._folder = snapshot.path
        self._order = table.cluster_by
        self._schema = arrow_schema(table)
        self._changes = changes
        self._matches = matches
        self._kinds = changes[CHANGE_TYPE].to_pylist()
        there = {match.change for found in matches.values() for match in found}
        new = [number for number, kind in enumerate(self._kinds) if kind == "insert" and number not in there]
        self._inserts = self._rows(_taken(changes, new))
        self._feed = {"insert": [self._inserts], "update_preimage": [], "update_postimage": [], "delete": []}

    def take(self, file: DataFile, transaction: Transaction) -> None:
        """Write a file anew if it holds a changed row."""
        updates, deletes = (
            [match for match in self._matches.get(file.path, ()) if self._kinds[match.change] == kind]
            for kind in ("update", "delete")
        )
        if not updates and not deletes:
            return
        before = pq.read_table(self._folder / file.path, schema=self._schema, partitioning=None)
        after = self._rows(_taken(self._changes, [match.change for match in updates]))
        self._feed["update_preimage"].append(_taken(before, [match.place for match in updates]))
        self._feed["update_postimage"].append(after)
        self._feed["delete"].append(_taken(before, [match.place for match in deletes]))
        kept = before.filter(_all_but(before.num_rows, [match.place for match in (*updates, *deletes)]))
        inside, self._inserts = _inside(self._inserts, before, self._order)
        transaction.remove(file)
        self._write(pa.concat_tables([kept, after, inside]), transaction)

    def finish(self, transaction: Transaction) -> RowCounts:
        """Write the new rows that are in no file yet, and what the change data feed tells."""
        self._write(self._inserts, transaction)
        parts = [_of_type(rows, change_type) for change_type, tables in self._feed.items() for rows in tables]
        told = pa.concat_tables(parts)
        if told.num_rows:
            transaction.add_change_data(write_data_file(self._folder, told, folder=CHANGE_DATA_FOLDER))
        inserted, updated, deleted = (
            sum(rows.num_rows for rows in self._feed[what]) for what in ("insert", "update_postimage", "delete")
        )
        return RowCounts(inserted, updated, deleted)

    def _write(self, rows: pa.Table, transaction: Transaction) -> None:
        for part in in_files(rows, self._order):
            transaction.add(write_data_file(self._folder, part))

    def _rows(self, changes: pa.Table) -> pa.Table:
        return changes.select(self._schema.names).cast(self._schema)


def _matches(
    db: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    candidates: Sequence[DataFile],
    changes: pa.Table,
    key: Sequence[str],
) -> dict[str, list[_Match]]:
    """The changed rows that are there, by file."""
    if not candidates:
        return {}
    names = {str(snapshot.path / file.path): file.path for file in candidates}
    found: defaultdict[str, list[_Match]] = defaultdict(list)
    numbered = changes.select(list(key)).append_column("_number", pa.array(range(changes.num_rows), pa.int64()))
    with db.cursor() as cursor:
        cursor.register("changes", numbered)
        query = f"""
            SELECT filename, file_row_number, _number
            FROM read_parquet([{DUCKDB.literals(names)}], filename = true, file_row_number = true)
            JOIN changes USING ({DUCKDB.names(key)})
        """
        for name, place, number in cursor.execute(query).fetchall():
            found[names[name]].append(_Match(place, number))
    return found


def _inside(inserts: pa.Table, file: pa.Table, order: Sequence[str]) -> tuple[pa.Table, pa.Table]:
    """The new rows that fall into a file's stretch of the table's order, and the others."""
    if not order or not inserts.num_rows or not file.num_rows:
        return inserts.slice(0, 0), inserts
    bounds: Any = pc.min_max(file[order[0]])
    first = inserts[order[0]]
    inside = pc.and_(pc.greater_equal(first, bounds["min"]), pc.less_equal(first, bounds["max"]))
    inside = pc.fill_null(inside, False)
    return inserts.filter(inside), inserts.filter(pc.invert(inside))


def _of_type(rows: pa.Table, change_type: str) -> pa.Table:
    """Rows as the change data feed tells of them."""
    return rows.append_column(MERGE_FEED_TYPE, pa.array([change_type] * rows.num_rows, pa.string()))


def _taken(rows: pa.Table, places: Sequence[int]) -> pa.Table:
    return rows.take(pa.array(places, pa.int64()))


def _all_but(length: int, places: Sequence[int]) -> pa.Array:
    """A mask of all places but some."""
    mask = np.ones(length, dtype=bool)
    mask[list(places)] = False
    return pa.array(mask)
