"""What a small change concerns is found in a table without Spark, and it is what reading all of it would give."""

import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.lakehouse import InRanges, Overlaps, Predicate, Where
from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse
from fitness_assets.lakehouse.rows import limits
from fitness_assets_tests.lakehouse.readings import HEART_RATE, NOON, append, in_process, lake_without_spark, readings


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalLakehouse:
    """Twenty files of a hundred readings each, read from disk."""
    monkeypatch.setattr(limits, "SMALL_TABLE_ROWS", 0)
    lake = lake_without_spark(tmp_path)
    lake.ensure(HEART_RATE)
    for number in range(20):
        append(lake, readings(range(number * 100, number * 100 + 100)))
    return lake


def found(
    lake: LocalLakehouse, *predicates: Predicate, among: tuple[pa.Table, ...] = (), version: int | None = None
) -> list[int]:
    values = [in_process(one) for one in among]
    rows = lake.lookup(HEART_RATE, version, predicates, values, is_intermediate=False).local
    assert rows is not None
    assert rows.schema.equals(arrow_schema(HEART_RATE))
    return sorted(rows["device_id"].to_pylist())


def inside(column: str, ranges: Sequence[tuple[object, object]]) -> Predicate:
    return Where(column, InRanges(ranges))


def at(seconds: float) -> object:
    return NOON + timedelta(seconds=seconds)


def test_ranges_of_numbers_and_times_with_both_ends(lake: LocalLakehouse) -> None:
    assert found(lake, inside("device_id", [(3, 3), (198, 201)])) == [3, 198, 199, 200, 201]
    assert found(lake, inside("time", [(at(99), at(100)), (at(1999), at(5000))])) == [99, 100, 1999]
    assert found(lake, inside("time", [(at(99), at(300))]), inside("device_id", [(0, 101)])) == [99, 100, 101]
    assert found(lake, Overlaps("time", "time", [(at(7), at(8))])) == [7, 8]


def test_no_range_at_all_is_no_row(lake: LocalLakehouse) -> None:
    assert found(lake, inside("device_id", [])) == []
    assert found(lake, inside("device_id", [(5000, 6000)])) == []


def test_only_rows_whose_values_are_among_the_given_ones(lake: LocalLakehouse) -> None:
    devices = pa.table({"device_id": pa.array([5, 5, 1500, None, 9999], pa.int64())})
    both = readings([7, 8]).select(["device_id", "time"])
    assert found(lake, among=(devices,)) == [5, 1500]
    assert found(lake, among=(both, pa.table({"device_id": [8, 9]}))) == [8]


def test_an_earlier_version_is_found_as_it_was(lake: LocalLakehouse) -> None:
    assert found(lake, inside("device_id", [(190, 205)]), version=2) == list(range(190, 200))


def test_many_rows_are_left_to_spark(lake: LocalLakehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LOCAL_ROWS", 10)
    with pytest.raises(AssertionError, match="without Spark"):
        found(lake, inside("device_id", [(0, 10)]))
    assert len(found(lake, inside("device_id", [(0, 9)]))) == 10


def test_a_time_within_the_millisecond_that_statistics_are_cut_to_is_found(lake: LocalLakehouse) -> None:
    late = readings([3000]).to_pylist()[0] | {"time": NOON + timedelta(seconds=3000, microseconds=999)}
    append(lake, pa.Table.from_pylist([late], arrow_schema(HEART_RATE)))
    assert found(lake, inside("time", [(late["time"], late["time"])])) == [3000]


def test_any_conditions_give_what_reading_all_rows_gives(lake: LocalLakehouse) -> None:
    rows = lake.rows(HEART_RATE).to_pylist()
    chance = random.Random(7)
    for _ in range(40):
        spans = [(low := chance.randrange(2100), low + chance.randrange(60)) for _ in range(chance.randrange(1, 4))]
        times = [(at(low), at(high)) for low, high in ((chance.randrange(1000), chance.randrange(900, 2100)),)]
        expected = [
            row["device_id"]
            for row in rows
            if any(low <= row["device_id"] <= high for low, high in spans) and times[0][0] <= row["time"] <= times[0][1]  # type: ignore[operator]
        ]
        assert found(lake, inside("device_id", spans), inside("time", times)) == sorted(expected)
