"""A share of the random sequences; `make test-stress` does many, with seeds of their own."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from fitness_assets_tests.durability.stress import Sequence, Step, steps_of
from fitness_assets_tests.durability.stress.__main__ import shortest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [1, 2])
def test_after_whatever_happens_one_update_makes_every_table_right(
    spark: SparkSession, tmp_path: Path, seed: int
) -> None:
    Sequence(tmp_path, lambda: spark, seed, print).run(steps_of(seed, 8))


def test_of_a_sequence_that_fails_the_steps_are_told_that_matter() -> None:
    steps = [Step(number, "land") for number in range(17)]
    assert [step.number for step in shortest(steps, lambda fewer: {3, 11} <= {step.number for step in fewer})] == [
        3,
        11,
    ]
