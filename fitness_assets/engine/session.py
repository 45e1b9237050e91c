"""One Spark session: on the server that `SPARK_REMOTE` names, otherwise in this process."""

import os
from pathlib import Path

from pyspark.sql import SparkSession

from fitness_assets.engine.jars import class_path
from fitness_assets.engine.java import java_home, java_options

SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.files.maxPartitionBytes": "16m",
    "spark.sql.files.openCostInBytes": "64k",
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.databricks.delta.merge.materializeSource": "none",
    "spark.databricks.delta.optimizeWrite.enabled": "false",
}
"""What can be set on any session: exact times, and few partitions for small data."""

ENGINE = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.log.level": "ERROR",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.streaming.numRecentProgressUpdates": "1",
    "spark.sql.codegen.cache.maxEntries": "10000",
}
"""What an engine is started with."""


def session(master: str = "local[*]", memory: str = "3g", extra: dict[str, str] | None = None) -> SparkSession:
    """The Spark session of this process; a second call gives the same one.

    Raises:
        EngineError: there is no Java, or the jars are missing.
    """
    if os.environ.get("SPARK_REMOTE"):
        return _tuned(SparkSession.builder.remote(os.environ["SPARK_REMOTE"]).getOrCreate())
    running = SparkSession.getActiveSession()
    if running is not None:
        return running
    os.environ["JAVA_HOME"] = str(java_home())
    options = ENGINE | SESSION | {
        "spark.driver.extraClassPath": class_path(),
        "spark.driver.memory": memory,
        "spark.driver.extraJavaOptions": java_options(),
        "spark.sql.warehouse.dir": str(Path.cwd() / ".fitness" / "warehouse"),
    }
    builder = SparkSession.builder.master(master).appName("fitness_assets")
    for name, value in (options | (extra or {})).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _tuned(spark: SparkSession) -> SparkSession:
    for name, value in SESSION.items():
        spark.conf.set(name, value)
    return spark
