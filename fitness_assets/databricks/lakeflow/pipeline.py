"""The pipeline: a dataset for each contract, found by itself."""

from pyspark.sql import SparkSession

from fitness_assets.contracts.model import UpdateStrategy
from fitness_assets.contracts.registry import all_tables
from fitness_assets.databricks.lakeflow.api import Pipelines
from fitness_assets.databricks.lakeflow.bronze import define_bronze
from fitness_assets.databricks.lakeflow.computed import define_computed
from fitness_assets.databricks.lakeflow.configuration import PipelineConfiguration
from fitness_assets.databricks.lakeflow.silver import define_quarantine, define_upserted


def define_pipeline(pipelines: Pipelines, spark: SparkSession) -> None:
    """Define every table of the contracts.

    Args:
        pipelines: the module `pyspark.pipelines`.
        spark: the session of the pipeline, whose configuration says where records come from.

    Raises:
        SettingError: the configuration is not whole.
        ContractError: a table has a contract but no transform.
    """
    configuration = PipelineConfiguration.read(spark)
    for table in all_tables().values():
        match table.strategy:
            case UpdateStrategy.APPEND:
                define_bronze(pipelines, spark, table, configuration)
            case UpdateStrategy.UPSERT:
                define_upserted(pipelines, spark, table)
            case UpdateStrategy.QUARANTINE:
                define_quarantine(pipelines, spark, table)
            case UpdateStrategy.INCREMENTAL:
                define_computed(pipelines, spark, table, configuration.as_of)
