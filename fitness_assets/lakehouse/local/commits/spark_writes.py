"""Many rows written to a table in a folder: computed by Spark, committed by this process."""

import json
from collections.abc import Mapping, Sequence

import pyarrow as pa
from deltalake.exceptions import CommitFailedError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.local.commits.data_files import CHANGE_DATA_FOLDER, WrittenFile
from fitness_assets.lakehouse.local.commits.merge import MERGE_FEED_TYPE, commit_merge
from fitness_assets.lakehouse.local.commits.spark_files import write_by_spark
from fitness_assets.lakehouse.local.commits.transaction import Transaction
from fitness_assets.lakehouse.local.commits.writes import WriteMode, commit_write
from fitness_assets.lakehouse.local.snapshot import DataFile, Snapshot
from fitness_assets.lakehouse.rows.diff import CHANGE_TYPE, RowCounts
from fitness_assets.lakehouse.rows.rowset import RowSet
from fitness_assets.lakehouse.spark.writer import in_table_order, rows_per_file
from fitness_assets.lakehouse.sql.predicates import InRanges, Range, Where

_FILE = "_file"


def write_rows(
    snapshot: Snapshot, table: Table, rows: RowSet, expected_rows: int, mode: WriteMode, user_metadata: str
) -> int:
    """Append rows after a snapshot, or put them in the place of all; how many they were. None are not appended.

    Raises:
        CommitFailedError: another writer was faster.
    """
    with Transaction(snapshot.path, snapshot.version.number) as transaction:
        written = _write(transaction, snapshot, table, rows, expected_rows)
        if mode == "overwrite":
            for file in snapshot.files.values():
                transaction.remove(file)
        if written or mode == "overwrite":
            commit_write(transaction, mode, written, user_metadata)
    return sum(file.rows for file in written)


def merge_rows(
    snapshot: Snapshot,
    table: Table,
    changes: RowSet,
    counts: RowCounts,
    bounds: Mapping[str, Sequence[Range]],
    user_metadata: str,
) -> None:
    """Insert, update and delete many rows by their key in one commit after a snapshot.

    Args:
        changes: the rows, computed once, with what to do in the column `CHANGE_TYPE`.
        counts: how many of each there are.
        bounds: closed ranges that hold all the changes' values of a column; files outside are passed over.

    Raises:
        CommitFailedError: another writer was faster, or changed the rows since the changes were computed.
    """
    spark, schema, key = changes.spark(), arrow_schema(table), list(table.key)
    candidates = snapshot.matching_files([Where(name, InRanges(ranges)) for name, ranges in bounds.items()])
    touched = _touched(spark, snapshot, candidates, changes.df, table, counts)
    before = _read(spark, snapshot, touched, schema)
    replaced = changes.df.where(f"{CHANGE_TYPE} IN ('update', 'delete')").select(CHANGE_TYPE, *key)
    new = changes.df.where(f"{CHANGE_TYPE} IN ('insert', 'update')").select(*schema.names)
    kept = before.join(replaced.select(*key), key, "left_anti").select(*schema.names)
    with Transaction(snapshot.path, snapshot.version.number) as transaction:
        expected = sum(file.rows for file in touched) + counts.inserted
        _write(transaction, snapshot, table, RowSet.planned(changes.spark, kept.unionByName(new)), expected)
        _tell_changes(transaction, snapshot, schema, _feed(before, changes.df, replaced, key, schema))
        for file in touched:
            transaction.remove(file)
        commit_merge(transaction, table, counts, user_metadata)


def _write(
    transaction: Transaction, snapshot: Snapshot, table: Table, rows: RowSet, expected_rows: int
) -> list[WrittenFile]:
    ordered = in_table_order(table, rows, expected_rows)
    schema, most = arrow_schema(table), rows_per_file(table)
    written = write_by_spark(snapshot.path, ordered, schema, most, table.partition_by)
    for file in written:
        transaction.add(file)
    return written


def _touched(
    spark: SparkSession,
    snapshot: Snapshot,
    candidates: Sequence[DataFile],
    changes: DataFrame,
    table: Table,
    counts: RowCounts,
) -> list[DataFile]:
    """The files that hold a changed row."""
    schema = arrow_schema(table)
    key_schema = pa.schema([schema.field(name) for name in table.key])
    rows = _read(spark, snapshot, candidates, key_schema, "_metadata.file_name AS " + _FILE)
    found = rows.join(changes.select(CHANGE_TYPE, *table.key), list(table.key)).groupBy(_FILE, CHANGE_TYPE).count()
    matched = {"insert": 0, "update": 0, "delete": 0}
    names = set()
    for file, change, count in found.collect():
        matched[change] += count
        names.add(file)
    if matched != {"insert": 0, "update": counts.updated, "delete": counts.deleted}:
        raise CommitFailedError(
            f"The rows of {snapshot.path} are others than the changes were computed from: {json.dumps(matched)}."
        )
    return [file for file in candidates if file.path.rpartition("/")[2] in names]


def _read(
    spark: SparkSession, snapshot: Snapshot, files: Sequence[DataFile], schema: pa.Schema, *more: str
) -> DataFrame:
    """The rows of some files."""
    spark_schema = from_arrow_schema(schema)
    if not files:
        extra = ["CAST(NULL AS STRING) AS " + _FILE for _ in more]
        return spark.createDataFrame([], spark_schema).selectExpr("*", *extra)
    paths = [str(snapshot.path / file.path) for file in files]
    return spark.read.schema(spark_schema).parquet(*paths).selectExpr("*", *more)


def _feed(
    before: DataFrame, changes: DataFrame, replaced: DataFrame, key: Sequence[str], schema: pa.Schema
) -> DataFrame:
    """What the change data feed tells: the rows as they were and as they are."""
    was = F.when(F.col(CHANGE_TYPE) == "update", "update_preimage").otherwise("delete")
    gone = before.join(replaced, list(key)).select(*schema.names, was.alias(MERGE_FEED_TYPE))
    named = F.when(F.col(CHANGE_TYPE) == "insert", "insert").otherwise("update_postimage")
    come = changes.where(f"{CHANGE_TYPE} IN ('insert', 'update')").select(*schema.names, named.alias(MERGE_FEED_TYPE))
    return gone.unionByName(come)


def _tell_changes(transaction: Transaction, snapshot: Snapshot, schema: pa.Schema, feed: DataFrame) -> None:
    told = schema.append(pa.field(MERGE_FEED_TYPE, pa.string()))
    for file in write_by_spark(snapshot.path, feed, told, 0, within=CHANGE_DATA_FOLDER):
        transaction.add_change_data(file)
