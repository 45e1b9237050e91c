"""Making a table equal to what it should be, in one commit: an append where rows are only new, otherwise a MERGE."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow.compute as pc
from deltalake.exceptions import CommitFailedError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from fitness_assets.contracts.model import Table
from fitness_assets.errors import FitnessError
from fitness_assets.lakehouse.pruning import WORTH_PRUNING, column_ranges, inside_sql
from fitness_assets.lakehouse.staging import Staged, at_hand
from fitness_assets.lakehouse.tables import Lakehouse

CHANGE_TYPE = "_op"
ROWS_A_FILE = 2_000_000


class ConcurrentWriteError(FitnessError):
    """Another writer changed the table meanwhile; the update is to be done again."""


@dataclass(frozen=True)
class RowCounts:
    """How many rows a commit added, changed and removed."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def rows(self) -> int:
        return self.inserted + self.updated + self.deleted


def diff(truth: DataFrame, existing: DataFrame, table: Table, few: bool = False) -> DataFrame:
    """What must change so that `existing` becomes `truth`: the rows with `_op` insert, update or delete.

    Both hold at most one row a key. A deleted row is given as it was.

    Args:
        few: whether both are few; nothing is exchanged then.
    """
    key = list(table.key)
    row = f"struct({''.join(f'`{name}`, ' for name in table.value_columns)}true AS _is)"
    sides = truth.selectExpr(*key, f"{row} AS _new", "NULL AS _old").unionByName(
        existing.selectExpr(*key, "NULL AS _new", f"{row} AS _old")
    )
    both = (
        (sides.coalesce(1) if few else sides)
        .groupBy(*key)
        .agg(F.expr("max(_new) AS _new"), F.expr("max(_old) AS _old"))
    )
    op = "CASE WHEN _old IS NULL THEN 'insert' WHEN _new IS NULL THEN 'delete' ELSE 'update' END"
    return (
        both.where("NOT _new <=> _old")
        .selectExpr(f"{op} AS {CHANGE_TYPE}", *key, "coalesce(_new, _old) AS _row")
        .selectExpr(CHANGE_TYPE, *key, *[f"_row.`{name}`" for name in table.value_columns])
    )


def apply_changes(spark: SparkSession, lake: Lakehouse, table: Table, change: Staged) -> RowCounts:
    """Write a diff in one commit; an empty one commits nothing.

    Raises:
        ConcurrentWriteError: another writer was faster.
    """
    counts = _counts(change)
    if counts.rows == 0:
        return counts
    if counts.rows == counts.inserted:
        append(lake, table, change.select(*table.column_names), counts.rows)
    else:
        _merge(spark, lake, table, change, counts)
    return counts


def append(lake: Lakehouse, table: Table, rows: Staged | DataFrame, expected: int, metadata: str | None = None) -> int:
    """Append rows in one commit and return how many they were; none commit nothing.

    The transaction id makes a second writer that started from the same version lose, and the mark
    in the commit shows which of the two won.

    Raises:
        ConcurrentWriteError: another writer was faster.
    """
    log = lake.log(table)
    version = log.version()
    base = version.number if version else -1
    mark = metadata or _mark()
    found = rows if isinstance(rows, Staged) else at_hand(rows, expected) if lake.few_here else Staged(rows, None)
    if found.empty:
        return 0
    if found.few is not None and lake.few_here:
        with conflicts_as_errors(table):
            lake.append_few(table, base, found.few, mark)
        return int(found.few.num_rows)
    writer = (
        _in_files(found.df, table, expected)
        .write.mode("append")
        .option("txnAppId", f"fitness_assets/{table.full_name}")
        .option("txnVersion", base + 1)
        .option("userMetadata", mark)
    )
    with conflicts_as_errors(table):
        lake.save(writer, table)
    after = log.version()
    for commit in log.commits(base, after.number if after else base):
        if commit.metrics.get("numOutputRows") is not None and commit.user_metadata == json.loads(mark):
            return int(commit.metrics["numOutputRows"])
    raise ConcurrentWriteError(_lost(table))


def replace(lake: Lakehouse, table: Table, rows: DataFrame, expected: int) -> RowCounts:
    """Put rows in the place of all that are there, in one commit.

    Raises:
        ConcurrentWriteError: another writer was faster.
    """
    log = lake.log(table)
    before = log.row_count()
    with conflicts_as_errors(table):
        lake.save(_in_files(rows, table, expected).write.mode("overwrite"), table)
    return RowCounts(inserted=log.row_count(), deleted=before)


@contextmanager
def conflicts_as_errors(table: Table) -> Iterator[None]:
    """Turn Delta's concurrency failures, and no others, into `LostRace`."""
    try:
        yield
    except CommitFailedError as error:
        raise ConcurrentWriteError(_lost(table)) from error
    except PySparkException as error:
        if "DELTA_CONCURRENT" in str(error) or ".Concurrent" in str(error):
            raise ConcurrentWriteError(_lost(table)) from error
        raise


def _in_files(rows: DataFrame, table: Table, expected: int) -> DataFrame:
    """Few rows in one file; many in files that each hold a stretch of the table's order."""
    if expected <= ROWS_A_FILE // 10:
        return rows.coalesce(1)
    if not table.cluster_by:
        return rows
    files = max(expected // ROWS_A_FILE, 2)
    return rows.repartitionByRange(files, *table.cluster_by).sortWithinPartitions(*table.cluster_by)


def _merge(spark: SparkSession, lake: Lakehouse, table: Table, change: Staged, counts: RowCounts) -> None:
    version, worth_it = lake.log(table).version(), lake.log(table).row_count() > WORTH_PRUNING
    base = version.number if version else -1
    found = {name: column_ranges(change, name) for name in table.key if worth_it}
    bounds = {name: spans for name, spans in found.items() if spans}
    if change.few is not None and lake.few_here:
        with conflicts_as_errors(table):
            done = lake.merge_few(table, base, change.few, CHANGE_TYPE, bounds, _mark())
        if RowCounts(*done) != counts:
            raise ConcurrentWriteError(_lost(table))
        return
    literal = [inside_sql(f"t.`{name}`", spans) for name, spans in bounds.items()]
    on = " AND ".join(literal + [f"t.`{name}` = s.`{name}`" for name in table.key])
    names = table.column_names
    update = ", ".join(f"t.`{name}` = s.`{name}`" for name in names)
    columns, values = ", ".join(f"`{name}`" for name in names), ", ".join(f"s.`{name}`" for name in names)
    view = f"change_of_{table.layer.value}_{table.name}"
    change.df.createOrReplaceTempView(view)
    try:
        with conflicts_as_errors(table):
            lake.execute(
                spark,
                table,
                f"MERGE INTO {lake.sql_name(table)} t USING {view} s ON {on} "
                f"WHEN MATCHED AND s.{CHANGE_TYPE} = 'delete' THEN DELETE "
                f"WHEN MATCHED AND s.{CHANGE_TYPE} = 'update' THEN UPDATE SET {update} "
                f"WHEN NOT MATCHED AND s.{CHANGE_TYPE} = 'insert' THEN INSERT ({columns}) VALUES ({values})",
            )
    finally:
        spark.catalog.dropTempView(view)


def _lost(table: Table) -> str:
    return f"Another writer changed {table.full_name} while it was being updated."


def _mark() -> str:
    return json.dumps({"update": uuid.uuid4().hex})


def _counts(change: Staged) -> RowCounts:
    if change.few is not None:
        found = {row["values"]: row["counts"] for row in pc.value_counts(change.few.column(CHANGE_TYPE)).to_pylist()}
    else:
        found = {row[CHANGE_TYPE]: row["count"] for row in change.df.groupBy(CHANGE_TYPE).count().collect()}
    return RowCounts(found.get("insert", 0), found.get("update", 0), found.get("delete", 0))
