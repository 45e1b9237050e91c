"""Tables that are computed from other tables: materialized views of the same transforms."""

from datetime import date

from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.model import Table
from fitness_assets.databricks.lakeflow.api import Pipelines
from fitness_assets.databricks.lakeflow.datasets import define_view
from fitness_assets.pipeline.strategies.computed.strategy import as_contracted
from fitness_assets.transforms.registry import transform_of


def define_computed(pipelines: Pipelines, spark: SparkSession, table: Table, as_of: date) -> None:
    """Define a table as the view that its transform computes; where ages count, as of the day of the update."""

    def rows() -> DataFrame:
        sources = {source.name: spark.read.table(source.table) for source in table.sources}
        clock = {"as_of": as_of} if table.depends_on_date else {}
        return as_contracted(transform_of(table)(**sources, **clock), table)

    define_view(pipelines, table, rows)
