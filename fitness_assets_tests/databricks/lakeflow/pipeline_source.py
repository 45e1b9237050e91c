"""The source that `spark-pipelines` loads in the tests; what Lakeflow loads is lakeflow/fitness_pipeline.py."""

from pathlib import Path

from fitness_assets.databricks.lakeflow import define_pipeline
from fitness_assets_tests.databricks.lakeflow.emulation import EmulatedPipelines, EmulatedSession

session = spark  # type: ignore[name-defined]  # noqa: F821  # given by whoever loads it
topics = Path(session.conf.get("tests.topics"))
define_pipeline(EmulatedPipelines(session), EmulatedSession(session, topics))
