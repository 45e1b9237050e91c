"""What must change so that a table becomes what it should be."""

from dataclasses import dataclass

from pyspark.sql import functions as F

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.rows.combining import union
from fitness_assets.lakehouse.rows.rowset import RowSet
from fitness_assets.lakehouse.sql.dialect import SPARK

CHANGE_TYPE = "_change"
"""The column that says what to do with a row: insert, update or delete."""


@dataclass(frozen=True)
class RowCounts:
    """How many rows a commit added, changed and removed."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def rows(self) -> int:
        return self.inserted + self.updated + self.deleted


def count_changes(changes: RowSet) -> RowCounts:
    """How many rows a difference adds, changes and removes."""
    counts = changes.count_by(CHANGE_TYPE)
    return RowCounts(counts.get("insert", 0), counts.get("update", 0), counts.get("delete", 0))


def diff_rows(truth: RowSet, existing: RowSet, table: Table) -> RowSet:
    """The rows that must change so that `existing` becomes `truth`, with what to do in `CHANGE_TYPE`.

    Both hold at most one row a key. A deleted row is given as it was.
    """
    key = list(table.key)
    row = f"struct({''.join(f'{SPARK.name(name)}, ' for name in table.value_columns)}true AS _is)"
    new = truth.df.selectExpr(*key, f"{row} AS _new", "NULL AS _old")
    old = existing.df.selectExpr(*key, "NULL AS _new", f"{row} AS _old")
    sides = union(
        [RowSet.planned(truth.spark, new, truth.is_small), RowSet.planned(truth.spark, old, existing.is_small)]
    )
    merged = sides.in_one_partition().groupBy(*key).agg(F.expr("max(_new) AS _new"), F.expr("max(_old) AS _old"))
    change = "CASE WHEN _old IS NULL THEN 'insert' WHEN _new IS NULL THEN 'delete' ELSE 'update' END"
    changes = (
        merged.where("NOT _new <=> _old")
        .selectExpr(f"{change} AS {CHANGE_TYPE}", *key, "coalesce(_new, _old) AS _row")
        .selectExpr(CHANGE_TYPE, *key, *[f"_row.{SPARK.name(name)}" for name in table.value_columns])
    )
    return RowSet.planned(truth.spark, changes, sides.is_small)
