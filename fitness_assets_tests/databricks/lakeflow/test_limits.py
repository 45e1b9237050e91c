"""What docs/lakeflow.md says that open-source Spark refuses, and that a streaming table cannot follow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark import pipelines
from pyspark.sql import SparkSession

from fitness_assets_tests.databricks.lakeflow.spark_pipelines import SparkPipelines
from fitness_assets_tests.rows import found

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).with_name("limits_source.py")
TABLES = ("bronz_db.limits", "silver_db.limits_copied", "silver_db.limits_latest")


@pytest.fixture
def bronze(spark: SparkSession) -> Iterator[str]:
    """A bronze table of two people."""
    for schema in ("bronz_db", "silver_db"):
        spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    spark.sql(f"CREATE TABLE {TABLES[0]} USING DELTA AS SELECT id, 1 AS at FROM range(2)")
    yield TABLES[0]
    for table in TABLES:
        spark.sql(f"DROP TABLE IF EXISTS {table}")


def test_auto_cdc_into_delta_is_refused_and_a_deleted_record_ends_what_reads_it(
    bronze: str, spark: SparkSession, connect_port: int, tmp_path: Path
) -> None:
    pipeline = SparkPipelines(tmp_path, SOURCE, connect_port, {})
    assert "AUTOCDC_TARGET_DOES_NOT_SUPPORT_MERGE" in pipeline.update().stderr
    assert found(spark.table("silver_db.limits_copied")) == [(0, 1), (1, 1)]
    spark.sql(f"DELETE FROM {bronze} WHERE id = 0")
    spark.sql(f"INSERT INTO {bronze} VALUES (2, 1)")
    update = pipeline.update()
    assert "Flow 'spark_catalog.silver_db.limits_copied' has FAILED" in update.stdout
    assert "DELTA_SOURCE" in update.stdout
    assert found(spark.table("silver_db.limits_copied")) == [(0, 1), (1, 1)], "Who was deleted is still there."


def test_spark_has_auto_cdc_and_no_expectations() -> None:
    assert hasattr(pipelines, "create_auto_cdc_flow")
    assert not hasattr(pipelines, "expect_all")
