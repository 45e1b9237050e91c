"""The extraction."""

from dagster import AssetSelection, define_asset_job

from fitness_assets.defs.assets.sql_extraction import extracted_asset_keys

extract_from_sql = define_asset_job(
    "extract_from_sql",
    AssetSelection.assets(*extracted_asset_keys()),
    description="New and changed rows of the SQL source, landed as files.",
)
