"""The one entry point for Dagster. Loading it starts no engine, opens no connection and reads no credentials."""

from dagster import Definitions, in_process_executor

from fitness_assets.defs.assets import table_assets
from fitness_assets.defs.external import external_assets
from fitness_assets.defs.jobs import jobs
from fitness_assets.defs.schedules import schedules
from fitness_assets.defs.sensors import sensors
from fitness_assets.defs.sql_source import sql_source_assets
from fitness_assets.resources.platform import LakehouseResource, SparkResource

defs = Definitions(
    assets=[*external_assets(), *sql_source_assets(), table_assets()],
    jobs=jobs(),
    sensors=sensors(),
    schedules=schedules(),
    resources={"spark": (spark := SparkResource()), "lakehouse": LakehouseResource(spark=spark)},
    executor=in_process_executor,
)
