"""The sequence of a merge rule says the same as its aggregate: who takes rows one by one keeps the row that wins."""

import random
from datetime import date, datetime, timezone
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from fitness_assets.contracts.model import Table, UpdateStrategy
from fitness_assets.contracts.registry import get_table, tables_updated_by
from fitness_assets.transforms.registry import merge_rule_of
from fitness_assets.transforms.winner import Winner, greatest, least
from fitness_assets_tests.rows import found, frame

# Values that are close to each other and at the ends of their types, so that ties and odd orders are common.
_VALUES: dict[str, tuple[Any, ...]] = {
    "bigint": (-(2**63), -1, 0, 1, 2**63 - 1),
    "int": (-(2**31), 0, 2**31 - 1),
    "double": (-1.5, 0.0, 60.25),
    "string": ("", "a", "ab", "b", "ä", "\U0001f600", "Z"),
    "boolean": (True, False),
    "date": (date(1, 1, 1), date(1970, 1, 1), date(9999, 12, 31)),
    "timestamp": tuple(datetime(year, 1, 1, tzinfo=timezone.utc) for year in (1, 1969, 2026, 9999)),
}
UPSERTED = {table.full_name: table for table in tables_updated_by(UpdateStrategy.UPSERT)}


@pytest.mark.parametrize("table", UPSERTED.values(), ids=UPSERTED.keys())
def test_the_greatest_sequence_is_that_of_the_winner(table: Table, spark: SparkSession) -> None:
    rule = merge_rule_of(table)()
    assert isinstance(rule, Winner) and set(rule.columns) == set(table.value_columns)
    assert_same_winners(spark, table, rule)


@pytest.mark.parametrize("order", [greatest, least])
def test_a_row_without_a_value_comes_before_all_others(order: Any, spark: SparkSession) -> None:
    profiles = get_table("silver_db.user_profile")
    assert_same_winners(spark, profiles, order("first_name", "updated", "dob", "zip", "city"))


def assert_same_winners(spark: SparkSession, table: Table, rule: Winner) -> None:
    """Among random rows, of which some lack values."""
    random_ = random.Random(5)
    kinds = [table.column(name).type for name in rule.columns]
    rows = [
        (key, *(random_.choice((*_VALUES[kind], None)) for kind in kinds))
        for key in range(40)
        for _ in range(random_.randint(1, 6))
    ]
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(rule.columns, kinds, strict=True))
    given = frame(spark, f"key bigint{', ' if columns else ''}{columns}", *rows)
    values = ", ".join((*rule.columns, "true AS seen"))
    last = given.groupBy("key").agg(F.expr(f"max_by(struct({values}), {rule.sequence(table)}) AS best"))
    best = given.groupBy("key").agg(rule.aggregate().alias("best"))
    names = [f"best.{name}" for name in rule.columns]
    assert found(last.select("key", *names)) == found(best.select("key", *names))
