"""Silver from bronze: new records are folded, one row a key, into what is there.

The winner of a key among all its records is the winner among the row that is there and the new
records, so no history is read.
"""

from collections.abc import Callable

import pyarrow.compute as pc
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from fitness_assets.contracts.feeds import OTHER_TOPICS
from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse.matching import rows_with
from fitness_assets.lakehouse.staging import Staging
from fitness_assets.lakehouse.tables import SMALL_TABLE, Lakehouse
from fitness_assets.lakehouse.writes import CHANGE_TYPE, RowCounts, append, apply_changes, diff, replace
from fitness_assets.pipeline.plan import Plan
from fitness_assets.pipeline.strategies.tombstones import Tombstones
from fitness_assets.transforms.registry import merge_rule_of, parser_of

INSERTS = "_change_type = 'insert'"
NEW, THERE, BURIED = "new", "there", "buried"


class Folding:
    """One update of one folded table."""

    def __init__(
        self, spark: SparkSession, lake: Lakehouse, table: Table, staging: Staging, tombstones: Tombstones
    ) -> None:
        self.spark = spark
        self.lake = lake
        self.table = table
        self.staging = staging
        self.tombstones = tombstones

    def run(self, plan: Plan) -> tuple[RowCounts, int]:
        """Bring the table up to date; what was written, and how many records were accepted."""
        return self._whole(plan) if plan.whole else self._incremental(plan)

    def _incremental(self, plan: Plan) -> tuple[RowCounts, int]:
        change = plan.changes[0]
        feed = self.lake.changes(self.spark, change.table, change.after, change.until, change.rows)
        topic = self.table.sources[0].topic
        if topic:
            # A record that could not be read may be of any topic.
            feed = feed.where(
                f"topic_group IN ('{topic}', '{OTHER_TOPICS}')", pc.field("topic_group").isin([topic, OTHER_TOPICS])
            )
            if feed.empty:
                return RowCounts(), 0
        new = self._accepted(feed.df.where(INSERTS))
        if self.lake.log(self.table).row_count() > SMALL_TABLE or feed.few is None:
            keys = self.staging.stage(new, change.rows)
            new, there = keys.df, rows_with(self.lake, self.spark, self.table, None, keys, self.table.key).df
        else:
            there = self.lake.read(self.spark, self.table)
        rows = _side(new, NEW).unionByName(_side(there, THERE))
        if self.table.tombstone_condition:
            rows = rows.unionByName(_side(self.tombstones.read(self.spark), BURIED))
        if feed.few is not None:
            rows = rows.coalesce(1)
        weighed = self.staging.stage(self._weighed(rows), change.rows)
        accepted = weighed.sum("_accepted")
        if self.table.tombstone_condition:
            dead = weighed.where("_dead", pc.field("_dead")).select(*self.table.column_names)
            self.tombstones.bury(self.spark, self.staging, dead, accepted)
        changed = weighed.where(f"{CHANGE_TYPE} IS NOT NULL", pc.field(CHANGE_TYPE).is_valid()).select(
            CHANGE_TYPE, *self.table.column_names
        )
        return apply_changes(self.spark, self.lake, self.table, changed), accepted

    def _whole(self, plan: Plan) -> tuple[RowCounts, int]:
        source = self.table.sources[0].table
        bronze = self.lake.read(self.spark, get_table(source), plan.versions[source].number)
        records, seen = counted(self._accepted(bronze))
        alive = self._alive(self._winners(records), plan.expected_rows)
        if plan.empty_target:
            written = RowCounts(inserted=append(self.lake, self.table, alive, plan.expected_rows))
        elif self.lake.has_repeated_keys(self.table):
            written = replace(self.lake, self.table, alive, plan.expected_rows)
        else:
            there = self.lake.read(self.spark, self.table)
            changed = self.staging.stage(diff(alive, there, self.table), plan.expected_rows)
            written = apply_changes(self.spark, self.lake, self.table, changed)
        return written, seen()

    def _accepted(self, bronze: DataFrame) -> DataFrame:
        return self._columns(parser_of(self.table)(bronze))

    def _winners(self, rows: DataFrame) -> DataFrame:
        best = rows.groupBy(*self.table.key).agg(merge_rule_of(self.table)().alias("_best"))
        return self._columns(best.select(*self.table.key, *[f"_best.{name}" for name in self.table.value_columns]))

    def _weighed(self, rows: DataFrame) -> DataFrame:
        """The winner of each key with new records, how many these are, and what to do (`_op`, null for nothing)."""
        values = ", ".join(f"_best.{name}" for name in self.table.value_columns)
        there = ", ".join(f"`{name}`" for name in self.table.value_columns)
        dead = f"coalesce({self.table.tombstone_condition}, false)" if self.table.tombstone_condition else "false"
        return (
            rows.groupBy(*self.table.key)
            .agg(
                merge_rule_of(self.table)().alias("_best"),
                F.expr(f"max(CASE WHEN _side = '{THERE}' THEN struct({there or 'true'}) END) AS _old"),
                F.expr(f"count_if(_side = '{NEW}') AS _accepted"),
            )
            .where("_accepted > 0")
            .selectExpr("*", *[f"_best.{name}" for name in self.table.value_columns])
            .selectExpr("*", f"{dead} AS _dead")
            .selectExpr(
                *self.table.column_names,
                "_accepted",
                "_dead",
                f"""CASE
                    WHEN _dead AND _old IS NOT NULL THEN 'delete'
                    WHEN _dead THEN NULL
                    WHEN _old IS NULL THEN 'insert'
                    WHEN NOT struct({values or "true"}) <=> _old THEN 'update'
                END AS {CHANGE_TYPE}""",
            )
        )

    def _alive(self, winners: DataFrame, expected: int) -> DataFrame:
        """The winners that mean a row; the others are buried before the table loses its rows."""
        if not self.table.tombstone_condition:
            return winners
        once = self.staging.stage(winners, expected)
        dead = f"coalesce({self.table.tombstone_condition}, false)"
        self.tombstones.replace(once.df.where(dead))
        return once.df.where(f"NOT {dead}")

    def _columns(self, rows: DataFrame) -> DataFrame:
        return rows.select(self.table.column_names)


def counted(rows: DataFrame) -> tuple[DataFrame, Callable[[], int]]:
    """The rows, and a function that says how many they were once they have been used.

    Where Spark finds out that there are no rows it makes no observation; they are then counted by themselves.
    """
    seen = Observation()

    def count() -> int:
        try:
            return int(seen.get["rows"])
        except (Py4JError, PySparkException, KeyError):
            return rows.count()

    return rows.observe(seen, F.count(F.lit(1)).alias("rows")), count


def _side(rows: DataFrame, side: str) -> DataFrame:
    return rows.selectExpr("*", f"'{side}' AS _side")
