"""The resources: Spark, here or on Databricks, and the lakehouse."""

import os
from enum import Enum

from dagster import ConfigurableResource
from pydantic import Field
from pyspark.sql import SparkSession

from fitness_assets.errors import SettingError
from fitness_assets.lakehouse.opening import open_lakehouse
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.settings import Settings


class Target(Enum):
    """Where updates happen; the value is that of `FITNESS_TARGET`."""

    LOCAL = "local"
    DATABRICKS = "databricks"


class SparkResource(ConfigurableResource[SparkSession]):
    """Spark in this process, on a cluster by `master`, on the Spark Connect server that `SPARK_REMOTE` names, or, with
    `FITNESS_TARGET=databricks`, as runs on a workspace."""

    master: str = Field(
        default="", description="Where Spark runs: local[*], spark://..., k8s://...; default: FITNESS_MASTER, local[*]"
    )
    memory: str = Field(default="3g", description="Memory of the driver.")

    @property
    def target(self) -> Target:
        """Where updates happen.

        Raises:
            SettingError: `FITNESS_TARGET` names no target.
        """
        name = os.environ.get("FITNESS_TARGET") or Target.LOCAL.value
        try:
            return Target(name)
        except ValueError:
            known = " or ".join(target.value for target in Target)
            raise SettingError(f"FITNESS_TARGET is {name!r}; it must be {known}.") from None

    def session(self) -> SparkSession:
        """The session; the first call starts the engine."""
        from fitness_assets.engine.session import session

        return session(self.master, self.memory)


class LakehouseResource(ConfigurableResource[Lakehouse]):
    """The tables below `FITNESS_BASE_DIR`, or in `FITNESS_CATALOG`, as of `FITNESS_AS_OF`."""

    spark: SparkResource

    def lakehouse(self) -> Lakehouse:
        return open_lakehouse(Settings.from_env(), self.spark.session)
