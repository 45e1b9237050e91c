# The source of the Lakeflow pipeline of deployment/lakeflow.yml. The tables are those of the wheel's contracts.
from pyspark import pipelines as dp

from fitness_assets.databricks.lakeflow import define_pipeline

define_pipeline(dp, spark)  # noqa: F821  # the pipeline's session is given
