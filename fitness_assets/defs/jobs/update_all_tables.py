"""All tables once."""

from dagster import AssetSelection, define_asset_job

from fitness_assets.defs.asset_metadata import GROUPS

update_all_tables = define_asset_job(
    "update_all_tables",
    AssetSelection.groups(*GROUPS.values()),
    description="Every table, from what landed to gold; what has nothing new is left as it is.",
)
