"""What a description of a table says of predictive optimization, in the words of Databricks' documentation."""

import pytest

from fitness_assets.lakehouse.predictive_optimization import is_enabled


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ENABLE", True),
        ("ENABLE (inherited from METASTORE main-metastore)", True),
        ("DISABLE (inherited from CATALOG prod)", False),
        ("", False),
    ],
)
def test_it_is_on_where_it_is_set_or_inherited(value: str, expected: bool) -> None:
    columns = [("time", "timestamp"), ("# Detailed Table Information", ""), ("Type", "MANAGED")]
    assert is_enabled([*columns, ("Predictive Optimization", value)]) is expected


def test_without_a_word_of_it_it_is_off() -> None:
    assert not is_enabled([("time", "timestamp"), ("Type", "ENABLE")])
