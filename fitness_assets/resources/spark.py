"""Spark: here, on a cluster, on a Spark Connect server, or on Databricks."""

from typing import Any

from dagster_pyspark import LazyPySparkResource
from dagster_spark.utils import flatten_dict
from pydantic import Field
from pyspark.sql import SparkSession

from fitness_assets.settings.dagster import DagsterSettings, Target


class SparkResource(LazyPySparkResource):
    """dagster-pyspark's lazy Spark, whose session our engine makes: in this process, on a cluster by `master`, on the
    Spark Connect server that `SPARK_REMOTE` names, or, with `FITNESS_TARGET=databricks`, as runs on a workspace."""

    spark_config: dict[str, Any] = Field(
        default={},
        description="Settings of Spark beside or instead of ours, flat or nested, where the engine is started here; a "
        "server and a workspace have their own.",
    )
    master: str = Field(
        default="", description="Where Spark runs: local[*], spark://..., k8s://...; default: FITNESS_MASTER, local[*]"
    )
    memory: str = Field(default="", description="Memory of the driver; it follows the machine if empty.")

    @property
    def target(self) -> Target:
        """Where updates happen.

        Raises:
            SettingError: `FITNESS_TARGET` names no target.
        """
        return DagsterSettings.from_env().target

    def session(self) -> SparkSession:
        """The session, as `spark_session` gives it; the first call starts the engine.

        Raises:
            EngineError: there is no Java, the jars are missing, or the server does not answer.
        """
        session: SparkSession = self.spark_session
        return session

    def _init_session(self) -> None:
        """Where dagster-pyspark makes the session. The engine is asked each time: it gives the same session again, or
        a new one where the server was started anew since."""
        from fitness_assets.engine.spark_session import get_spark_session

        extra = dict(flatten_dict(self.spark_config))  # type: ignore[no-untyped-call]  # theirs
        self._spark_session = get_spark_session(self.master, self.memory, extra)
