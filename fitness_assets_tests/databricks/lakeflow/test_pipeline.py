"""The pipeline of the contracts on Spark Declarative Pipelines: every table equals the independent reference."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.databricks.lakeflow.datasets import expectations
from fitness_assets.sample.history import sample_arrivals
from fitness_assets.sample.people import Event
from fitness_assets_tests.databricks.lakeflow.open_source_run import OpenSourceRun
from fitness_assets_tests.end_to_end.reference import TABLES, Reference
from fitness_assets_tests.end_to_end.test_against_reference import UNTIDY
from fitness_assets_tests.platform import AS_OF
from fitness_assets_tests.rows import found

pytestmark = pytest.mark.slow

DELETED_PERSON = 10004


@pytest.fixture(scope="module")
def pipeline(
    tmp_path_factory: pytest.TempPathFactory, spark: SparkSession, connect_port: int
) -> Iterator[OpenSourceRun]:
    """The pipeline after two updates, of which the second brings what is late and corrected."""
    run = OpenSourceRun(tmp_path_factory.mktemp("lakeflow"), spark, connect_port, AS_OF.isoformat())
    events = sample_arrivals(UNTIDY)
    run.land([*events[::2], _profile_event(events, "delete", 86_400)], "first", in_topics=("bpm", "user_info"))
    run.update()
    run.land([*events[1::2], _profile_event(events, "update", 3_600)], "second", in_topics=("workout",))
    run.update()
    yield run
    run.drop()


@pytest.fixture(scope="module")
def reference(pipeline: OpenSourceRun) -> Reference:
    return Reference(pipeline.arrived, AS_OF)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_silver_and_gold_equals_the_reference(
    name: str, pipeline: OpenSourceRun, reference: Reference
) -> None:
    rows, expected = _rows(pipeline, name, TABLES[name]), reference.table(name)
    assert rows
    if name == "gold_db.workout_bpm_summary":
        means = [(row[:3], row[8]) for row in rows], [(row[:3], row[8]) for row in expected]
        assert all(math.isclose(one[1], other[1], abs_tol=1e-9) for one, other in zip(*map(sorted, means), strict=True))
        rows, expected = ([row[:8] + row[9:] for row in one] for one in (rows, expected))
    assert sorted(rows, key=repr) == sorted(expected, key=repr)


def test_a_profile_that_was_deleted_does_not_come_back_by_an_older_record_that_comes_later(
    pipeline: OpenSourceRun,
) -> None:
    events = pipeline.spark.table("bronz_db.kafka_multiplex_bz").where(f"event_user_id = {DELETED_PERSON}")
    assert {"delete", "update"} <= {row["event_update_type"] for row in events.collect()}
    assert (DELETED_PERSON,) not in _rows(pipeline, "silver_db.user_profile", "user_id")
    assert (DELETED_PERSON,) not in _rows(pipeline, "silver_db.user_bins", "user_id")


def test_every_record_is_in_bronze_and_what_is_refused_is_in_quarantine(
    pipeline: OpenSourceRun, reference: Reference
) -> None:
    quarantined = [source for (source,) in _rows(pipeline, "silver_db.quarantine", "source_table")]
    for source, landed in reference.landed.items():
        bronze = pipeline.spark.table(f"bronz_db.{source}")
        assert bronze.count() == landed
        assert quarantined.count(f"bronz_db.{source}") == reference.rejected[source]
        assert (
            bronze.where("NOT (" + expectations(get_table(f"bronz_db.{source}"))["accepted"] + ")").count()
            == (reference.rejected[source])
        )


def test_the_columns_are_those_of_the_contract_and_hold_what_it_expects(pipeline: OpenSourceRun) -> None:
    for name, table in all_tables().items():
        rows = pipeline.spark.table(name)
        assert rows.dtypes == [(column.name, column.type) for column in table.all_columns], name
        if table.key:
            violations = [f"count_if(NOT ({rule})) AS `{rule_name}`" for rule_name, rule in expectations(table).items()]
            assert not any(rows.selectExpr("0 AS none", *violations).head() or ()), name


def test_a_record_of_kafka_has_its_week_and_says_where_it_came_in(pipeline: OpenSourceRun) -> None:
    records = pipeline.spark.table("bronz_db.kafka_multiplex_bz").where("file_load IS NULL")
    assert found(records.select("source_file").distinct()) == [
        ("kafka://bpm",),
        ("kafka://user_info",),
        ("kafka://workout",),
    ]
    assert not records.where("week_part IS NULL OR date IS NULL").count()


def _profile_event(events: list[Event], update_type: str, seconds_later: int) -> Event:
    """What became of the profile of one person, so long after the last record of it."""
    profiles = [json.loads(text) for _, topic, text in events if topic == "user_info"]
    last = max(
        (profile for profile in profiles if profile.get("user_id") == DELETED_PERSON), key=lambda one: one["timestamp"]
    )
    time = last["timestamp"] + seconds_later
    return time, "user_info", json.dumps({**last, "update_type": update_type, "timestamp": time})


def _rows(pipeline: OpenSourceRun, name: str, columns: str) -> list[tuple[Any, ...]]:
    """Rows of a table, times without their zone."""
    rows = found(pipeline.spark.table(name), *[column.strip() for column in columns.split(",")])
    return [
        tuple(value.replace(tzinfo=None) if getattr(value, "tzinfo", None) else value for value in row) for row in rows
    ]
