"""Spark's own `spark-pipelines`, on the engine of the test run."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

_CONFIGURATION = {
    # Not as the format of each table: a second update would set it again, which Delta refuses.
    "spark.sql.sources.default": "delta",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.leafNodeDefaultParallelism": "1",
    "spark.sql.pipelines.maxFlowRetryAttempts": "0",
    "spark.sql.pipelines.execution.streamstate.pollingInterval": "1",
    "spark.databricks.delta.snapshotPartitions": "1",
}


class SparkPipelines:
    """One pipeline of one source file.

    Args:
        folder: where its project and its checkpoints lie.
        port: of the Spark Connect server that runs it.
    """

    def __init__(self, folder: Path, source: Path, port: int, configuration: Mapping[str, str]) -> None:
        self._port = port
        self._spec = folder / "spark-pipeline.yml"
        (folder / source.name).write_bytes(source.read_bytes())
        spec = {
            "name": "fitness",
            "storage": (folder / "storage").as_uri(),
            "catalog": "spark_catalog",
            "database": "bronz_db",
            "configuration": {**_CONFIGURATION, **configuration},
            "libraries": [{"glob": {"include": source.name}}],
        }
        self._spec.write_text(yaml.safe_dump(spec))

    def update(self, **variables: str) -> "subprocess.CompletedProcess[str]":
        """One update; what failed is in its output."""
        environment = {**os.environ, "SPARK_REMOTE": f"sc://127.0.0.1:{self._port}", **variables}
        command = [sys.executable, "-m", "pyspark.pipelines.cli", "run", "--spec", str(self._spec)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
