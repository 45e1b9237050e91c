"""The tables of the contracts as a Lakeflow declarative pipeline, instead of our own updates.

What such a pipeline cannot hold is in docs/lakeflow.md.
"""

from fitness_assets.databricks.lakeflow.pipeline import define_pipeline

__all__ = ["define_pipeline"]
