"""The resources: a Spark engine that starts when it is first needed, and the lakehouse."""

from dagster import ConfigurableResource
from pydantic import Field
from pyspark.sql import SparkSession

from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.settings import Settings


class SparkResource(ConfigurableResource[SparkSession]):
    """Spark in this process, on a cluster by `master`, or on the Spark Connect server that `SPARK_REMOTE` names."""

    master: str = Field(default="local[*]", description="Where Spark runs: local[*], spark://..., k8s://...")
    memory: str = Field(default="3g", description="Memory of the driver.")

    def session(self) -> SparkSession:
        """The session; the first call starts the engine."""
        from fitness_assets.engine.session import session

        return session(self.master, self.memory)


class LakehouseResource(ConfigurableResource[Lakehouse]):
    """The tables below `FITNESS_BASE_DIR`, as of `FITNESS_AS_OF`."""

    def lakehouse(self) -> Lakehouse:
        return Lakehouse(Settings.from_env())
