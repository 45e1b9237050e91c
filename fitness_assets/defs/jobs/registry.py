"""All jobs, and the names that their runs have."""

from typing import Final

from fitness_assets.defs.jobs.erase_people import erase_people
from fitness_assets.defs.jobs.extract_from_sql import extract_from_sql
from fitness_assets.defs.jobs.maintain_tables import maintain_tables
from fitness_assets.defs.jobs.replay_quarantine import replay_quarantine
from fitness_assets.defs.jobs.stream_all_tables import stream_all_tables
from fitness_assets.defs.jobs.update_all_tables import update_all_tables

CLICKED: Final = "__ASSET_JOB"
"""Dagster's own name for what a click on assets, or `dagster asset materialize`, runs."""
ALL_JOBS = (update_all_tables, stream_all_tables, replay_quarantine, extract_from_sql, maintain_tables, erase_people)
JOB_NAMES = (*(job.name for job in ALL_JOBS), CLICKED)
