"""A share of the random sequences; `make test-stress` does many, with seeds of their own."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from fitness_assets_tests.durability.stress import Sequence

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [1, 2])
def test_after_whatever_happens_one_update_makes_every_table_right(
    spark: SparkSession, tmp_path: Path, seed: int
) -> None:
    Sequence(tmp_path, lambda: spark, seed, print).run(8)
