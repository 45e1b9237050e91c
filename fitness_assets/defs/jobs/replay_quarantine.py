"""Bronze judged again."""

from dagster import AssetSelection, RunConfig, define_asset_job

from fitness_assets.defs.asset_metadata import GROUPS
from fitness_assets.defs.assets.table_assets import UPDATE_STEP, UpdateConfig

replay_quarantine = define_asset_job(
    "replay_quarantine",
    AssetSelection.groups(*GROUPS.values()),
    config=RunConfig(ops={UPDATE_STEP: UpdateConfig(judge_again=True)}),
    description="Every record of bronze judged again by the rules as they are now, and every table brought up to date: "
    "what is accepted now leaves quarantine. A changed rule does so by itself with the next update.",
)
