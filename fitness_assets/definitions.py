"""The one entry point for Dagster. Loading it starts no engine, opens no connection and reads no credentials."""

from dagster import AssetSelection, Definitions, define_asset_job, in_process_executor

from fitness_assets.defs.assets import table_assets
from fitness_assets.defs.external import external_assets
from fitness_assets.resources.platform import LakehouseResource, SparkResource

defs = Definitions(
    assets=[*external_assets(), table_assets()],
    jobs=[
        define_asset_job(
            "bring_everything_up_to_date",
            AssetSelection.groups("bronze", "silver", "gold"),
            description="Every table, from what landed to gold; what has nothing new is left as it is.",
        )
    ],
    resources={"spark": SparkResource(), "lakehouse": LakehouseResource()},
    executor=in_process_executor,
)
